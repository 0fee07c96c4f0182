import { isUtf8 } from 'node:buffer';

import { contentHash, describeContent, nodeReads, readContent, readSource } from '../workspace/readSource.ts';
import { createSpareArena, type Allocate } from './arena.ts';
import { excerptSegment, fileSegment } from './frame.ts';
import type { Rendered, RenderFile } from './measureProtocol.ts';
import { excerptsAt, outlineLines } from './outline.ts';
import type { OutlineParser } from './outlineParser.ts';
import { asSent } from './redact.ts';
import { isPlain, plainSegment } from './segmentBytes.ts';
import { compact, joined } from './segments.ts';
import { shorten } from './shorten.ts';

export interface RenderDeps {
  /** See `asSent`. */
  readonly salt: string;
  readonly parser: OutlineParser;
  /** Memory for the segments that was used before; it comes back with them, and with what it took besides. */
  readonly spare?: readonly ArrayBuffer[] | undefined;
  /** The same, of whoever renders: where there is no `spare`, segments are made in it, and leave as copies. */
  readonly scratch: ArrayBuffer[];
}

/** Blocks that a renderer keeps. */
const mostScratch = 4;

/**
 * Frames one batch. A file that changed since it was planned comes back as none, never with other content. Secrets
 * are redacted as they were when it was measured, whatever has been allowed since.
 */
export async function renderFiles(
  files: readonly RenderFile[],
  maxFileBytes: number,
  deps: RenderDeps,
): Promise<Rendered> {
  const segments: (Uint8Array | null)[] = [];
  // Out of the others' way for as long as it is written to.
  const blocks = deps.spare === undefined ? deps.scratch.splice(0) : [...deps.spare];
  const allocate = createSpareArena(blocks);
  try {
    for (const file of files) segments.push(await renderFile(file, maxFileBytes, allocate, deps));
    if (deps.spare !== undefined) return { kind: 'rendered', ...joined(segments), blocks };
    return { kind: 'rendered', ...compact(segments) };
  } finally {
    if (deps.spare === undefined) deps.scratch.push(...blocks.slice(0, mostScratch - deps.scratch.length));
  }
}

async function renderFile(
  file: RenderFile,
  maxFileBytes: number,
  allocate: Allocate,
  { salt, parser }: RenderDeps,
): Promise<Uint8Array | null> {
  let source: ReturnType<typeof readSource>;
  if (file.content !== undefined) {
    source = readSource(file, { maxBytes: maxFileBytes });
    if (source.kind === 'skip' || source.hash !== file.hash) return null;
  } else {
    const read = readContent(file.absolutePath, maxFileBytes, nodeReads, { isChecked: true });
    if (read.kind === 'skip' || contentHash(read.bytes) !== file.hash) return null;
    if (isSentAsItIs(file, read.bytes)) return plainSegment(file.path, read.bytes, allocate);
    source = describeContent(file.path, read.bytes);
    if (source.kind === 'skip') return null;
  }
  return new TextEncoder().encode(await segmentOf(file, asSent(file, source.text, salt), source, parser));
}

/** Most files are: their bytes need not become a string. A NUL in text is UTF-16, which would pass for UTF-8. */
function isSentAsItIs({ form = 'full', secrets }: RenderFile, bytes: Buffer): boolean {
  return form === 'full' && secrets === undefined && !bytes.includes(0) && isUtf8(bytes) && isPlain(bytes);
}

async function segmentOf(
  { path, form, outline }: RenderFile,
  text: string,
  { language, lines }: { readonly language: string; readonly lines: number },
  parser: OutlineParser,
): Promise<string> {
  switch (form ?? 'full') {
    case 'full':
      return fileSegment(path, text);
    case 'shortened':
      return excerptSegment('shortened', path, lines, shorten(path, text)?.excerpts ?? []);
    case 'outline': {
      const kept = outline ?? (await outlineLines(language, text, parser));
      return excerptSegment('outline', path, lines, excerptsAt(text, kept));
    }
  }
}
