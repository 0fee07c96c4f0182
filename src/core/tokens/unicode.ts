/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds in hot loops */
/**
 * Classes of code points, as the bits the pre-tokenisers' patterns ask for. The answers come from the running
 * Node's own `\p{…}` and are remembered per code point, so they follow its Unicode version (17 in Node 20.20);
 * a server's older tables can differ on code points assigned since.
 */

/** `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`: what o200k takes before the lower-case part of a word. */
export const UPPER = 1;
/** `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`: what o200k takes as the lower-case part; marks and caseless letters are both. */
export const LOWER = 2;
/** `\p{L}`. Marks are not letters: they may stand before a word, or in a run of punctuation. */
export const LETTER = 4;
/** `\p{N}`. */
export const NUMBER = 8;
/** `\s` as Rust's regex knows it: White_Space, so U+0085 is in and U+FEFF is not (JavaScript has it the other way). */
export const SPACE = 16;
/** CR or LF; always together with {@link SPACE}. */
export const NEWLINE = 32;
/** The sentinel byte 0xFF, which no UTF-8 text contains: the end of the input. */
export const END = 64;
/** Marks an answered code point; alone it means "none of the above". */
const KNOWN = 128;

export const SENTINEL = 0xff;

/** One byte per code point, untouched pages cost no memory. */
const classes = new Uint8Array(0x110000);

const questions: readonly (readonly [RegExp, number])[] = [
  [/[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]/u, UPPER],
  [/[\p{Ll}\p{Lm}\p{Lo}\p{M}]/u, LOWER],
  [/\p{L}/u, LETTER],
  [/\p{N}/u, NUMBER],
  [/\p{White_Space}/u, SPACE],
  [/[\r\n]/u, NEWLINE],
];

function classify(codePoint: number): number {
  const char = String.fromCodePoint(codePoint);
  let bits = KNOWN;
  for (const [pattern, bit] of questions) if (pattern.test(char)) bits |= bit;
  classes[codePoint] = bits;
  return bits;
}

/** Bits of one code point (0 to 0x10FFFF). */
export function classOf(codePoint: number): number {
  return classes[codePoint]! || classify(codePoint);
}

/** Bits of the character whose UTF-8 form starts at `at`; valid UTF-8 or the sentinel is the caller's promise. */
export function classAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return classOf(lead);
  if (lead === SENTINEL) return END;
  if (lead < 0xe0) return classOf(((lead & 31) << 6) | (bytes[at + 1]! & 63));
  const two = ((bytes[at + 1]! & 63) << 6) | (bytes[at + 2]! & 63);
  if (lead < 0xf0) return classOf(((lead & 15) << 12) | two);
  return classOf(((lead & 7) << 18) | (two << 6) | (bytes[at + 3]! & 63));
}

/** Bytes of the character whose first byte is `lead`. */
export function widthOf(lead: number): number {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}
