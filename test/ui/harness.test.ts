import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { cloneCheckout, scratchFolder } from '../run/workspace.ts';
import * as drive from './driver.ts';

describe('a window with the packaged extension', () => {
  let scratch: string;
  let session: drive.Session;

  before(async () => {
    scratch = scratchFolder();
    session = await drive.openVSCode({ folder: await cloneCheckout(scratch) });
  });

  after(async () => {
    await session.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('runs a command of ours', async () => {
    await drive.runCommand(session.page, 'Longview: Show Log');
    await session.page.locator('.part.panel').getByText('Output').first().waitFor();
  });

  it('opens a file and tells where its cursor is', async () => {
    await drive.openFile(session.page, 'src/core/errors.ts');
    assert.equal(await drive.activeTab(session.page), 'errors.ts');
    assert.deepEqual(await drive.cursorPosition(session.page), { line: 1, column: 1 });
  });

  it('changes the theme', async () => {
    await drive.setTheme(session.page, 'high contrast');
    await drive.setTheme(session.page, 'light');
  });
});
