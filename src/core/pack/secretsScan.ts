/**
 * Finds many short literals in one pass, without regard to ASCII case. Looking two characters at a time, most
 * positions are jumped over (Wu and Manber's shift table), so that a megabyte takes about 2 ms; running every rule
 * over every file would cost more than counting its tokens does.
 */
export type LiteralScan = (text: string, onHit: (at: number, literal: number) => void) => void;

const ascii = 128;

/** `literals`: ASCII, three characters or more. Hits come in order of their place; several literals may share one. */
export function createLiteralScan(literals: readonly string[]): LiteralScan {
  const folded = literals.map(literal => literal.toLowerCase());
  const shortest = Math.min(...folded.map(literal => literal.length));
  // How far one may jump after seeing these two characters at the end of a window of the shortest literal's length.
  const shifts = new Uint8Array(ascii * ascii).fill(shortest - 1);
  const endings = new Map<number, number[]>();
  for (const [index, literal] of folded.entries()) {
    for (let end = 1; end < shortest; end++) {
      const pair = pairAt(literal, end);
      const shift = shortest - 1 - end;
      if (shift < (shifts[pair] ?? 0)) shifts[pair] = shift;
      if (shift === 0) endings.set(pair, [...(endings.get(pair) ?? []), index]);
    }
  }
  const fold = foldTable();

  return (text, onHit) => {
    for (let end = shortest - 1; end < text.length;) {
      const last = text.charCodeAt(end);
      // Nothing beyond ASCII is part of a literal, so none can span it.
      if (last >= ascii) {
        end += shortest;
        continue;
      }
      const before = text.charCodeAt(end - 1);
      if (before >= ascii) {
        end += shortest - 1;
        continue;
      }
      const pair = ((fold[before] ?? 0) << 7) | (fold[last] ?? 0);
      const shift = shifts[pair] ?? 0;
      if (shift > 0) {
        end += shift;
        continue;
      }
      const at = end - shortest + 1;
      for (const index of endings.get(pair) ?? []) {
        if (standsAt(text, at, folded[index] ?? '', fold)) onHit(at, index);
      }
      end++;
    }
  };
}

function pairAt(literal: string, end: number): number {
  return (literal.charCodeAt(end - 1) << 7) | literal.charCodeAt(end);
}

function foldTable(): Uint8Array {
  const fold = new Uint8Array(ascii);
  for (let code = 0; code < ascii; code++) fold[code] = code >= 65 && code <= 90 ? code + 32 : code;
  return fold;
}

function standsAt(text: string, at: number, literal: string, fold: Uint8Array): boolean {
  if (at + literal.length > text.length) return false;
  for (let i = 0; i < literal.length; i++) {
    const code = text.charCodeAt(at + i);
    if (code >= ascii || fold[code] !== literal.charCodeAt(i)) return false;
  }
  return true;
}
