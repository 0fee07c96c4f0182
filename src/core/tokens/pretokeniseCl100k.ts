/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds in hot loops */
import {
  A_BLANK,
  A_HIGH,
  A_LETTER,
  A_NEWLINE,
  A_OTHER,
  asciiClass,
  contractionEnd,
  digitsEnd,
  punctuationEnd,
  spaceEnd,
  type Splitter,
  type SplitterOptions,
} from './pretokenise.ts';
import { classAt, END, LETTER, NEWLINE, NUMBER, SPACE, widthOf } from './unicode.ts';

const BLANK = 0x20;

/**
 * cl100k's pattern and its descendants (Llama 3, Qwen):
 * `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
 *
 * `trailingRun` is the one thing OpenAI changed later (tiktoken 0.9: `\s++$` before `\s*[\r\n]`): white space that
 * reaches the end of the text is one piece, even where it holds a newline.
 */
export function cl100kSplitter(options: SplitterOptions & { readonly trailingRun: boolean }): Splitter {
  const { maxDigits, trailingRun } = options;

  function next(bytes: Uint8Array, start: number): number {
    let at = start;
    let kind = asciiClass[bytes[at]!]!;
    if (kind & (A_BLANK | A_OTHER)) {
      const after = contractionEnd(bytes, start);
      if (after > start) return after;
      const second = asciiClass[bytes[at + 1]!]!;
      if (second & A_HIGH) return general(bytes, start);
      if (second & A_LETTER) {
        kind = second;
        at++;
      }
    }
    if (kind & A_LETTER) {
      do kind = asciiClass[bytes[++at]!]!;
      while (kind & A_LETTER);
      return kind & A_HIGH ? general(bytes, start) : at;
    }
    if (kind & A_OTHER || (bytes[at] === BLANK && asciiClass[bytes[at + 1]!]! & A_OTHER)) {
      do kind = asciiClass[bytes[++at]!]!;
      while (kind & A_OTHER);
      if (kind & A_HIGH) return general(bytes, start);
      while (kind & A_NEWLINE) kind = asciiClass[bytes[++at]!]!;
      return at;
    }
    return general(bytes, start);
  }

  /** The same for any text: the pattern's alternatives in their order, contractions excepted. */
  function general(bytes: Uint8Array, start: number): number {
    const first = classAt(bytes, start);
    const second = start + widthOf(bytes[start]!);
    const word = first & (NEWLINE | LETTER | NUMBER) ? start : second;
    let end = word;
    while (classAt(bytes, end) & LETTER) end += widthOf(bytes[end]!);
    if (end > word) return end;
    if (first & NUMBER) return digitsEnd(bytes, start, maxDigits);
    const run = bytes[start] === BLANK ? second : start;
    end = punctuationEnd(bytes, run);
    if (end > run) {
      while (asciiClass[bytes[end]!]! & A_NEWLINE) end++;
      return end;
    }
    if (trailingRun) {
      end = start;
      while (classAt(bytes, end) & SPACE) end += widthOf(bytes[end]!);
      if (classAt(bytes, end) & END) return end;
    }
    return spaceEnd(bytes, start);
  }

  return { id: `cl100k/${maxDigits}${trailingRun ? '/trailing' : ''}`, next };
}
