import assert from 'node:assert/strict';
import { describeListingNote, isRemarkable } from '../../../src/core/workspace/listingNotes.ts';
import type { NoGit } from '../../../src/core/workspace/types.ts';

const end = ' Its files are found by their place and by ignore files.';

describe('why git did not list a folder, in words', () => {
  const cases: readonly (readonly [NoGit, string, string, boolean])[] = [
    ['untrusted', '', 'the workspace is not trusted, and git runs only where it is.', false],
    ['git-missing', '', 'there is no git to run. Install it, then start anew.', true],
    [
      'git-missing',
      'spawn EACCES',
      'there is no git to run (spawn EACCES). Install it, then start anew.',
      true,
    ],
    ['not-a-work-tree', 'fatal: not a git repository', 'it is in no work tree of git.', false],
    [
      'refused',
      'fatal: detected dubious ownership',
      'git distrusts its owner. `git config --global --add safe.directory` and the folder’s path allows it.',
      true,
    ],
    [
      'corrupt-index',
      'fatal: index file corrupt.\nmore',
      'its index is damaged (fatal: index file corrupt). `git reset` makes a new one.',
      true,
    ],
    ['ignored-by-parent', '', 'the repository around it ignores it.', true],
    ['virtual', '', 'it is reached through VS Code alone.', true],
    ['failed', 'fatal: odd', 'git failed (fatal: odd).', true],
  ];
  for (const [why, detail, words, remarkable] of cases)
    it(`${why}${detail === '' ? '' : ', with git’s own words'}`, () => {
      const note = { path: '', why, detail };
      assert.equal(describeListingNote(note), `Git does not list this folder: ${words}${end}`);
      assert.equal(isRemarkable(note), remarkable);
    });

  it('names the folder where there are several', () => {
    const note = { path: 'lib/inner', why: 'virtual', detail: '' } as const;
    assert.match(describeListingNote(note), /^Git does not list lib\/inner: /);
  });
});
