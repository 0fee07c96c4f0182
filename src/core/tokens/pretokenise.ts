/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds in hot loops */
import {
  classAt,
  classOf,
  END,
  LETTER,
  LOWER,
  NEWLINE,
  NUMBER,
  SENTINEL,
  SPACE,
  UPPER,
  widthOf,
} from './unicode.ts';

/**
 * Cuts text into *pieces* (pre-tokens), which byte-pair encoding never merges across. `next` gives the end of the
 * piece that starts at `start`. `bytes` is valid UTF-8 closed by the sentinel byte 0xFF, and `start` is before it.
 * Every splitter is written by hand, because a regular expression costs more than all the rest of counting.
 * All of them are linear: what one call reads ahead, that call or the following one takes.
 */
export interface Splitter {
  readonly id: string;
  next(bytes: Uint8Array, start: number): number;
}

/** What differs within one family of patterns. */
export interface SplitterOptions {
  /** Most digits of one piece: `\p{N}{1,3}` or `\p{N}`. */
  readonly maxDigits: number;
}

/** Classes of bytes for the ASCII path. */
export const A_UPPER = 1;
export const A_LOWER = 2;
export const A_LETTER = A_UPPER | A_LOWER;
export const A_DIGIT = 4;
/** White space other than CR and LF. */
export const A_BLANK = 8;
export const A_NEWLINE = 16;
/** Punctuation and control characters. */
export const A_OTHER = 32;
/** Part of a character outside ASCII: the general path decides. */
export const A_HIGH = 64;

/** Class per byte; 0 for the sentinel, which ends every run. */
export const asciiClass: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === SENTINEL) return 0;
  if (byte >= 0x80) return A_HIGH;
  const bits = classOf(byte);
  if (bits & NEWLINE) return A_NEWLINE;
  if (bits & SPACE) return A_BLANK;
  if (bits & NUMBER) return A_DIGIT;
  if (bits & LETTER) return bits & UPPER ? A_UPPER : A_LOWER;
  return A_OTHER;
});

const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const BLANK = 0x20;

/**
 * End of `(?i:'s|'t|'re|'ve|'m|'ll|'d)` at `at`, or `at` where there is none. Case folding is Unicode's, so the
 * long s U+017F is an s; its UTF-8 form is C5 BF.
 */
export function contractionEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== APOSTROPHE) return at;
  const first = bytes[at + 1]! | 0x20;
  if (first === 0x73 || first === 0x74 || first === 0x6d || first === 0x64) return at + 2;
  if (bytes[at + 1] === 0xc5 && bytes[at + 2] === 0xbf) return at + 3;
  if (first !== 0x72 && first !== 0x76 && first !== 0x6c) return at;
  const second = bytes[at + 2]! | 0x20;
  return second === (first === 0x6c ? 0x6c : 0x65) ? at + 3 : at;
}

/** End of `\p{N}{1,max}` at `at`. */
export function digitsEnd(bytes: Uint8Array, at: number, max: number): number {
  let end = at;
  for (let taken = 0; taken < max && classAt(bytes, end) & NUMBER; taken++) end += widthOf(bytes[end]!);
  return end;
}

/** End of `\s*[\r\n]+|\s+(?!\S)|\s+` at `start`, which is white space. */
export function spaceEnd(bytes: Uint8Array, start: number): number {
  let end = start;
  let last = start;
  let afterNewline = -1;
  let bits = classAt(bytes, end);
  while (bits & SPACE) {
    last = end;
    end += widthOf(bytes[end]!);
    if (bits & NEWLINE) afterNewline = end;
    bits = classAt(bytes, end);
  }
  if (afterNewline >= 0) return afterNewline;
  // The last blank of a run belongs to the word after it, unless it is the whole run or nothing follows.
  return bits & END || last === start ? end : last;
}

/** o200k's pattern, which Llama 4 uses verbatim; `contractions: false` and one digit make Mistral's Tekken. */
export function o200kSplitter(options: SplitterOptions & { readonly contractions: boolean }): Splitter {
  const { maxDigits, contractions } = options;

  function next(bytes: Uint8Array, start: number): number {
    let at = start;
    let kind = asciiClass[bytes[at]!]!;
    if (kind & (A_BLANK | A_OTHER)) {
      const after = asciiClass[bytes[at + 1]!]!;
      if (after & A_HIGH) return general(bytes, start);
      if (after & A_LETTER) {
        kind = after;
        at++;
      }
    }
    if (kind & A_LETTER) {
      while (kind & A_UPPER) kind = asciiClass[bytes[++at]!]!;
      while (kind & A_LOWER) kind = asciiClass[bytes[++at]!]!;
      if (kind & A_HIGH) return general(bytes, start);
      return contractions && bytes[at] === APOSTROPHE ? contractionEnd(bytes, at) : at;
    }
    if (kind & (A_OTHER | A_BLANK)) {
      if (kind & A_OTHER || (bytes[at] === BLANK && asciiClass[bytes[at + 1]!]! & A_OTHER)) {
        do kind = asciiClass[bytes[++at]!]!;
        while (kind & A_OTHER);
        if (kind & A_HIGH) return general(bytes, start);
        while (kind & A_NEWLINE || bytes[at] === SLASH) kind = asciiClass[bytes[++at]!]!;
        return at;
      }
    }
    if (kind & (A_BLANK | A_NEWLINE)) {
      let afterNewline = -1;
      do {
        at++;
        if (kind & A_NEWLINE) afterNewline = at;
        kind = asciiClass[bytes[at]!]!;
      } while (kind & (A_BLANK | A_NEWLINE));
      if (kind & A_HIGH) return general(bytes, start);
      if (afterNewline >= 0) return afterNewline;
      return kind === 0 || at === start + 1 ? at : at - 1;
    }
    return kind & A_DIGIT ? digitsEnd(bytes, start, maxDigits) : general(bytes, start);
  }

  /** The same for any text: the pattern's alternatives in their order. */
  function general(bytes: Uint8Array, start: number): number {
    const first = classAt(bytes, start);
    const second = start + widthOf(bytes[start]!);
    let end = -1;
    if (!(first & (NEWLINE | LETTER | NUMBER))) {
      end = wordEnd(bytes, second, true);
      // Only a mark can be both the optional character before a word and the word itself.
      if (end < 0 && first & LOWER) end = second;
      if (end < 0) end = wordEnd(bytes, second, false);
    } else if (first & LETTER) {
      end = wordEnd(bytes, start, true);
      if (end < 0) end = wordEnd(bytes, start, false);
    }
    if (end >= 0) return contractions ? contractionEnd(bytes, end) : end;
    if (first & NUMBER) return digitsEnd(bytes, start, maxDigits);
    const run = bytes[start] === BLANK ? second : start;
    end = punctuationEnd(bytes, run);
    if (end > run) {
      while (bytes[end] === SLASH || asciiClass[bytes[end]!]! & A_NEWLINE) end++;
      return end;
    }
    return spaceEnd(bytes, start);
  }

  return { id: `o200k/${maxDigits}${contractions ? '' : '/plain'}`, next };
}

/**
 * `[U]*[L]+` (needing a lower-case part) or, where `lower` is false and the former failed, `[U]+[L]*`; -1 for no
 * match. The greedy `[U]*` gives back what it took up to the last character that is also in L, since marks and
 * caseless letters are in both.
 */
function wordEnd(bytes: Uint8Array, start: number, lower: boolean): number {
  let end = start;
  let afterBoth = -1;
  let bits = classAt(bytes, end);
  while (bits & UPPER) {
    end += widthOf(bytes[end]!);
    if (bits & LOWER) afterBoth = end;
    bits = classAt(bytes, end);
  }
  if (!lower) return end > start ? end : -1;
  if (!(bits & LOWER)) return afterBoth;
  while (bits & LOWER) {
    end += widthOf(bytes[end]!);
    bits = classAt(bytes, end);
  }
  return end;
}

/** End of `[^\s\p{L}\p{N}]+` at `at`, or `at`. */
export function punctuationEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (!(classAt(bytes, end) & (SPACE | LETTER | NUMBER | END))) end += widthOf(bytes[end]!);
  return end;
}
