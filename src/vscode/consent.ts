import * as vscode from 'vscode';

import { dollars, mostItCosts } from '../core/endpoint/cost.ts';
import { hostOf, type Gates, type Sending } from '../core/endpoint/gates.ts';
import type { Price } from '../core/endpoint/price.ts';
import { LongviewError } from '../core/errors.ts';
import { filesText, tokens } from './format.ts';
import { knownProvider } from '../core/endpoint/knownProvider.ts';
import type { Confirm } from './prompts.ts';

const memory = 'longview.consent';

/** What the gates need to tell what a prompt costs. */
export interface CostOracle {
  /** Undefined where no price is known. */
  price(sending: Sending): Promise<Price | undefined>;
  /** Tokens of the longest answer. */
  readonly answerTokens: number;
  /** USD from which every send is confirmed, also a remembered one. */
  readonly confirmAboveUsd: number;
}

/** Trust, then consent, then cost. They stand in the transport, so every sender passes them. */
export interface EditorGates extends Gates {
  /** Takes back what was agreed for this workspace. */
  forget(): Promise<void>;
}

/** Agreement is kept per workspace, endpoint, URL and model: a changed URL is a new destination. */
export function createGates(
  state: vscode.Memento,
  confirm: () => Confirm,
  costs: () => CostOracle,
): EditorGates {
  const remembered = () => new Set(state.get<string[]>(memory, []));
  return {
    async pass(sending, signal) {
      if (sending.endpoint.kind === 'offline') return;
      if (!vscode.workspace.isTrusted) {
        throw notTrusted();
      }
      const { id, baseUrl, model } = sending.endpoint.config;
      // Who agreed to text has not agreed to images.
      const key = JSON.stringify([id, baseUrl, model, ...(sending.images ? ['images'] : [])]);
      const oracle = costs();
      const price = await oracle.price(sending);
      const cost = price && mostItCosts(price, sending.tokens, oracle.answerTokens);
      const expensive = cost !== undefined && cost > oracle.confirmAboveUsd;
      if (remembered().has(key) && !expensive) return;
      const once = vscode.l10n.t('Send Once');
      const always = vscode.l10n.t('Send, and Remember for This Workspace');
      const choice = await confirm()({
        title: vscode.l10n.t('Send source code to {0}?', hostOf(sending.endpoint)),
        detail: describeSending(sending, cost, await lacksKey(sending)),
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

export function notTrusted(): LongviewError {
  return new LongviewError(
    'untrusted',
    'This workspace is not trusted, so nothing was sent.',
    'Trust the workspace, or select the offline reader, which sends nothing.',
  );
}

/** Whether it will most likely refuse: a host that wants a key, and none stored. */
async function lacksKey({ endpoint }: Sending): Promise<boolean> {
  const { auth } = knownProvider(endpoint.config);
  return (auth === 'bearer' || auth === 'api-key') && (await endpoint.apiKey()) === undefined;
}

function describeSending(
  { endpoint, files, tokens: count, redacted = 0, images }: Sending,
  cost: number | undefined,
  keyless: boolean,
): string {
  const what =
    files === null
      ? vscode.l10n.t('A prompt of {0} tokens, written by another part of VS Code', tokens(count))
      : vscode.l10n.t('{0} of this workspace, {1} tokens', filesText(files), tokens(count));
  return [
    what,
    ...(images === undefined
      ? []
      : [
          vscode.l10n.t(
            'Images that Markdown files refer to: {0}, {1} kB',
            tokens(images.count),
            tokens(Math.ceil(images.bytes / 1000)),
          ),
        ]),
    ...(redacted > 0
      ? [vscode.l10n.t('Secrets: {0} are redacted (Longview: Review Redacted Secrets)', tokens(redacted))]
      : []),
    ...(files === null
      ? []
      : [vscode.l10n.t('Your question and the earlier turns of this conversation go with them.')]),
    vscode.l10n.t(
      'Endpoint: {0}, model {1}',
      endpoint.config.name ?? endpoint.config.id,
      endpoint.config.model,
    ),
    vscode.l10n.t('Host: {0}', hostOf(endpoint)),
    cost === undefined
      ? vscode.l10n.t('Cost: unknown, the endpoint tells no price')
      : vscode.l10n.t('Cost: at most {0}', dollars(cost)),
    ...(keyless ? [vscode.l10n.t('No API key is stored for it, so it will most likely refuse.')] : []),
  ].join('\n');
}
