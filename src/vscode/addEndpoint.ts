import * as vscode from 'vscode';

import type { Provider } from '../core/endpoint/providers/types.ts';
import type { EndpointConfig } from '../core/endpoint/types.ts';
import { LongviewError } from '../core/errors.ts';
import { pickPlace, type Place } from './endpointPlace.ts';
import { commands } from './ids.ts';
import { acceptLicence } from './licence.ts';
import { nameFor, pickModel, shortName } from './modelStep.ts';
import { reporting } from './reporting.ts';
import type { Services } from './services.ts';
import { readSettings, saveEndpointSetting, selectEndpointSetting } from './settings.ts';
import {
  askText,
  previous,
  runSteps,
  skip,
  type Previous,
  type Position,
  type Skip,
  type Step,
} from './steps.ts';
import { testCall } from './testCall.ts';

/** "Longview: Add Endpoint": provider, key, model from its live list, a test call, ready. */
export function registerAddEndpoint(context: vscode.ExtensionContext, services: Services): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(
      commands.addEndpoint,
      reporting(services, async () => addEndpoint(services)),
    ),
  );
}

interface Draft {
  readonly place?: Place;
  readonly key: string;
  readonly model: string;
}

async function addEndpoint(services: Services): Promise<void> {
  const done = await runSteps<Draft>(vscode.l10n.t('Longview: Add Endpoint'), { key: '', model: '' }, [
    placeStep,
    keyStep,
    modelStep(services),
  ]);
  if (done?.place === undefined) return;
  const { place, key, model } = done;
  const config: EndpointConfig = {
    id: uniqueId(place.provider, model),
    name: nameFor(model, place.provider),
    baseUrl: place.baseUrl,
    model,
    provider: place.provider.id,
  };
  if (!(await testCall(services.endpoints.draft(config, key), vscode.l10n.t('Add It Anyway'), services)))
    return;
  if (key !== '') await services.endpoints.setKey(config.id, key);
  await saveEndpointSetting(config);
  await selectEndpointSetting(config.id);
  services.gauge.refresh();
  void vscode.window.showInformationMessage(
    vscode.l10n.t('{0} is ready and selected.', config.name ?? config.id),
  );
}

const placeStep: Step<Draft> = async (draft, position) => {
  const place = await pickPlace(position);
  return place === undefined || place === previous ? place : { ...draft, place };
};

const keyStep: Step<Draft> = async (draft, position) => {
  if (draft.place === undefined) return undefined;
  const key = await askKey(draft.place.provider, position);
  return typeof key === 'string' ? { ...draft, key } : key;
};

function modelStep(services: Services): Step<Draft> {
  return async (draft, position) => {
    if (draft.place === undefined) return undefined;
    const { provider, baseUrl } = draft.place;
    const config = { id: 'draft', name: provider.name, baseUrl, model: '', provider: provider.id };
    const model = await pickModel(services.endpoints.draft(config, draft.key), provider, position);
    if (model === undefined || model === previous) return model;
    return (await acceptLicence(model, services)) ? { ...draft, model } : undefined;
  };
}

async function askKey(
  { auth, name, links }: Provider,
  position: Position,
): Promise<string | Previous | Skip | undefined> {
  if (auth === 'none') return skip;
  const optional = auth === 'optional' || auth === 'aws';
  return askText(
    {
      question:
        auth === 'aws'
          ? vscode.l10n.t('Bedrock API key. Leave it empty to use the AWS credentials of this machine.')
          : optional
            ? vscode.l10n.t('API key for {0}. Leave it empty if the server wants none.', name)
            : vscode.l10n.t(
                'API key for {0}. Kept in VS Code’s secret storage. {1}',
                name,
                links.keys ?? links.docs,
              ),
      password: true,
      validate: text =>
        text === '' && !optional ? vscode.l10n.t('{0} answers nobody without a key.', name) : undefined,
    },
    position,
  );
}

/** `openrouter/llama-4-scout`, with a number where that is taken. */
function uniqueId(provider: Provider, model: string): string {
  const { endpoints, endpointsError } = readSettings();
  if (endpointsError !== undefined)
    throw new LongviewError('bad-settings', endpointsError.message, 'Correct it first; nothing was added.');
  const taken = new Set(endpoints.map(e => e.id));
  const base = `${provider.id}/${shortName(model)}`.replace(/[^\w.:/-]/g, '-').slice(0, 90);
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  return id;
}
