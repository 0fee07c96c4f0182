/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds in hot loops */
import { compileMachine, CONTRACTION, DONE, WHITE_SPACE } from './asciiMachine.ts';
import { classAt, END, LETTER, LOWER, NEWLINE, NUMBER, SENTINEL, SPACE, UPPER, widthOf } from './unicode.ts';

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

/** The ASCII part of o200k's pattern; white space that is more than one sign goes to {@link spaceEnd}. */
function o200kMachine(maxDigits: number, contractions: boolean): Uint16Array {
  const apostrophe = contractions ? 'contraction' : 'done';
  return compileMachine({
    start: {
      upper: 'upper',
      lower: 'lower',
      digit: 'digit1',
      space: 'blank1',
      blank: 'blank2',
      newline: 'space',
      sign: 'sign1',
    },
    // One blank, or one sign, that may belong to the word after it.
    blank1: {
      upper: 'upper',
      lower: 'lower',
      sign: 'signs',
      space: 'space',
      blank: 'space',
      newline: 'space',
    },
    blank2: { upper: 'upper', lower: 'lower', space: 'space', blank: 'space', newline: 'space' },
    sign1: { upper: 'upper', lower: 'lower', sign: 'signs', newline: 'lines' },
    signs: { sign: 'signs', newline: 'lines' },
    lines: { newline: 'lines', slash: 'lines', high: 'done' },
    upper: { upper: 'upper', lower: 'lower', apostrophe },
    lower: { lower: 'lower', apostrophe },
    digit1: maxDigits === 1 ? { high: 'done' } : { digit: 'digit2' },
    digit2: { digit: 'digit3' },
    digit3: { high: 'done' },
  });
}

/** {@link spaceEnd}, quicker where the white space and what follows it are ASCII. */
export function asciiSpaceEnd(bytes: Uint8Array, start: number): number {
  let end = start;
  let afterNewline = -1;
  let byte = bytes[end]!;
  while (byte === BLANK || (byte >= 9 && byte <= 13)) {
    end++;
    if (isNewline(byte)) afterNewline = end;
    byte = bytes[end]!;
  }
  if (byte >= 0x80 && byte !== SENTINEL) return spaceEnd(bytes, start);
  if (afterNewline >= 0) return afterNewline;
  return byte === SENTINEL || end === start + 1 ? end : end - 1;
}

export function isNewline(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d;
}

/** o200k's pattern, which Llama 4 uses verbatim; `contractions: false` and one digit make Mistral's Tekken. */
export function o200kSplitter(options: SplitterOptions & { readonly contractions: boolean }): Splitter {
  const { maxDigits, contractions } = options;
  const machine = o200kMachine(maxDigits, contractions);

  function next(bytes: Uint8Array, start: number): number {
    let at = start;
    let state = machine[bytes[at]!]!;
    while (state < DONE) state = machine[state | bytes[++at]!]!;
    if (state === DONE) return at;
    if (state === WHITE_SPACE) return asciiSpaceEnd(bytes, start);
    return state === CONTRACTION ? contractionEnd(bytes, at) : general(bytes, start);
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
      while (bytes[end] === SLASH || isNewline(bytes[end]!)) end++;
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
