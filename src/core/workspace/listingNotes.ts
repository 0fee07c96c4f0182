import type { ListingNote, NoGit } from './types.ts';

/**
 * Why a folder's files were not listed by git, what that means for them, and what to do about it, in sentences. The
 * walk knows git's ignore rules, but not which ignored files git tracks, and neither changes nor history.
 */
export function describeListingNote({ path, why, detail }: ListingNote): string {
  const where = path === '' ? 'this folder' : path;
  return `Git does not list ${where}: ${reasons[why](detail)} Its files are found by their place and by ignore files.`;
}

/** Whether it is worth a line where nobody asked: a folder that is no repository, or one not trusted, says so itself. */
export function isRemarkable({ why }: ListingNote): boolean {
  return why !== 'not-a-work-tree' && why !== 'untrusted';
}

const reasons: Readonly<Record<NoGit, (detail: string) => string>> = {
  untrusted: () => 'the workspace is not trusted, and git runs only where it is.',
  'git-missing': detail => `there is no git to run${quoted(detail)}. Install it, then start anew.`,
  'not-a-work-tree': () => 'it is in no work tree of git.',
  refused: () =>
    'git distrusts its owner. `git config --global --add safe.directory` and the folder’s path allows it.',
  'corrupt-index': detail => `its index is damaged${quoted(detail)}. \`git reset\` makes a new one.`,
  'ignored-by-parent': () => 'the repository around it ignores it.',
  virtual: () => 'it is reached through VS Code alone.',
  failed: detail => `git failed${quoted(detail)}.`,
};

function quoted(detail: string): string {
  const first = detail.trim().split('\n', 1)[0] ?? '';
  return first === '' ? '' : ` (${first.replace(/[.]$/, '').slice(0, 200)})`;
}
