import type { TokenCounter } from '../tokens/counter.ts';
import { languageOf } from '../workspace/language.ts';
import { readSource } from '../workspace/readSource.ts';
import { excerptSegment } from './frame.ts';
import { importsOf } from './imports.ts';
import { outlineKey, type Imports, type Outline, type Outlined, type RenderFile } from './measureProtocol.ts';
import { excerptsAt, hasOutline, outlineLines } from './outline.ts';
import type { OutlineParser } from './outlineParser.ts';

export interface OutlineDeps {
  readonly counter: TokenCounter;
  /** Counts by {@link outlineKey}; new ones are added. */
  readonly counts: Map<string, number>;
  readonly parser: OutlineParser;
}

/** Outlines and counts one batch. What was outlined before is known by its count, and not read. */
export async function outlineFiles(
  files: readonly RenderFile[],
  maxFileBytes: number,
  { counter, counts, parser }: OutlineDeps,
): Promise<Outlined> {
  const outlines: (Outline | null)[] = [];
  const counted: [string, number][] = [];
  for (const file of files) {
    if (!hasOutline(languageOf(file.path))) {
      outlines.push(null);
      continue;
    }
    const key = outlineKey(counter.id, file.path, file.hash);
    const known = counts.get(key);
    if (known !== undefined) {
      outlines.push(known === 0 ? null : { tokens: known });
      continue;
    }
    const outline = await outlineOf(file, maxFileBytes, counter, parser);
    outlines.push(outline ?? null);
    // A file that is not what it was is found out when it is rendered.
    if (outline === undefined) continue;
    counts.set(key, outline?.tokens ?? 0);
    counted.push([key, outline?.tokens ?? 0]);
  }
  return { kind: 'outlined', outlines, counted };
}

/** Null where there is nothing to outline, undefined where the file is not the one that was asked about. */
async function outlineOf(
  file: RenderFile,
  maxFileBytes: number,
  counter: TokenCounter,
  parser: OutlineParser,
): Promise<Outline | null | undefined> {
  const source = readSource(file, { maxBytes: maxFileBytes });
  if (source.kind === 'skip' || source.hash !== file.hash) return undefined;
  const lines = await outlineLines(source.language, source.text, parser);
  if (lines.length === 0) return null;
  const segment = excerptSegment('outline', file.path, source.lines, excerptsAt(source.text, lines));
  return { tokens: counter.countText(segment), lines };
}

/** What each file of one batch imports. A file that is gone imports nothing. */
export function importsOfFiles(files: readonly RenderFile[], maxFileBytes: number): Imports {
  const imports = files.map(file => {
    const source = readSource(file, { maxBytes: maxFileBytes });
    return source.kind === 'skip' ? '' : importsOf(source.language, source.text).join('\n');
  });
  return { kind: 'imports', imports };
}
