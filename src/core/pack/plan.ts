import type { SourceFile } from '../workspace/types.ts';
import { rankFiles } from './rank.ts';
import type { Plan, PlannedFile } from './types.ts';

/** Files that `.longviewignore` leaves out, by path. */
export interface PlanOptions {
  /** Tokens for all file segments; null packs everything. */
  readonly room: number | null;
  /** Path → why the user does not want it. */
  readonly excluded?: ReadonlyMap<string, string>;
}

/**
 * Gives every file its form. The most wanted files get room first; one that is larger than what is left is passed
 * over and smaller ones still get their turn. Prompt order is path order, whatever the rank, so that an edit moves nothing.
 */
export function planPack(files: readonly SourceFile[], options: PlanOptions): Plan {
  const forms = new Map<string, PlannedFile>();
  let left = options.room;
  let tokens = 0;
  let wantedTokens = 0;
  for (const { file, name } of rankFiles(files)) {
    const excluded = options.excluded?.get(file.path);
    if (excluded !== undefined) {
      forms.set(file.path, { path: file.path, form: 'left-out', tokens: 0, reason: excluded });
      continue;
    }
    wantedTokens += file.tokens;
    if (left === null || file.tokens <= left) {
      forms.set(file.path, { path: file.path, form: 'full', tokens: file.tokens });
      tokens += file.tokens;
      if (left !== null) left -= file.tokens;
    } else {
      const reason = `no room: it needs ${file.tokens} tokens (${name}; more wanted files came first)`;
      forms.set(file.path, { path: file.path, form: 'left-out', tokens: 0, reason });
    }
  }
  const ordered = files
    .map(f => forms.get(f.path))
    .filter(f => f !== undefined)
    .sort(byPath);
  return { files: ordered, fits: ordered.every(f => f.form === 'full'), tokens, wantedTokens };
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
