import * as vscode from 'vscode';

import { hostOf, type Gates, type Sending } from '../core/endpoint/gates.ts';
import { LongviewError } from '../core/errors.ts';
import { tokens } from './format.ts';
import type { Confirm } from './prompts.ts';

const memory = 'longview.consent';

/** Trust, then consent. Both stand in the transport, so every sender passes them. */
export interface EditorGates extends Gates {
  /** Takes back what was agreed for this workspace. */
  forget(): Promise<void>;
}

/** Agreement is kept per workspace, endpoint, URL and model: a changed URL is a new destination. */
export function createGates(state: vscode.Memento, confirm: () => Confirm): EditorGates {
  const remembered = () => new Set(state.get<string[]>(memory, []));
  return {
    async pass(sending, signal) {
      if (sending.endpoint.kind === 'offline') return;
      if (!vscode.workspace.isTrusted) {
        throw new LongviewError(
          'untrusted',
          'This workspace is not trusted, so nothing was sent.',
          'Trust the workspace, or select the offline reader, which sends nothing.',
        );
      }
      const { id, baseUrl, model } = sending.endpoint.config;
      const key = JSON.stringify([id, baseUrl, model]);
      if (remembered().has(key)) return;
      const once = vscode.l10n.t('Send Once');
      const always = vscode.l10n.t('Send, and Remember for This Workspace');
      const choice = await confirm()({
        title: vscode.l10n.t('Send source code to {0}?', hostOf(sending.endpoint)),
        detail: describeSending(sending),
        choices: [once, always],
      });
      signal.throwIfAborted();
      if (choice === always) await state.update(memory, [...remembered(), key]);
      else if (choice !== once) {
        throw new LongviewError(
          'no-consent',
          'You chose not to send, so nothing left this machine.',
          'Ask again to choose anew, or select the offline reader.',
        );
      }
    },
    async forget() {
      await state.update(memory, undefined);
    },
  };
}

function describeSending({ endpoint, files, tokens: count }: Sending): string {
  const what =
    files === null
      ? vscode.l10n.t('A prompt of {0} tokens, written by another part of VS Code', tokens(count))
      : vscode.l10n.t(
          '{0} files of this workspace, {1} tokens',
          files.toLocaleString('en-US'),
          tokens(count),
        );
  return [
    what,
    vscode.l10n.t(
      'Endpoint: {0}, model {1}',
      endpoint.config.name ?? endpoint.config.id,
      endpoint.config.model,
    ),
    vscode.l10n.t('Host: {0}', hostOf(endpoint)),
  ].join('\n');
}
