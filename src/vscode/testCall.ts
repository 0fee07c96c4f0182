import * as vscode from 'vscode';

import { streamChat } from '../core/endpoint/client.ts';
import type { Gates } from '../core/endpoint/gates.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import { describeError, isCancellation } from '../core/errors.ts';
import type { Services } from './services.ts';
import { signalOf } from './workspace.ts';

/** No source leaves: the question is ours, and it asks for one word. */
export const harmless: Gates = { pass: () => Promise.resolve() };

/** One small request; where it fails, keeping the endpoint is the user's decision (`keep` is the button). */
export async function testCall(
  endpoint: Endpoint,
  keep: string,
  { confirm }: Pick<Services, 'confirm'>,
): Promise<boolean> {
  const name = endpoint.config.name ?? endpoint.config.id;
  try {
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Longview: testing {0}…', name),
        cancellable: true,
      },
      async (_progress, token) => {
        using signal = signalOf(token);
        const request = {
          messages: [{ role: 'user', content: 'Say OK.' }],
          maxTokens: 16,
          files: 0,
          tokens: 13,
        } as const;
        const events = streamChat(endpoint, request, harmless, signal);
        while ((await events.next()).done !== true);
      },
    );
    return true;
  } catch (error) {
    if (isCancellation(error)) return false;
    const title = vscode.l10n.t('The test call to {0} failed.', name);
    return (await confirm({ title, detail: describeError(error), choices: [keep] })) === keep;
  }
}
