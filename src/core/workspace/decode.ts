/** Bytes to text, exactly or not at all: no replacement character is ever put in, no guess passes for UTF-8. */
import { isUtf8 } from 'node:buffer';
import { decodeLegacy } from './legacy.ts';

export type Decoded =
  | {
      readonly kind: 'text';
      /** Without the BOM; line ends as they are. */
      readonly text: string;
      /** A WHATWG encoding label, or `utf-32le`, `utf-32be`. */
      readonly encoding: string;
      readonly bom: boolean;
    }
  | { readonly kind: 'binary' }
  | { readonly kind: 'undecodable' };

const binary: Decoded = { kind: 'binary' };
const undecodable: Decoded = { kind: 'undecodable' };

/** Judges by content alone: what a file is called does not make it text. */
export function decodeText(bytes: Buffer): Decoded {
  const marked = decodeMarked(bytes);
  if (marked !== undefined) return marked;
  if (bytes.includes(0)) return decodeWideUnmarked(bytes) ?? binary;
  if (isUtf8(bytes)) return { kind: 'text', text: bytes.toString('utf8'), encoding: 'utf-8', bom: false };
  if (looksBinary(bytes)) return binary;
  if (isDamagedUtf8(bytes)) return undecodable;
  const legacy = decodeLegacy(bytes);
  return legacy === undefined ? undecodable : { kind: 'text', ...legacy, bom: false };
}

/** What a byte order mark says; `undefined` where there is none. */
function decodeMarked(bytes: Buffer): Decoded | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) {
    const rest = bytes.subarray(3);
    if (rest.includes(0)) return binary;
    return isUtf8(rest)
      ? { kind: 'text', text: rest.toString('utf8'), encoding: 'utf-8', bom: true }
      : undecodable;
  }
  if (bytes.length % 4 === 0 && a === 0xff && b === 0xfe && c === 0 && d === 0)
    return wide(bytes.subarray(4), 'utf-32le');
  if (bytes.length % 4 === 0 && a === 0 && b === 0 && c === 0xfe && d === 0xff)
    return wide(bytes.subarray(4), 'utf-32be');
  if (a === 0xff && b === 0xfe) return wide(bytes.subarray(2), 'utf-16le');
  if (a === 0xfe && b === 0xff) return wide(bytes.subarray(2), 'utf-16be');
  return undefined;
}

function wide(bytes: Buffer, encoding: WideEncoding): Decoded {
  const text = decodeWide(bytes, encoding);
  // A file that merely begins like a BOM (some MPEG audio does) decodes to rubbish.
  if (text === undefined) return looksBinary(bytes) ? binary : undecodable;
  return text.includes('\0') ? binary : { kind: 'text', text, encoding, bom: true };
}

type WideEncoding = 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be';

function decodeWide(bytes: Buffer, encoding: WideEncoding): string | undefined {
  if (encoding.startsWith('utf-32')) return decodeUtf32(bytes, encoding === 'utf-32le');
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** `TextDecoder` has no UTF-32. */
function decodeUtf32(bytes: Buffer, littleEndian: boolean): string | undefined {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 4) {
    const point = littleEndian ? bytes.readUInt32LE(i) : bytes.readUInt32BE(i);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    parts.push(String.fromCodePoint(point));
  }
  return parts.join('');
}

const sampleBytes = 65_536;

/** UTF-16 without a BOM: NULs on one side of the units only, and what comes out reads as text. */
function decodeWideUnmarked(bytes: Buffer): Decoded | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  const sides = [0, 0];
  const end = Math.min(bytes.length, sampleBytes);
  for (let i = 0; i < end; i++) if (bytes[i] === 0) sides[i % 2] = (sides[i % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = sides;
  if (even > 0 === odd > 0) return undefined;
  const encoding = odd > 0 ? 'utf-16le' : 'utf-16be';
  const text = decodeWide(bytes, encoding);
  if (text === undefined || !readsAsText(text)) return undefined;
  return { kind: 'text', text, encoding, bom: false };
}

/** Mostly ASCII, or East Asian with some ASCII among it: numbers stored as 16-bit units are neither. */
function readsAsText(text: string): boolean {
  if (/[\p{Cn}\p{Co}\p{Cs}]|[\0-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]/u.test(text)) return false;
  const sample = text.slice(0, sampleBytes);
  const ascii = sample.match(/[\t\n\f\r -~]/g)?.length ?? 0;
  if (ascii * 5 >= sample.length) return true;
  const eastAsian = sample.match(/[\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]/g)?.length ?? 0;
  return sample.length >= 8 && (ascii + eastAsian) * 10 >= sample.length * 9;
}

/** Formats that may hold no NUL and few controls: PDF, ZIP, gzip, bzip2, xz, 7z, GIF, JPEG, RIFF, Ogg, ID3, FLAC, WOFF. */
const signature =
  /^(%PDF-|PK\x03\x04|\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|GIF8|\xff\xd8\xff|RIFF|OggS|ID3|fLaC|wOF)/;

/** Legacy text has next to no control characters, compressed data has 10 %. NULs are the caller's affair. */
function looksBinary(bytes: Buffer): boolean {
  if (signature.test(bytes.toString('latin1', 0, 8))) return true;
  const end = Math.min(bytes.length, sampleBytes);
  let controls = 0;
  for (let i = 0; i < end; i++) {
    const byte = bytes[i] ?? 0;
    // Bell to carriage return, the DOS end-of-file mark and escape do occur in texts.
    if ((byte > 0 && byte < 7) || (byte > 13 && byte < 32 && byte !== 26 && byte !== 27) || byte === 127)
      controls++;
  }
  return controls * 200 > end;
}

/**
 * UTF-8 with something broken in it (a cut character, CESU-8 surrogates), as opposed to another encoding, in which
 * multi-byte sequences that happen to be UTF-8 are rare. Decoding such a file as Latin-1 would give mojibake.
 */
function isDamagedUtf8(bytes: Buffer): boolean {
  let sound = 0;
  let broken = 0;
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i] ?? 0;
    if (lead < 0x80) {
      i++;
      continue;
    }
    const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const sequence = bytes.subarray(i, i + length);
    const continued =
      lead >= 0xc2 && lead <= 0xf4 && sequence.length === length && hasContinuations(sequence);
    if (continued) sound++;
    else broken++;
    i += continued ? length : 1;
  }
  return sound > broken;
}

function hasContinuations(sequence: Buffer): boolean {
  for (let i = 1; i < sequence.length; i++) if (((sequence[i] ?? 0) & 0xc0) !== 0x80) return false;
  return true;
}
