/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays, read within their bounds */

/**
 * Finds many short literals, without regard to ASCII case. Looking two bytes at a time, most places are jumped over (Wu
 * and Manber's shift table); running every rule over every file would cost more than counting its tokens does.
 * `utf8`: the text's bytes, where they are at hand, since a string's characters take twice as long to look at. Several
 * hits may share a place. Those of literals of {@link longEnough} characters come in order, then the others'.
 */
export type LiteralScan = (
  text: string,
  onHit: (at: number, literal: number) => void,
  utf8?: Uint8Array,
) => void;

/** A shorter literal would make all jumps short. It is looked for apart, and in the case it is given in. Characters. */
export const longEnough = 4;

/** `literals`: ASCII. */
export function createLiteralScan(literals: readonly string[]): LiteralScan {
  const all = literals.map((literal, index) => ({ index, literal }));
  const long = all.filter(({ literal }) => literal.length >= longEnough);
  const short = all.filter(({ literal }) => literal.length < longEnough);
  const walk = walkFor(
    long.map(({ index, literal }) => ({ index, bytes: Buffer.from(literal.toLowerCase()) })),
  );
  return (text, onHit, utf8 = Buffer.from(text)) => {
    const placeOf = places(text, utf8);
    walk(utf8, (byte, literal) => onHit(placeOf(byte), literal));
    for (const { index, literal } of short)
      for (let at = text.indexOf(literal); at !== -1; at = text.indexOf(literal, at + 1)) onHit(at, index);
  };
}

interface Literal {
  readonly index: number;
  /** In lower case. */
  readonly bytes: Uint8Array;
}

function walkFor(
  literals: readonly Literal[],
): (utf8: Uint8Array, onHit: (byte: number, literal: number) => void) => void {
  const shortest = Math.min(...literals.map(({ bytes }) => bytes.length));
  // How far one may jump after seeing these two bytes at the end of a window of the shortest literal's length.
  const shifts = new Uint8Array(1 << 16).fill(shortest - 1);
  const endings = new Map<number, Literal[]>();
  for (const literal of literals) {
    for (let end = 1; end < shortest; end++) {
      const shift = shortest - 1 - end;
      for (const pair of pairsOf(literal.bytes[end - 1]!, literal.bytes[end]!)) {
        if (shift < shifts[pair]!) shifts[pair] = shift;
        if (shift === 0) endings.set(pair, [...(endings.get(pair) ?? []), literal]);
      }
    }
  }
  return (utf8, onHit) => {
    for (let end = shortest - 1; end < utf8.length;) {
      const pair = (utf8[end - 1]! << 8) | utf8[end]!;
      const shift = shifts[pair]!;
      if (shift > 0) {
        end += shift;
        continue;
      }
      const at = end - shortest + 1;
      for (const { index, bytes } of endings.get(pair) ?? []) if (standsAt(utf8, at, bytes)) onHit(at, index);
      end++;
    }
  };
}

/** Two letters of any case. */
function pairsOf(first: number, second: number): readonly number[] {
  return casesOf(first).flatMap(a => casesOf(second).map(b => (a << 8) | b));
}

function casesOf(byte: number): readonly number[] {
  return byte >= 0x61 && byte <= 0x7a ? [byte, byte - 32] : [byte];
}

const folded = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte,
);

function standsAt(utf8: Uint8Array, at: number, literal: Uint8Array): boolean {
  if (at + literal.length > utf8.length) return false;
  for (let i = 0; i < literal.length; i++) if (folded[utf8[at + i]!] !== literal[i]) return false;
  return true;
}

/** Where a byte stands in the text; asked in order. */
function places(text: string, utf8: Uint8Array): (byte: number) => number {
  if (utf8.length === text.length) return byte => byte;
  let at = 0;
  let units = 0;
  return byte => {
    // A character begins with any byte but a continuation, and is two units where it has four of them.
    for (; at < byte; at++) if ((utf8[at]! & 0xc0) !== 0x80) units += utf8[at]! >= 0xf0 ? 2 : 1;
    return units;
  };
}
