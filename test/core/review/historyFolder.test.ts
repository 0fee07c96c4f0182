import assert from 'node:assert/strict';
import { join } from 'node:path';

import { historyFolder } from '../../../src/core/review/historyFolder.ts';

describe('the history’s folder', () => {
  const storage = (id: string) => join('/', 'User', 'workspaceStorage', id, 'longview.longview');
  for (const [id, shared] of [
    ['3d0ac01f', '3d0ac01f'],
    ['3d0ac01f-1', '3d0ac01f'],
    // code-server’s ids are signed numbers.
    ['-36bb42c6-1', '-36bb42c6'],
    ['-36bb42c6', '-36bb42c6'],
    ['9f86d081884c7d659a2feaa0c55ad015-9', '9f86d081884c7d659a2feaa0c55ad015'],
    // The ids of windows without a folder are times, or names.
    ['ext-dev', 'ext-dev'],
    ['vscode-chat-1', 'vscode-chat-1'],
  ] as const) {
    it(`of the storage ${id} is in ${shared}`, () => {
      assert.equal(historyFolder(storage(id)), join(storage(shared), 'history'));
    });
  }
});
