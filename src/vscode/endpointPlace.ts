import * as vscode from 'vscode';

import { parseBaseUrl } from '../core/endpoint/config.ts';
import { createHttpFetch } from '../core/endpoint/httpFetch.ts';
import { providerOf, providers } from '../core/endpoint/providers/table.ts';
import type { Provider } from '../core/endpoint/providers/types.ts';
import { localServers, recognise } from '../core/endpoint/recognise.ts';
import { describeError } from '../core/errors.ts';
import { trustedFetch } from './endpoints.ts';
import { hasLanguageModels } from './languageModels.ts';
import { readSettings } from './settings.ts';
import { askChoice, askText, previous, type Previous, type Position } from './steps.ts';

/** Where the endpoint is, before its model is chosen. */
export interface Place {
  readonly provider: Provider;
  readonly baseUrl: string;
}

type PlaceItem = vscode.QuickPickItem & { readonly place?: Place; readonly provider?: Provider };

/**
 * VS Code's own models, a server that answers on this machine, a provider of the table, or any URL, which is
 * recognised by how it answers.
 */
export async function pickPlace(position: Position): Promise<Place | Previous | undefined> {
  const fetch = askingFetch();
  for (;;) {
    const picked = await askChoice<PlaceItem>(
      {
        question: vscode.l10n.t('Who serves the model?'),
        items: itemsWith([]),
        fill: (picker, signal) => {
          picker.busy = true;
          void localServers(fetch, signal)
            .then(found => (picker.items = itemsWith(found)))
            .catch(() => undefined) // The search was given up with the picker; there is nothing to tell.
            .finally(() => (picker.busy = false));
        },
      },
      position,
    );
    if (picked === undefined || picked === previous) return picked;
    if (picked.place !== undefined) return picked.place;
    // Back from the URL leads to this list, which is the same step to the user.
    const below = { ...position, step: position.step + 1, of: position.of };
    const place =
      picked.provider === undefined
        ? await customPlace(fetch, below)
        : await fillTemplate(picked.provider, below);
    if (place !== previous) return place;
  }
}

/** Looking for servers is asking them: not from a workspace that is not trusted. */
function askingFetch(): typeof globalThis.fetch {
  return trustedFetch(createHttpFetch(() => readSettings().timeoutMs));
}

function itemsWith(servers: Awaited<ReturnType<typeof localServers>>): PlaceItem[] {
  const separator = (label: string) => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const here = servers.map(({ provider, baseUrl, models }) => ({
    label: `$(server) ${providerOf(provider).name}`,
    description: [baseUrl, ...(models.length > 0 ? [models.slice(0, 2).join(', ')] : [])].join(' · '),
    place: { provider: providerOf(provider), baseUrl },
  }));
  const own = providerOf('vscode');
  const editor = {
    label: `$(vscode) ${vscode.l10n.t('VS Code language models')}`,
    description: vscode.l10n.t('what other extensions provide, such as Copilot'),
    place: { provider: own, baseUrl: own.baseUrl ?? '' },
  };
  const custom = {
    label: `$(link) ${vscode.l10n.t('Custom URL…')}`,
    description: vscode.l10n.t('any OpenAI-compatible server'),
  };
  const hosted = providers
    .filter(p => p.kind !== 'vscode' && p.baseUrl !== null)
    .map(provider => ({
      label: `$(${provider.ports.length > 0 ? 'server' : 'cloud'}) ${provider.name}`,
      description: describeProvider(provider),
      provider,
    }));
  return [
    ...(here.length > 0 ? [separator(vscode.l10n.t('Answering on this machine')), ...here] : []),
    separator(vscode.l10n.t('Anywhere')),
    custom,
    ...(hasLanguageModels() ? [editor] : []),
    separator(vscode.l10n.t('Providers')),
    ...hosted.filter(item => item.provider.ports.length === 0),
    separator(vscode.l10n.t('Your own server')),
    ...hosted.filter(item => item.provider.ports.length > 0),
  ];
}

function describeProvider({ retired, baseUrl, models }: Provider): string {
  if (retired !== undefined) return `$(warning) ${vscode.l10n.t('retired {0}', retired.since)}`;
  if (models.scout?.gone !== undefined) return vscode.l10n.t('Llama 4 Scout is gone there');
  if (models.scout !== undefined) return vscode.l10n.t('serves Llama 4 Scout');
  return baseUrl ?? '';
}

async function customPlace(
  fetch: typeof globalThis.fetch,
  position: Position,
): Promise<Place | Previous | undefined> {
  const url = await askUrl('', '', position);
  if (url === undefined || url === previous) return url;
  return placeAt(url, fetch);
}

/** Who answers at a URL that the user typed. */
export async function placeAt(
  baseUrl: string,
  fetch: typeof globalThis.fetch = askingFetch(),
): Promise<Place> {
  const id = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Longview: asking who answers there…'),
    },
    async () => recognise(baseUrl, fetch),
  );
  return { provider: providerOf(id ?? 'custom'), baseUrl };
}

/** A base URL with `{account}` or the like is the user's to complete. */
async function fillTemplate(provider: Provider, position: Position): Promise<Place | Previous | undefined> {
  const template = provider.baseUrl ?? '';
  if (provider.retired !== undefined) {
    await vscode.window.showWarningMessage(`${provider.name}: ${provider.retired.note}`);
    return previous;
  }
  if (!template.includes('{') && provider.ports.length === 0) return { provider, baseUrl: template };
  const baseUrl = await askUrl(template, provider.name, position);
  return baseUrl === undefined || baseUrl === previous ? baseUrl : { provider, baseUrl };
}

export async function askUrl(
  value: string,
  name: string,
  position: Position,
): Promise<string | Previous | undefined> {
  const brace = value.indexOf('{');
  const url = await askText(
    {
      question: name === '' ? vscode.l10n.t('Base URL') : vscode.l10n.t('Base URL of {0}', name),
      placeholder: 'http://127.0.0.1:8000/v1',
      value,
      ...(brace >= 0 && { selection: [brace, value.indexOf('}') + 1] as const }),
      validate: text => {
        if (/[{}]/.test(text)) return vscode.l10n.t('Replace what stands in braces.');
        try {
          parseBaseUrl(text, vscode.l10n.t('Base URL'));
          return undefined;
        } catch (error) {
          return describeError(error);
        }
      },
    },
    position,
  );
  return typeof url === 'string' ? parseBaseUrl(url, 'Base URL') : url;
}
