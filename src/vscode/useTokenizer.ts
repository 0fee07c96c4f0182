import * as vscode from 'vscode';

import { describeError, LongviewError } from '../core/errors.ts';
import { chooseCounter } from '../core/tokens/counters.ts';
import { familyName } from '../core/tokens/modelFamily.ts';
import type { OwnTokenizer } from '../core/tokens/tokenizerFile.ts';
import { tokens } from './format.ts';
import { describeEndpoint } from './gaugeRows.ts';
import { commands } from './ids.ts';
import type { Services } from './services.ts';
import { readSettings, saveTokenizerSetting } from './settings.ts';

/** What a tokenizer file counts for: all Llama 4 models, or one endpoint. */
type Target = { readonly label: string; readonly detail: string; readonly endpointId?: string };

/**
 * "Longview: Use My tokenizer.model": the file is checked in a worker, and its path is kept; the file stays where it
 * is. A path given to the command is not asked for, and is used for the first target it fits.
 */
export function registerUseTokenizer(context: vscode.ExtensionContext, services: Services): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(commands.useTokenizer, async (given?: unknown) => {
      try {
        if (typeof given === 'string') await use(given, services, async targets => targets[0]);
        else await chooseAndUse(services);
      } catch (error) {
        services.log.warn(describeError(error));
        const again = vscode.l10n.t('Choose Another File…');
        const answer = await vscode.window.showErrorMessage(describeError(error), again);
        if (answer === again) await vscode.commands.executeCommand(commands.useTokenizer);
      }
    }),
  );
}

async function chooseAndUse(services: Services): Promise<void> {
  const inUse = tokenizersInUse();
  if (inUse.length > 0) {
    const choose = {
      label: `$(folder-opened) ${vscode.l10n.t('Choose a File…')}`,
      description: '',
      stop: undefined,
    };
    const stops = inUse.map(stop => ({
      label: `$(close) ${vscode.l10n.t('Stop Using It for {0}', stop.label)}`,
      description: stop.path,
      stop,
    }));
    const picked = await vscode.window.showQuickPick([choose, ...stops], {
      title: vscode.l10n.t('Longview: Use My tokenizer.model'),
    });
    if (picked === undefined) return;
    if (picked.stop !== undefined) {
      await saveTokenizerSetting(undefined, picked.stop.endpointId);
      return;
    }
  }
  const [file] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Your copy of Meta’s tokenizer.model, or of a Hugging Face tokenizer.json'),
      openLabel: vscode.l10n.t('Use This Tokenizer'),
      canSelectMany: false,
    })) ?? [];
  if (file !== undefined) await use(file.fsPath, services, pickTarget);
}

async function use(
  path: string,
  services: Services,
  pick: (targets: readonly Target[]) => Promise<Target | undefined>,
): Promise<void> {
  const own = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Checking the tokenizer…') },
    async () => services.counting.tokenizers.inspect(path),
  );
  const targets = targetsOf(own, services);
  if (targets.length === 0) {
    throw new LongviewError(
      'bad-settings',
      `${path} is the tokenizer of ${own.family === 'other' ? 'no model Longview knows' : familyName(own.family)}, and no endpoint has such a model.`,
      'Add the endpoint first, or choose the tokenizer of its model.',
    );
  }
  const target = await pick(targets);
  if (target === undefined) return;
  await saveTokenizerSetting(path, target.endpointId);
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      'Tokens of {0} are counted exactly now, with the {1} tokens of your file. It stays where it is, and is neither copied nor sent anywhere.',
      target.label,
      tokens(own.tokens),
    ),
  );
}

/** Where the file gives right counts: for Llama 4 as such, and for the endpoints whose models it fits. */
function targetsOf(own: OwnTokenizer, { endpoints }: Services): Target[] {
  const llama4 = { label: allLlama4(), detail: vscode.l10n.t('whichever endpoint serves them') };
  const servers = endpoints.all().filter(e => e.kind === 'server');
  return [
    ...(fits('llama-4', own) ? [llama4] : []),
    ...servers
      .filter(e => fits(e.config.model, own))
      .map(e => ({ label: describeEndpoint(e), detail: e.config.model, endpointId: e.config.id })),
  ];
}

function fits(model: string, own: OwnTokenizer): boolean {
  try {
    return chooseCounter(model, own).kind === 'exact';
  } catch {
    return false;
  }
}

async function pickTarget(targets: readonly Target[]): Promise<Target | undefined> {
  if (targets.length === 1) return targets[0];
  return vscode.window.showQuickPick(targets, {
    title: vscode.l10n.t('Count Which Tokens With It?'),
    matchOnDetail: true,
  });
}

function tokenizersInUse(): { label: string; path: string; endpointId?: string }[] {
  const { tokenizer, endpoints } = readSettings();
  return [
    ...(tokenizer === undefined ? [] : [{ label: allLlama4(), path: tokenizer }]),
    ...endpoints.flatMap(e =>
      e.tokenizer === undefined ? [] : [{ label: e.name ?? e.id, path: e.tokenizer, endpointId: e.id }],
    ),
  ];
}

function allLlama4(): string {
  return vscode.l10n.t('All Llama 4 Models');
}
