import type { Cell } from './layout.ts';

/** What a key means on the map, given the cell that is selected. */
export type KeyAction =
  | { readonly kind: 'select'; readonly cell: Cell }
  | { readonly kind: 'enter'; readonly cell: Cell }
  | { readonly kind: 'leave' }
  | { readonly kind: 'toggle'; readonly cell: Cell }
  | { readonly kind: 'none' };

const directions = new Map<string, readonly [x: number, y: number]>([
  ['ArrowLeft', [-1, 0]],
  ['ArrowRight', [1, 0]],
  ['ArrowUp', [0, -1]],
  ['ArrowDown', [0, 1]],
]);

/** Undefined: not a key of the map's, the page's to handle. `root` is the shown folder. */
export function actionOf(key: string, root: Cell, selected: Cell | undefined): KeyAction | undefined {
  const direction = directions.get(key);
  const siblings = (selected?.parent ?? root).children ?? [];
  const at = selected === undefined ? -1 : siblings.indexOf(selected);
  const to = (index: number): KeyAction => {
    const cell = siblings[Math.max(0, Math.min(siblings.length - 1, index))];
    return cell === undefined ? { kind: 'none' } : { kind: 'select', cell };
  };
  if (direction !== undefined)
    return selected === undefined
      ? to(0)
      : { kind: 'select', cell: neighbour(selected, siblings, direction) ?? selected };
  switch (key) {
    case 'Home':
      return to(0);
    case 'End':
      return to(siblings.length - 1);
    // By size, so that every sibling can be reached, however the arrows lead past it.
    case 'PageDown':
      return to(at + 1);
    case 'PageUp':
      return to(at - 1);
    case 'Escape':
    case 'Backspace':
      return { kind: 'leave' };
    case 'Enter':
      return selected === undefined ? { kind: 'none' } : { kind: 'enter', cell: selected };
    case ' ':
      return selected === undefined ? { kind: 'none' } : { kind: 'toggle', cell: selected };
    default:
      return undefined;
  }
}

/** The nearest sibling that lies that way; one beside the cell is nearer than one further up or down. */
function neighbour(
  from: Cell,
  siblings: readonly Cell[],
  [dx, dy]: readonly [number, number],
): Cell | undefined {
  let best: Cell | undefined;
  let least = Infinity;
  for (const to of siblings) {
    const ahead = dx === 0 ? gap(from, to, dy, 'y0', 'y1') : gap(from, to, dx, 'x0', 'x1');
    if (to === from || ahead < -0.5) continue;
    const aside = dx === 0 ? apart(from.x0, from.x1, to.x0, to.x1) : apart(from.y0, from.y1, to.y0, to.y1);
    const skew = dx === 0 ? Math.abs(from.x0 - to.x0) : Math.abs(from.y0 - to.y0);
    const distance = ahead + aside * 3 + skew / 100;
    if (distance < least) [best, least] = [to, distance];
  }
  return best;
}

/** How far `to` begins behind the end of `from`, looking that way; negative where it does not lie there. */
function gap(from: Cell, to: Cell, way: number, start: 'x0' | 'y0', end: 'x1' | 'y1'): number {
  return way > 0 ? to[start] - from[end] : from[start] - to[end];
}

/** Between two stretches; 0 where they overlap. */
function apart(a0: number, a1: number, b0: number, b1: number): number {
  return Math.max(0, b0 - a1, a0 - b1);
}
