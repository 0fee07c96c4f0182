import * as vscode from 'vscode';

import { LongviewError, type ErrorCode } from '../core/errors.ts';
import { commands } from './ids.ts';

/** The command that does what an error's remedy says; none where only the user can, or more is shown (`model-not-found`). */
export function remedyOf(error: unknown): vscode.Command | undefined {
  if (!(error instanceof LongviewError)) return undefined;
  return remedies[error.code]?.();
}

const select = () => ({ command: commands.selectEndpoint, title: vscode.l10n.t('Select Endpoint') });
const edit = () => ({ command: commands.editEndpoints, title: vscode.l10n.t('Edit Endpoints') });

const remedies: Partial<Record<ErrorCode, () => vscode.Command>> = {
  'no-workspace': () => ({ command: 'vscode.openFolder', title: vscode.l10n.t('Open Folder') }),
  untrusted: () => ({ command: 'workbench.trust.manage', title: vscode.l10n.t('Manage Trust') }),
  auth: () => ({ command: commands.setApiKey, title: vscode.l10n.t('Set API Key') }),
  'limit-unknown': edit,
  'bad-settings': edit,
  'bad-url': edit,
  unreachable: select,
  payment: select,
  'over-limit': select,
  'too-little-room': select,
  'no-consent': select,
};
