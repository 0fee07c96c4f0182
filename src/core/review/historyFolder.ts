import { basename, dirname, join } from 'node:path';

/**
 * Where a workspace's history lies, given the folder that VS Code lends us for the workspace
 * (`…/workspaceStorage/<id>/<extension>`). A second window on the same workspace is lent `<id>-1`, because most extensions
 * cannot share one (VS Code's `extHostStoragePaths`); the history can, and is to be the same in every window.
 */
export function historyFolder(storage: string): string {
  const own = dirname(storage);
  const [, id] = /^(-?[0-9a-f]{1,64})-\d$/.exec(basename(own)) ?? [];
  const shared = id === undefined ? own : join(dirname(own), id);
  return join(shared, basename(storage), 'history');
}
