import * as vscode from 'vscode';

import { learn, type Knowledge } from '../core/endpoint/learn.ts';
import { listModels, longContext, usableWindow } from '../core/endpoint/models.ts';
import { providerOf } from '../core/endpoint/providers/table.ts';
import type { ListedModel } from '../core/endpoint/providers/types.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import { isCancellation, LongviewError } from '../core/errors.ts';
import { describeEndpoint } from './gaugeRows.ts';
import { commands } from './ids.ts';
import { knownProvider } from '../core/endpoint/knownProvider.ts';
import { acceptLicence } from './licence.ts';
import { describeListed, nameFor, shortName } from './modelStep.ts';
import type { Services } from './services.ts';
import { replaceEndpointSetting, selectEndpointSetting } from './settings.ts';

/** Command of a button that switches an endpoint to another model. */
export interface UseModel {
  readonly endpoint: string;
  /** Absent: the user chooses from the list. */
  readonly model?: string;
}

/** Why a model cannot be asked any more, and what else its provider has: long-context models first. */
export interface Replacement {
  readonly why: string;
  readonly models: readonly ListedModel[];
}

/**
 * What to offer where an endpoint does not know its model: read anew, because what is remembered may be of the time
 * before it went. No list is no reason to say nothing.
 */
export async function replacementFor(
  endpoint: Endpoint,
  { store }: Pick<Services, 'store'>,
  signal?: AbortSignal,
): Promise<Replacement> {
  const { model } = endpoint.config;
  let known: Knowledge | undefined;
  try {
    known = await learn(endpoint, signal, [], { now: () => new Date(), store, recheck: true });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof LongviewError)) throw error;
  }
  const why = describeGone(endpoint, known?.gone);
  if (known === undefined || known.alternatives.length > 0) return { why, models: known?.alternatives ?? [] };
  // Its list goes on naming what it refuses.
  const listed = await listModels(endpoint, providerOf(known.provider), signal).catch((error: unknown) => {
    if (isCancellation(error) || !(error instanceof LongviewError)) throw error;
    return [];
  });
  const others = listed.filter(m => m.id !== model);
  const long = others.filter(m => (usableWindow(m) ?? 0) >= longContext);
  return { why, models: long.length > 0 ? long : others };
}

export function describeGone(endpoint: Endpoint, gone: Knowledge['gone']): string {
  const { model } = endpoint.config;
  const name = describeEndpoint(endpoint);
  if (gone === undefined) return vscode.l10n.t('{0} does not serve {1} any more.', name, model);
  const since = gone.since === null ? '' : ` ${vscode.l10n.t('since {0}', gone.since)}`;
  return vscode.l10n.t(
    '{0} does not serve {1} any more{2}: {3}.',
    name,
    model,
    since,
    gone.note.replace(/\.$/, ''),
  );
}

/** Says that the model has gone; one click switches the endpoint to the best other, another shows all. */
export async function offerOtherModel(endpoint: Endpoint, services: Services): Promise<void> {
  const { why, models } = await replacementFor(endpoint, services);
  const [best] = models;
  const use = best && vscode.l10n.t('Use {0}', shortName(best.id));
  const others = vscode.l10n.t('Other Models…');
  const edit = vscode.l10n.t('Edit Endpoint…');
  const choice = await vscode.window.showWarningMessage(
    best === undefined
      ? why
      : `${why} ${vscode.l10n.t('Also there: {0}, {1}.', best.id, describeListed(best))}`,
    ...(use === undefined ? [] : [use]),
    ...(models.length > 1 ? [others] : []),
    edit,
  );
  const id = endpoint.config.id;
  if (choice === edit) await vscode.commands.executeCommand(commands.editEndpoint, id);
  else if (choice !== undefined && choice === use)
    await useModel({ endpoint: id, model: best?.id ?? '' }, services);
  else if (choice === others) await chooseModel(endpoint, models, services);
}

async function chooseModel(
  endpoint: Endpoint,
  models: readonly ListedModel[],
  services: Services,
): Promise<void> {
  const picked = await vscode.window.showQuickPick(
    models.map(model => ({ label: model.id, description: describeListed(model) })),
    { title: vscode.l10n.t('Model for {0}', describeEndpoint(endpoint)), matchOnDescription: true },
  );
  if (picked !== undefined) await useModel({ endpoint: endpoint.config.id, model: picked.label }, services);
}

/** Switches an endpoint to another model of the same provider, and selects it. */
export async function useModel({ endpoint: id, model }: UseModel, services: Services): Promise<void> {
  const endpoint = services.endpoints.byId(id);
  if (endpoint?.kind !== 'server') return;
  if (model === undefined) {
    const { models } = await replacementFor(endpoint, services);
    await chooseModel(endpoint, models, services);
    return;
  }
  if (!(await acceptLicence(model, services))) return;
  // Limits and price that were declared are the old model's.
  const { contextLimit: _limit, maxOutputTokens: _output, price: _price, name, ...rest } = endpoint.config;
  const renamed =
    name?.replace(shortName(rest.model), shortName(model)) ?? nameFor(model, knownProvider(rest));
  await replaceEndpointSetting({ ...rest, name: renamed, model });
  await selectEndpointSetting(id);
  services.gauge.refresh();
  void vscode.window.showInformationMessage(vscode.l10n.t('{0} now asks {1}.', renamed, model));
}
