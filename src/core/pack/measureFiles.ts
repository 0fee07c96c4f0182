import { hash } from 'node:crypto';
import { performance } from 'node:perf_hooks';

import type { TokenCounter } from '../tokens/counter.ts';
import type { CountTable } from '../tokens/countTable.ts';
import { lettersByScript } from '../tokens/estimate.ts';
import { describeContent, nodeReads, readContent, readSource } from '../workspace/readSource.ts';
import { lookAt, noStamp } from '../workspace/stamp.ts';
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
} from './measureProtocol.ts';
import { chunkOf } from './measuredStore.ts';
import {
  measuredKey,
  recordOf,
  type Found,
  type MeasuredEntry,
  type MeasuredTable,
} from './measuredTable.ts';
import { redactFile, type Redacted, type SecretPolicy } from './redact.ts';
import { isPlain, plainSegment } from './segmentBytes.ts';
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
  /** What is known of files that have not changed; absent, all are read. */
  readonly known?: MeasuredTable;
}

/**
 * Reads and counts one batch, synchronously: in a worker that is the fast way (packers.md 2.3). What is known of a
 * file by its stamp is taken from there, and the file is not read.
 */
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
  const fresh: Pick<MeasuredEntry, 'key' | 'record'>[] = [];
  for (const file of files) {
    const start = performance.now();
    // Before the content is read, so that a stamp never stands for what was there before it.
    const { stamp, size } =
      file.content === undefined ? lookAt(file.absolutePath) : { stamp: noStamp, size: undefined };
    const isFull = isKept(file.path, deps.keepFull);
    const key = measuredKey(`${deps.counter.id} ${isFull} ${maxFileBytes}`, file);
    const known = stamp === noStamp ? undefined : deps.known?.find(key, stamp, file);
    if (known?.kind === 'file') measured.push(known.file);
    if (known?.kind === 'skip') skips.push(known.skip);
    if (known !== undefined) {
      readMs += performance.now() - start;
      continue;
    }
    const keep = (found: Found) => {
      const record = stamp === noStamp ? undefined : recordOf(stamp, found);
      if (record !== undefined) fresh.push({ key, record });
    };
    const content =
      file.content === undefined
        ? readContent(file.absolutePath, maxFileBytes, nodeReads, { size })
        : undefined;
    const source =
      content?.kind === 'bytes'
        ? describeContent(file.path, content.bytes)
        : (content ?? readSource(file, { maxBytes: maxFileBytes }));
    const read = performance.now();
    readMs += read - start;
    if (source.kind === 'skip') {
      const skip = { path: file.path, reason: source.reason };
      skips.push(skip);
      keep({ kind: 'skip', skip });
      continue;
    }
    const { encoding, bom } = source;
    const utf8 = encoding === 'utf-8' && !bom && content?.kind === 'bytes' ? content.bytes : undefined;
    const { text, secrets } = scanned(file.path, source, deps, utf8);
    const scan = performance.now();
    scanMs += scan - read;
    // What is counted is what is sent: a redacted text is another content.
    const sent = text === source.text ? source.hash : sha256(text);
    const asRead = text === source.text ? utf8 : undefined;
    const tokens = count(countKey(deps.counter.id, file.path, sent), () =>
      asRead !== undefined && isPlain(asRead)
        ? plainSegment(file.path, asRead)
        : fileSegment(file.path, text),
    );
    // As many bytes as characters: all is ASCII.
    const letters = asRead?.length === text.length ? {} : lettersByScript(text);
    const shortKey = () => shortenedKey(deps.counter.id, file.path, sent);
    const shortened = isFull ? undefined : shortenedForm(file.path, text, source.lines, shortKey, count);
    countMs += performance.now() - scan;
    const { bytes, lines, language, hash, note } = source;
    const { path, absolutePath } = file;
    const found: SourceFile = {
      path,
      absolutePath,
      ...(file.content !== undefined && { content: file.content }),
      bytes,
      lines,
      language,
      hash,
      tokens,
      ...(Object.keys(letters).length > 0 && { letters }),
      ...(secrets.length > 0 && { secrets }),
      ...(shortened !== undefined && shortened.tokens < tokens && { shortened }),
      ...(note !== undefined && { note }),
    };
    measured.push(found);
    keep({ kind: 'file', file: found });
  }
  const news = fresh.length > 0 && { fresh: chunkOf(fresh) };
  return { kind: 'measured', files: measured, skips, ...news, readMs, scanMs, countMs };
}

/**
 * Looks for secrets, but not again in a content that has none. What is remembered is their number, in the cache of
 * counts: of a file that has some nothing is kept, so it is scanned each time.
 */
function scanned(
  path: string,
  source: { readonly text: string; readonly hash: string },
  { counts, secrets }: MeasuringDeps,
  utf8: Uint8Array | undefined,
): Redacted {
  const key = cleanKey(path, source.hash);
  if (counts.get(key) === 0) return { text: source.text, secrets: [] };
  const redacted = redactFile(path, source.text, secrets, utf8);
  counts.add(key, redacted.secrets.length);
  return redacted;
}

/** Counted once for a content: 0 remembers that there is no such form. */
function shortenedForm(
  path: string,
  text: string,
  lines: number,
  keyOf: () => Uint8Array,
  count: ReturnType<typeof cached>,
): Shortened | undefined {
  if (text.length < worthShortening) return undefined;
  const key = keyOf();
  if (count.known(key) === 0) return undefined;
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
  return hash('sha256', text, 'hex');
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

/** Longer than instructions and frames are, a text is not likely to be counted again. */
const mostRemembered = 16_384;

/** Instructions and frames are the same from run to run: with their counts known, no vocabulary need be loaded. */
export function countText(counter: TokenCounter, text: string, counts: MeasureDeps['counts']): number {
  if (text.length > mostRemembered) return counter.countText(text);
  return cached({ counter, counts })(rawCountKey(counter.id, sha256(text)), () => text);
}

/** Looks a count up, or makes and keeps it. */
function cached({ counter, counts }: MeasureDeps) {
  const count = (key: Uint8Array, text: () => string | Uint8Array): number => {
    const known = counts.get(key);
    if (known !== undefined) return known;
    const made = text();
    const tokens = typeof made === 'string' ? counter.countText(made) : counter.countUtf8(made);
    counts.add(key, tokens);
    return tokens;
  };
  return Object.assign(count, {
    note: (key: Uint8Array, tokens: number) => counts.add(key, tokens),
    known: (key: Uint8Array) => counts.get(key),
  });
}
