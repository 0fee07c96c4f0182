import * as vscode from 'vscode';

import { listModels, usableWindow } from '../core/endpoint/models.ts';
import type { ListedModel, Provider } from '../core/endpoint/providers/types.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import { LongviewError } from '../core/errors.ts';
import { tokens } from './format.ts';
import { askChoice, askText, previous, type Previous, type Position } from './steps.ts';

/**
 * A model of the provider's live list, Scout first, the configured one active; or typed, where there is no list.
 * Back also where the list wants another key.
 */
export async function pickModel(
  endpoint: Endpoint,
  provider: Provider,
  position: Position,
): Promise<string | Previous | undefined> {
  const current = endpoint.config.model;
  let models: readonly ListedModel[] = [];
  let why: string | undefined;
  try {
    models = await readList(endpoint, provider);
  } catch (error) {
    if (!(error instanceof LongviewError)) throw error;
    if (error.code === 'auth') {
      void vscode.window.showErrorMessage(`${error.message} ${error.remedy}`);
      return previous;
    }
    why = error.message;
  }
  if (models.length > 0) {
    const picked = await pickListed(models, provider, current, position);
    if (picked === undefined || picked === previous) return picked;
    if (picked.id !== undefined) return picked.id;
  } else if (provider.kind === 'vscode') {
    throw new LongviewError(
      'model-not-found',
      'No extension provides a language model to VS Code here.',
      'Install or sign in to one that does, such as GitHub Copilot.',
    );
  }
  const known = provider.models.scout?.gone === undefined ? provider.models.scout?.id : undefined;
  const question = vscode.l10n.t('Model id at {0}', provider.name);
  return askText(
    {
      question:
        why === undefined
          ? question
          : `${question}. ${vscode.l10n.t('Its list could not be read: {0}', why)}`,
      value: current === '' ? (known ?? '') : current,
      validate: text => (text === '' ? vscode.l10n.t('Every request names a model.') : undefined),
    },
    position,
  );
}

async function readList(endpoint: Endpoint, provider: Provider): Promise<readonly ListedModel[]> {
  return vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Longview: reading the models of {0}…', provider.name),
    },
    async () => listModels(endpoint, provider),
  );
}

async function pickListed(
  models: readonly ListedModel[],
  provider: Provider,
  current: string,
  position: Position,
) {
  const items: (vscode.QuickPickItem & { readonly id: string | undefined })[] = models.map(model => ({
    label: model.id,
    description: describeListed(model),
    id: model.id,
  }));
  const typed = { label: `$(edit) ${vscode.l10n.t('Type a model id…')}`, description: '', id: undefined };
  const gone =
    current !== '' && models.every(m => m.id !== current)
      ? `${vscode.l10n.t('{0} is not in this list.', current)} `
      : '';
  return askChoice(
    {
      question: `${gone}${vscode.l10n.t('Model of {0}', provider.name)}`,
      items: [...items, typed],
      active: items.find(item => item.id === current),
    },
    position,
  );
}

/** `1,310,720 tokens · $0.1 in, $0.3 out per million` */
export function describeListed(model: ListedModel): string {
  const window = usableWindow(model);
  const limit =
    window === undefined ? vscode.l10n.t('limit unknown') : vscode.l10n.t('{0} tokens', tokens(window));
  if (model.price === undefined) return limit;
  return `${limit} · ${describePrice(model.price)}`;
}

export function describePrice({
  input,
  output,
}: {
  readonly input: number;
  readonly output: number;
}): string {
  return vscode.l10n.t('${0} in, ${1} out per million', input, output);
}

/** What an endpoint is called where the user gave it no name. */
export function nameFor(model: string, provider: Provider): string {
  return `${shortName(model)} (${provider.name})`;
}

export function shortName(model: string): string {
  return model.split('/').at(-1) ?? model;
}
