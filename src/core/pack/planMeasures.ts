import { createHash } from 'node:crypto';

import { eachInTurns, pacer } from '../pace.ts';
import { counterIdOf, type CounterSource } from '../tokens/counterSource.ts';
import type { CountTable } from '../tokens/countTable.ts';
import type { FileHistory } from '../workspace/history.ts';
import { languageOf } from '../workspace/language.ts';
import type { SourceFile } from '../workspace/types.ts';
import type { Centrality } from './graph.ts';
import { hasImports } from './imports.ts';
import type { RenderFile } from './measureProtocol.ts';
import {
  outlineKey,
  type Central,
  type CountedEach,
  type History,
  type Imports,
  type Outlined,
  type PlanReply,
  type PlanRequest,
} from './planProtocol.ts';

/** What a planner needs to know of files besides their tokens; see `planWorkspace`. */
export interface PlanMeasurer {
  /** Tokens of many short texts, each by itself; in order. */
  countEach(texts: readonly string[], signal?: AbortSignal): Promise<number[]>;
  /** Tokens that outlines of these would take, in order; 0 where there is nothing to outline. */
  outlines(files: readonly SourceFile[], options: PlanMeasureOptions): Promise<Float64Array>;
  /** How central files are by what they import of each other; in order. */
  centrality(files: readonly SourceFile[], options: PlanMeasureOptions): Promise<Centrality>;
  /** As `readHistory`: to start git six times would hold the calling thread. */
  history(folder: string, known?: FileHistory, signal?: AbortSignal): Promise<FileHistory | undefined>;
}

export interface PlanMeasureOptions {
  readonly maxFileBytes: number;
  readonly signal?: AbortSignal;
}

/** Parsing is slow, counting a path is not. */
const outlineBatch = 16;
const importsBatch = 64;
const textBatch = 4096;

/**
 * What workers find out for planners, remembered: a plan that is made again after an edit costs that edit. `run` asks
 * a worker.
 */
export function createPlanMeasures(
  run: (request: PlanRequest, signal?: AbortSignal) => Promise<PlanReply>,
  counts: Pick<CountTable, 'get'>,
) {
  const linesByContent = byContent<readonly number[]>();
  const importsByContent = byContent<string>();
  /** By counter, then by text. */
  const tokensByText = new Map<string, Map<string, number>>();
  /** By the files asked about: to find out that 100,000 are as they were takes tens of ms and megabytes. */
  const graphs = new WeakMap<readonly SourceFile[], Centrality>();
  let lastGraph: { readonly digest: string; readonly centrality: Centrality } | undefined;

  /** The table's keys are hashes, which take long to make. By counter. */
  const outlineTokensOf = new Map<string, ReturnType<typeof byPathAndContent>>();

  function outlineTokens(id: string, file: SourceFile): number | undefined {
    const ofCounter = outlineTokensOf.get(id) ?? byPathAndContent();
    outlineTokensOf.set(id, ofCounter);
    const before = ofCounter.get(file);
    if (before !== undefined) return before;
    const tokens = counts.get(outlineKey(id, file));
    if (tokens !== undefined) ofCounter.set(file, tokens);
    return tokens;
  }

  const measuresWith = (counter: CounterSource): PlanMeasurer => ({
    async countEach(texts, signal) {
      const id = counterIdOf(counter);
      const known = tokensByText.get(id) ?? new Map<string, number>();
      tokensByText.set(id, known);
      const breathe = pacer(signal);
      const counts: (number | undefined)[] = [];
      for (const text of texts) {
        counts.push(known.get(text));
        if (counts.length % 1000 === 0) await breathe();
      }
      const unknown: number[] = [];
      for (const [i, count] of counts.entries()) if (count === undefined) unknown.push(i);
      await breathe();
      await inBatches(unknown, textBatch, async batch => {
        const asked = batch.map(i => texts[i] ?? '');
        const { tokens } = (await run({ kind: 'countEach', texts: asked, counter }, signal)) as CountedEach;
        for (const [i, at] of batch.entries()) {
          const count = tokens[i] ?? Infinity;
          counts[at] = count;
          remember(known, asked[i] ?? '', count);
        }
        await breathe();
      });
      return counts.map(count => count ?? Infinity);
    },

    async outlines(files, { maxFileBytes, signal }) {
      const id = counterIdOf(counter);
      const breathe = pacer(signal);
      const tokens = new Float64Array(files.length);
      const unknown: number[] = [];
      for (const [i, file] of files.entries()) {
        const known = outlineTokens(id, file);
        if (known === undefined) unknown.push(i);
        else tokens[i] = known;
        if (i % 200 === 0) await breathe();
      }
      await inBatches(unknown, outlineBatch, async batch => {
        const some = batch.flatMap(at => files[at] ?? []);
        const request = { kind: 'outline', files: some.map(asked), maxFileBytes, counter } as const;
        const { outlines } = (await run(request, signal)) as Outlined;
        for (const [i, at] of batch.entries()) {
          const outline = outlines[i] ?? null;
          if (outline === null) continue;
          tokens[at] = outline.tokens;
          const file = some[i];
          if (file !== undefined && outline.lines !== undefined) linesByContent.set(file, outline.lines);
        }
      });
      return tokens;
    },

    async history(folder, known, signal) {
      const asked = { kind: 'history', folder, known: known?.state } as const;
      const { history } = (await run(asked, signal)) as History;
      return history === 'same' ? known : (history ?? undefined);
    },

    async centrality(files, { maxFileBytes, signal }) {
      const before = graphs.get(files);
      if (before !== undefined) return before;
      const breathe = pacer(signal);
      const unknown: SourceFile[] = [];
      const parts: string[] = [];
      await eachInTurns(files, breathe, file => {
        parts.push(file.path);
        if (hasImports(file.language) && importsByContent.get(file) === undefined) unknown.push(file);
      });
      await inBatches(unknown, importsBatch, async batch => {
        const request = { kind: 'imports', files: batch.map(asked), maxFileBytes } as const;
        const { imports } = (await run(request, signal)) as Imports;
        for (const [i, file] of batch.entries()) importsByContent.set(file, imports[i] ?? '');
      });
      const found: string[] = [];
      await eachInTurns(files, breathe, file => found.push(importsByContent.get(file) ?? ''));
      // No path and no import holds a NUL.
      const paths = await joined(parts, breathe);
      const imports = await joined(found, breathe);
      const digest = `${paths.digest} ${imports.digest}`;
      let graph = lastGraph;
      if (graph?.digest !== digest) {
        const request = { kind: 'centrality', paths: paths.parts, imports: imports.parts } as const;
        const { centrality } = (await run(request, signal)) as Central;
        lastGraph = graph = { digest, centrality };
      }
      graphs.set(files, graph.centrality);
      return graph.centrality;
    },
  });

  return {
    measuresWith,
    /** With what is known of its outline, so that it need not be parsed again. */
    withOutline(file: RenderFile): RenderFile {
      const outline = file.form === 'outline' ? linesByContent.get(file) : undefined;
      return outline === undefined ? file : { ...file, outline };
    },
  };
}

interface Joined {
  readonly parts: readonly string[];
  /** Of the whole. */
  readonly digest: string;
}

/** With NULs between, in parts: the imports of a large repository have megabytes. */
async function joined(texts: readonly string[], breathe: () => Promise<void>): Promise<Joined> {
  const whole = createHash('sha256');
  const parts: string[] = [];
  for (let from = 0; from < texts.length;) {
    let to = from;
    for (let chars = 0; to < texts.length && chars < partChars; to++) chars += 1 + (texts[to]?.length ?? 0);
    const part = texts.slice(from, to).join('\0');
    whole.update(part).update('\0');
    parts.push(part);
    from = to;
    await breathe();
  }
  return { parts, digest: whole.digest('hex') };
}

/** UTF-16 units. */
const partChars = 64 * 1024;

/** What a worker needs of a file; the rest would only be copied. */
function asked({ path, absolutePath, hash, content, secrets }: RenderFile): RenderFile {
  return { path, absolutePath, hash, ...(content !== undefined && { content }), ...(secrets && { secrets }) };
}

/** What a file's language makes of its content, as it is sent; the first of {@link mostRemembered} is forgotten first. */
function byContent<T>() {
  const languages = new Map<string, Map<string, T>>();
  let size = 0;
  const of = (path: string) => {
    const language = languageOf(path);
    const known = languages.get(language) ?? new Map<string, T>();
    languages.set(language, known);
    return known;
  };
  return {
    get: (file: RenderFile) => of(file.path).get(contentKey(file)),
    set(file: RenderFile, value: T): void {
      const map = of(file.path);
      size -= map.size;
      map.set(contentKey(file), value);
      if (size + map.size > mostRemembered) map.delete(map.keys().next().value ?? '');
      size += map.size;
    },
  };
}

/**
 * A number for a file at its path, of its last content. Nothing is made for a file, and nothing is weak: a full
 * collection would look through every entry.
 */
function byPathAndContent() {
  const contents = new Map<string, string>();
  const numbers = new Map<string, number>();
  return {
    get: (file: RenderFile) =>
      contents.get(file.path) === contentKey(file) ? numbers.get(file.path) : undefined,
    set(file: RenderFile, value: number): void {
      remember(contents, file.path, contentKey(file));
      remember(numbers, file.path, value);
    },
  };
}

/** A hash that there is already, as a rule: 100,000 new strings are what the garbage collector pauses for. */
function contentKey({ hash, secrets }: RenderFile): string {
  if (secrets === undefined) return hash;
  const redacted = secrets.filter(s => !s.allowed).map(s => s.id);
  return redacted.length === 0 ? hash : `${hash} ${redacted.join(' ')}`;
}

async function inBatches<T>(
  items: readonly T[],
  size: number,
  each: (batch: readonly T[]) => Promise<void>,
): Promise<void> {
  let next = 0;
  const takeTurns = async () => {
    while (next < items.length) {
      const from = next;
      next += size;
      try {
        await each(items.slice(from, next));
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: mostBatches }, takeTurns));
}

/** Under way at once, so that no worker waits and 100,000 files are not asked about at once. */
const mostBatches = 24;

const mostRemembered = 200_000;

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size > mostRemembered) map.delete(map.keys().next().value ?? '');
}
