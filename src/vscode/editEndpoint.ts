import * as vscode from 'vscode';

import { usd, type Rates } from '../core/endpoint/price.ts';
import type { EndpointConfig } from '../core/endpoint/types.ts';
import { askUrl, placeAt, type Place } from './endpointPlace.ts';
import { knownProvider } from '../core/endpoint/knownProvider.ts';
import { acceptLicence } from './licence.ts';
import { nameFor, pickModel } from './modelStep.ts';
import type { Services } from './services.ts';
import { replaceEndpointSetting } from './settings.ts';
import { askText, previous, runSteps, skip, type Step } from './steps.ts';
import { testCall } from './testCall.ts';

interface Draft {
  readonly place: Place;
  /** '' keeps the stored one, where the endpoint stays at its host. */
  readonly key: string;
  readonly model: string;
  readonly name: string;
  readonly contextLimit: number | undefined;
  readonly price: Rates | undefined;
}

/** "Longview: Edit Endpoint": like adding one, with every answer filled in. False where nothing was changed. */
export async function editEndpoint(id: string, services: Services): Promise<boolean> {
  const old = services.endpoints.byId(id)?.config;
  if (old === undefined) return false;
  const start: Draft = {
    place: { provider: knownProvider(old), baseUrl: old.baseUrl },
    key: '',
    model: old.model,
    name: old.name ?? '',
    contextLimit: old.contextLimit,
    price: old.price,
  };
  const done = await runSteps<Draft>(vscode.l10n.t('Longview: Edit Endpoint {0}', old.name ?? id), start, [
    urlStep(old),
    keyStep(old, services),
    modelStep(old, services),
    nameStep(old),
    limitStep,
    priceStep,
  ]);
  if (done === undefined) return false;
  const config = configOf(old, done);
  const moved = hasMoved(old, done.place);
  const key = done.key === '' && !moved ? undefined : done.key;
  if (!(await testCall(services.endpoints.draft(config, key), vscode.l10n.t('Save It Anyway'), services)))
    return false;
  // A key was given to one host; another gets it only when it is typed again.
  if (done.key !== '') await services.endpoints.setKey(id, done.key);
  else if (moved) await services.endpoints.removeKey(id);
  await replaceEndpointSetting(config);
  services.gauge.refresh();
  void vscode.window.showInformationMessage(vscode.l10n.t('{0} is saved.', config.name ?? id));
  return true;
}

function hasMoved(old: EndpointConfig, { baseUrl }: Place): boolean {
  return new URL(old.baseUrl).origin !== new URL(baseUrl).origin;
}

function configOf(old: EndpointConfig, draft: Draft): EndpointConfig {
  const { contextLimit: _limit, price: _price, name: _name, provider: _provider, ...rest } = old;
  const { place, model, name, contextLimit, price } = draft;
  // Where it was never written down it goes on being recognised.
  const provider = place.baseUrl === old.baseUrl ? old.provider : place.provider.id;
  return {
    ...rest,
    ...(name !== '' && { name }),
    baseUrl: place.baseUrl,
    model,
    ...(provider !== undefined && { provider }),
    ...(contextLimit !== undefined && { contextLimit }),
    ...(price !== undefined && { price }),
  };
}

function urlStep(old: EndpointConfig): Step<Draft> {
  return async (draft, position) => {
    if (draft.place.provider.kind === 'vscode') return skip;
    const baseUrl = await askUrl(draft.place.baseUrl, '', position);
    if (baseUrl === undefined || baseUrl === previous) return baseUrl;
    const place =
      baseUrl === old.baseUrl ? { provider: knownProvider(old), baseUrl } : await placeAt(baseUrl);
    return { ...draft, place };
  };
}

function keyStep(old: EndpointConfig, { endpoints }: Services): Step<Draft> {
  return async (draft, position) => {
    const { provider } = draft.place;
    if (provider.auth === 'none') return skip;
    const stored = (await endpoints.byId(old.id)?.apiKey()) !== undefined;
    const kept = stored && !hasMoved(old, draft.place);
    const key = await askText(
      {
        question: kept
          ? vscode.l10n.t('API key. One is stored: leave this empty to keep it.')
          : stored
            ? vscode.l10n.t(
                'API key. The stored one was given to {0} and is not sent elsewhere.',
                new URL(old.baseUrl).host,
              )
            : vscode.l10n.t('API key. None is stored; leave this empty if the server wants none.'),
        placeholder: kept ? '••••••••' : '',
        password: true,
      },
      position,
    );
    return typeof key === 'string' ? { ...draft, key } : key;
  };
}

function modelStep(old: EndpointConfig, services: Services): Step<Draft> {
  return async (draft, position) => {
    const { provider, baseUrl } = draft.place;
    const config = { ...old, baseUrl, model: draft.model, provider: provider.id };
    const key = draft.key === '' && !hasMoved(old, draft.place) ? undefined : draft.key;
    const endpoint = services.endpoints.draft(config, key);
    const model = await pickModel(endpoint, provider, position);
    if (model === undefined || model === previous) return model;
    if (!(await acceptLicence(model, services))) return undefined;
    return { ...draft, model };
  };
}

function nameStep(old: EndpointConfig): Step<Draft> {
  return async (draft, position) => {
    const { provider } = draft.place;
    // A name that we made follows the model; one that the user wrote stays.
    const made = old.name === nameFor(old.model, knownProvider(old));
    const name = await askText(
      {
        question: vscode.l10n.t('Name, as Longview shows it'),
        value: made ? nameFor(draft.model, provider) : draft.name,
        placeholder: old.id,
      },
      position,
    );
    return typeof name === 'string' ? { ...draft, name } : name;
  };
}

const limitStep: Step<Draft> = async (draft, position) => {
  const text = await askText(
    {
      question: vscode.l10n.t(
        'Context limit in tokens, if you want it lower than the real one, or if the endpoint tells none. Usually empty.',
      ),
      value: draft.contextLimit === undefined ? '' : String(draft.contextLimit),
      placeholder: '131072',
      validate: value =>
        parseTokens(value) === 'wrong'
          ? vscode.l10n.t('Write a whole number of tokens, or nothing.')
          : undefined,
    },
    position,
  );
  if (typeof text !== 'string') return text;
  const contextLimit = parseTokens(text);
  return { ...draft, contextLimit: contextLimit === 'wrong' ? undefined : contextLimit };
};

const priceStep: Step<Draft> = async (draft, position) => {
  const { price } = draft;
  const text = await askText(
    {
      question: vscode.l10n.t(
        'Price in USD per million tokens: prompt / answer, and / cached prompt if it differs. Empty: what the endpoint tells.',
      ),
      value:
        price === undefined
          ? ''
          : [price.input, price.output, price.cachedInput].filter(n => n !== undefined).join(' / '),
      placeholder: '0.1 / 0.3 / 0.05',
      validate: value =>
        parseRates(value) === 'wrong'
          ? vscode.l10n.t('Write two or three numbers, like 0.1 / 0.3, or nothing.')
          : undefined,
    },
    position,
  );
  if (typeof text !== 'string') return text;
  const rates = parseRates(text);
  return { ...draft, price: rates === 'wrong' ? undefined : rates };
};

/** `131072`, `131,072`, `131 072`. */
function parseTokens(text: string): number | undefined | 'wrong' {
  if (text === '') return undefined;
  const value = Number(text.replace(/[\s,_]/g, ''));
  return /^\d[\d\s,_]*$/.test(text) && Number.isSafeInteger(value) && value > 0 ? value : 'wrong';
}

function parseRates(text: string): Rates | undefined | 'wrong' {
  if (text === '') return undefined;
  const [input, output, cachedInput, ...more] = text.split(/\s*[/;]\s*|\s+/).map(usd);
  const given = text.split(/\s*[/;]\s*|\s+/).length;
  if (input === undefined || output === undefined || more.length > 0) return 'wrong';
  if (given === 3 && cachedInput === undefined) return 'wrong';
  return { input, output, ...(cachedInput !== undefined && { cachedInput }) };
}
