import { describeLeftOut, type Inventory } from '../workspace/types.ts';
import { rankFiles } from './rank.ts';
import type { Plan, PlannedFile } from './types.ts';

/**
 * Gives every file its form. The most wanted files get room first; one that is larger than what is left is passed
 * over and smaller ones still get their turn. Prompt order is path order, whatever the rank, so that an edit moves nothing.
 */
export function planPack(
  inventory: Pick<Inventory, 'files' | 'leftOut'>,
  /** Tokens for all file segments; null packs everything. */
  room: number | null,
): Plan {
  const planned: PlannedFile[] = inventory.leftOut.map(({ path, leftOutBy }) => ({
    path,
    form: 'left-out',
    tokens: 0,
    reason: describeLeftOut(leftOutBy),
  }));
  let left = room;
  let tokens = 0;
  let wantedTokens = 0;
  for (const { file, name } of rankFiles(inventory.files)) {
    wantedTokens += file.tokens;
    if (left === null || file.tokens <= left) {
      planned.push({ path: file.path, form: 'full', tokens: file.tokens });
      tokens += file.tokens;
      if (left !== null) left -= file.tokens;
    } else {
      const reason = `no room: it needs ${file.tokens} tokens (${name}; more wanted files came first)`;
      planned.push({ path: file.path, form: 'left-out', tokens: 0, reason });
    }
  }
  planned.sort(byPath);
  return { files: planned, fits: tokens === wantedTokens, tokens, wantedTokens };
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
