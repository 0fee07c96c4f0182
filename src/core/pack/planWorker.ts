import type { TokenCounter } from '../tokens/counter.ts';
import type { CounterSource } from '../tokens/counterSource.ts';
import type { CountTable } from '../tokens/countTable.ts';
import { languageOf } from '../workspace/language.ts';
import { readHistory } from '../workspace/history.ts';
import { readSource } from '../workspace/readSource.ts';
import { excerptSegment } from './frame.ts';
import { centrality } from './graph.ts';
import { importsOf } from './imports.ts';
import type { RenderFile } from './measureProtocol.ts';
import { excerptsAt, hasOutline, outlineLines } from './outline.ts';
import type { OutlineParser } from './outlineParser.ts';
import { asSent } from './redact.ts';
import { outlineKey, type Outline, type PlanReply, type PlanRequest } from './planProtocol.ts';

export interface PlanWorkerDeps {
  readonly counterOf: (source: CounterSource) => TokenCounter;
  /** Counts by {@link outlineKey}; new ones are added. */
  readonly counts: Pick<CountTable, 'get' | 'add'>;
  /** See `asSent`. */
  readonly salt: string;
  readonly parser: OutlineParser;
}

/** A worker's part of planning. */
export async function answerPlan(request: PlanRequest, deps: PlanWorkerDeps): Promise<PlanReply> {
  switch (request.kind) {
    case 'countEach': {
      const counter = deps.counterOf(request.counter);
      return { kind: 'countedEach', tokens: request.texts.map(text => counter.countText(text)) };
    }
    case 'outline': {
      const counter = deps.counterOf(request.counter);
      const outlines: (Outline | null)[] = [];
      for (const file of request.files) {
        outlines.push(await outlineFile(file, request.maxFileBytes, counter, deps));
      }
      return { kind: 'outlined', outlines };
    }
    case 'imports': {
      const { files, maxFileBytes } = request;
      return { kind: 'imports', imports: files.map(file => importsOfFile(file, maxFileBytes)) };
    }
    case 'centrality': {
      const whole = request.paths.join('\0');
      const paths = whole === '' ? [] : whole.split('\0');
      const imports = request.imports
        .join('\0')
        .split('\0')
        .map(found => (found === '' ? [] : found.split('\n')));
      return { kind: 'central', centrality: centrality(paths, imports) };
    }
    case 'history': {
      const { folder, known: state } = request;
      const known = state === undefined ? undefined : { state, changed: [], lastChanged: new Map() };
      const history = await readHistory(folder, { known });
      return {
        kind: 'history',
        history: history === undefined ? null : history === known ? 'same' : history,
      };
    }
  }
}

/** Null where there is nothing to outline, or where the file is not the one that was asked about. */
async function outlineFile(
  file: RenderFile,
  maxFileBytes: number,
  counter: TokenCounter,
  { counts, salt, parser }: PlanWorkerDeps,
): Promise<Outline | null> {
  if (!hasOutline(languageOf(file.path))) return null;
  const source = readSource(file, { maxBytes: maxFileBytes });
  if (source.kind === 'skip' || source.hash !== file.hash) return null;
  const text = asSent(file, source.text, salt);
  const lines = await outlineLines(source.language, text, parser);
  const segment = excerptSegment('outline', file.path, source.lines, excerptsAt(text, lines));
  const tokens = lines.length === 0 ? 0 : counter.countText(segment);
  counts.add(outlineKey(counter.id, file), tokens);
  return tokens === 0 ? null : { tokens, lines };
}

/** One a line. A file that is gone imports nothing. */
function importsOfFile(file: RenderFile, maxFileBytes: number): string {
  const source = readSource(file, { maxBytes: maxFileBytes });
  return source.kind === 'skip' ? '' : importsOf(source.language, source.text).join('\n');
}
