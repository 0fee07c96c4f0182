import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';

import type { TokenCounter } from '../tokens/counter.ts';
import type { CountTable } from '../tokens/countTable.ts';
import { lettersByScript } from '../tokens/estimate.ts';
import { readSource } from '../workspace/readSource.ts';
import type { ListedFile, Shortened, Skip, SourceFile } from '../workspace/types.ts';
import { excerptSegment, fileSegment } from './frame.ts';
import {
  cleanKey,
  countKey,
  rawCountKey,
  shortenedKey,
  type CountedFile,
  type CountedFiles,
  type Measured,
  type Rendered,
  type RenderFile,
} from './measureProtocol.ts';
import { excerptsAt, outlineLines } from './outline.ts';
import type { OutlineParser } from './outlineParser.ts';
import { asSent, redactFile, type Redacted, type SecretPolicy } from './redact.ts';
import { shorten, worthShortening } from './shorten.ts';

export interface MeasureDeps {
  readonly counter: TokenCounter;
  /** Counts by {@link countKey}; new ones are added. */
  readonly counts: Pick<CountTable, 'get' | 'add'>;
}

export interface MeasuringDeps extends MeasureDeps {
  readonly secrets: SecretPolicy;
  /** Files and folders that are never shortened. */
  readonly keepFull: readonly string[];
}

/** Reads and counts one batch, synchronously: in a worker that is the fast way (packers.md 2.3). */
export function measureFiles(
  files: readonly ListedFile[],
  maxFileBytes: number,
  deps: MeasuringDeps,
): Measured {
  const measured: SourceFile[] = [];
  const skips: Skip[] = [];
  const count = cached(deps);
  let readMs = 0;
  let scanMs = 0;
  let countMs = 0;
  for (const file of files) {
    const start = performance.now();
    const source = readSource(file, { maxBytes: maxFileBytes });
    const read = performance.now();
    readMs += read - start;
    if (source.kind === 'skip') {
      skips.push({ path: file.path, reason: source.reason });
      continue;
    }
    const { text, secrets } = scanned(file.path, source, deps);
    const scan = performance.now();
    scanMs += scan - read;
    // What is counted is what is sent: a redacted text is another content.
    const sent = text === source.text ? source.hash : sha256(text);
    const tokens = count(countKey(deps.counter.id, file.path, sent), () => fileSegment(file.path, text));
    const letters = lettersByScript(text);
    const shortened = isKept(file.path, deps.keepFull)
      ? undefined
      : shortenedForm(file.path, text, source.lines, shortenedKey(deps.counter.id, file.path, sent), count);
    countMs += performance.now() - scan;
    const { bytes, lines, language, hash, note } = source;
    const { path, absolutePath, content } = file;
    measured.push({
      path,
      absolutePath,
      ...(content !== undefined && { content }),
      bytes,
      lines,
      language,
      hash,
      tokens,
      ...(Object.keys(letters).length > 0 && { letters }),
      ...(secrets.length > 0 && { secrets }),
      ...(shortened !== undefined && shortened.tokens < tokens && { shortened }),
      ...(note !== undefined && { note }),
    });
  }
  return { kind: 'measured', files: measured, skips, readMs, scanMs, countMs };
}

/**
 * Looks for secrets, but not again in a content that has none. What is remembered is their number, in the cache of
 * counts: of a file that has some nothing is kept, so it is scanned each time.
 */
function scanned(
  path: string,
  source: { readonly text: string; readonly hash: string },
  { counts, secrets }: MeasuringDeps,
): Redacted {
  const key = cleanKey(path, source.hash);
  if (counts.get(key) === 0) return { text: source.text, secrets: [] };
  const redacted = redactFile(path, source.text, secrets);
  counts.add(key, redacted.secrets.length);
  return redacted;
}

/** Counted once for a content: 0 remembers that there is no such form. */
function shortenedForm(
  path: string,
  text: string,
  lines: number,
  key: Uint8Array,
  count: ReturnType<typeof cached>,
): Shortened | undefined {
  if (text.length < worthShortening || count.known(key) === 0) return undefined;
  const short = shorten(path, text);
  if (short === null) {
    count.note(key, 0);
    return undefined;
  }
  const tokens = count(key, () => excerptSegment('shortened', path, lines, short.excerpts));
  return { tokens, reason: short.reason };
}

function isKept(path: string, keepFull: readonly string[]): boolean {
  return keepFull.some(kept => path === kept || path.startsWith(kept.endsWith('/') ? kept : `${kept}/`));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Counts files as they are: a byte order mark and CRLF line ends count as what they are. A file in another encoding
 * counts as the text it decodes to, because no endpoint is sent UTF-16.
 */
export function countFiles(
  files: readonly ListedFile[],
  maxFileBytes: number,
  deps: MeasureDeps,
): CountedFiles {
  const all: CountedFile[] = [];
  const skips: Skip[] = [];
  const count = cached(deps);
  for (const file of files) {
    const source = readSource(file, { maxBytes: maxFileBytes });
    if (source.kind === 'skip') {
      skips.push({ path: file.path, reason: source.reason });
      continue;
    }
    const { text, bytes, language, eol, bom, encoding, hash } = source;
    const tokens = count(rawCountKey(deps.counter.id, hash), () =>
      bom && encoding === 'utf-8' ? `\uFEFF${text}` : text,
    );
    const traits = { crlf: eol === 'crlf' || eol === 'mixed', letters: lettersByScript(text) };
    all.push({ path: file.path, language, bytes, tokens, traits });
  }
  return { kind: 'countedFiles', files: all, skips };
}

/** Looks a count up, or makes and keeps it. */
function cached({ counter, counts }: MeasureDeps) {
  const count = (key: Uint8Array, text: () => string): number => {
    const known = counts.get(key);
    if (known !== undefined) return known;
    const tokens = counter.countText(text());
    counts.add(key, tokens);
    return tokens;
  };
  return Object.assign(count, {
    note: (key: Uint8Array, tokens: number) => counts.add(key, tokens),
    known: (key: Uint8Array) => counts.get(key),
  });
}

/**
 * Frames one batch. A file that changed since it was planned comes back as null, never with other content. Secrets
 * are redacted as they were when it was measured, whatever has been allowed since.
 */
export async function renderFiles(
  files: readonly RenderFile[],
  maxFileBytes: number,
  salt: string,
  parser: OutlineParser,
): Promise<Rendered> {
  const encoder = new TextEncoder();
  const segments: (Uint8Array | null)[] = [];
  for (const file of files) {
    const source = readSource(file, { maxBytes: maxFileBytes });
    if (source.kind === 'skip' || source.hash !== file.hash) segments.push(null);
    else {
      const text = asSent(file, source.text, salt);
      segments.push(encoder.encode(await segmentOf(file, text, source, parser)));
    }
  }
  return { kind: 'rendered', segments };
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
