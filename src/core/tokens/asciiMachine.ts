import { classOf, LETTER, NEWLINE, NUMBER, SENTINEL, SPACE, UPPER } from './unicode.ts';

/** Kinds of bytes that the splitters' patterns tell apart. */
export const byteKinds = [
  'upper',
  'lower',
  'digit',
  /** U+0020, which may stand before punctuation. */
  'space',
  /** White space other than U+0020, CR and LF. */
  'blank',
  'newline',
  'apostrophe',
  'slash',
  /** Other punctuation and control characters. */
  'other',
  /** Part of a character outside ASCII. */
  'high',
  /** The sentinel. */
  'end',
] as const;
export type ByteKind = (typeof byteKinds)[number];

export function kindOf(byte: number): ByteKind {
  if (byte === SENTINEL) return 'end';
  if (byte >= 0x80) return 'high';
  if (byte === 0x20) return 'space';
  if (byte === 0x27) return 'apostrophe';
  if (byte === 0x2f) return 'slash';
  const bits = classOf(byte);
  if (bits & NEWLINE) return 'newline';
  if (bits & SPACE) return 'blank';
  if (bits & NUMBER) return 'digit';
  if (bits & LETTER) return bits & UPPER ? 'upper' : 'lower';
  return 'other';
}

/** How a machine stops; each is above every state. The byte it stopped at is not part of the piece. */
export const DONE = 0x8000;
/** Only the general path, which knows Unicode, can tell. */
export const GENERAL = 0x8001;
/** An apostrophe stands where a contraction may. */
export const CONTRACTION = 0x8002;
/** The piece begins with white space that more white space, or a newline, is part of. */
export const WHITE_SPACE = 0x8003;

/**
 * The next state or stop per byte kind, by state name; `start` comes first. What a row does not name is `high:
 * general`, and `done` for the rest.
 */
export type Rows = Readonly<Record<string, Readonly<Partial<Record<ByteKind | 'letter' | 'sign', string>>>>>;

const stops: Readonly<Record<string, number>> = {
  done: DONE,
  general: GENERAL,
  contraction: CONTRACTION,
  space: WHITE_SPACE,
};

/** `letter` in a row stands for both cases, `sign` for every kind of punctuation. */
const groups: Readonly<Partial<Record<ByteKind, 'letter' | 'sign'>>> = {
  upper: 'letter',
  lower: 'letter',
  apostrophe: 'sign',
  slash: 'sign',
  other: 'sign',
};

/**
 * A table that goes through ASCII text with one look-up per byte and one branch per piece: `next = table[state |
 * byte]`, beginning with state 0, while `next` is below {@link DONE}.
 */
export function compileMachine(rows: Rows): Uint16Array {
  const names = Object.keys(rows);
  const table = new Uint16Array(names.length << 8);
  for (const [index, row] of Object.values(rows).entries()) {
    for (let byte = 0; byte < 256; byte++) {
      const kind = kindOf(byte);
      const group = groups[kind];
      const target = row[kind] ?? (group && row[group]) ?? (kind === 'high' ? 'general' : 'done');
      const state = names.indexOf(target);
      table[(index << 8) | byte] = state >= 0 ? state << 8 : (stops[target] ?? GENERAL);
    }
  }
  return table;
}
