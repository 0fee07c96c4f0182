import { describeLeftOut, type Inventory, type SourceFile } from '../workspace/types.ts';
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
    const best = bestForm(file);
    wantedTokens += best.tokens;
    if (left === null || best.tokens <= left) {
      planned.push(best);
      tokens += best.tokens;
      if (left !== null) left -= best.tokens;
    } else {
      const reason = `no room: it needs ${best.tokens} tokens (${name}; more wanted files came first)`;
      planned.push({ path: file.path, form: 'left-out', tokens: 0, reason });
    }
  }
  planned.sort(byPath);
  return { files: planned, fits: tokens === wantedTokens, tokens, wantedTokens };
}

/** Data goes shortened even where there is room: what its rows repeat would only distract. */
function bestForm({ path, tokens, shortened }: SourceFile): PlannedFile {
  if (shortened === undefined) return { path, form: 'full', tokens };
  const reason = `data: ${shortened.reason}; all of it would take ${tokens} tokens`;
  return { path, form: 'shortened', tokens: shortened.tokens, reason };
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
