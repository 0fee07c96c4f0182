/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds in hot loops */
import { compileMachine, CONTRACTION, DONE, WHITE_SPACE } from './asciiMachine.ts';
import {
  asciiSpaceEnd,
  contractionEnd,
  digitsEnd,
  isNewline,
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

  const machine = compileMachine({
    start: {
      letter: 'word',
      digit: 'digit1',
      space: 'blank1',
      blank: 'blank2',
      newline: 'space',
      apostrophe: 'contraction',
      sign: 'sign1',
    },
    blank1: { letter: 'word', sign: 'signs', space: 'space', blank: 'space', newline: 'space' },
    blank2: { letter: 'word', space: 'space', blank: 'space', newline: 'space' },
    sign1: { letter: 'word', sign: 'signs', newline: 'lines' },
    signs: { sign: 'signs', newline: 'lines' },
    lines: { newline: 'lines', high: 'done' },
    word: { letter: 'word' },
    digit1: maxDigits === 1 ? { high: 'done' } : { digit: 'digit2' },
    digit2: { digit: 'digit3' },
    digit3: { high: 'done' },
  });

  function next(bytes: Uint8Array, start: number): number {
    let at = start;
    let state = machine[bytes[at]!]!;
    while (state < DONE) state = machine[state | bytes[++at]!]!;
    if (state === DONE) return at;
    if (state === CONTRACTION) {
      const end = contractionEnd(bytes, start);
      if (end > start) return end;
    }
    return state === WHITE_SPACE && !trailingRun ? asciiSpaceEnd(bytes, start) : general(bytes, start);
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
      while (isNewline(bytes[end]!)) end++;
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
