import * as vscode from 'vscode';

import { parseBaseUrl } from '../core/endpoint/config.ts';
import { createHttpFetch } from '../core/endpoint/httpFetch.ts';
import { providers, providerOf } from '../core/endpoint/providers/table.ts';
import type { Provider } from '../core/endpoint/providers/types.ts';
import { localServers, recognise } from '../core/endpoint/recognise.ts';
import { describeError } from '../core/errors.ts';
import { readSettings } from './settings.ts';

/** Where the endpoint is, before its model is chosen. */
export interface Place {
  readonly provider: Provider;
  readonly baseUrl: string;
}

/** A provider of the table, a server that answers on this machine, or any URL, which is recognised by how it answers. */
export async function pickPlace(): Promise<Place | undefined> {
  const fetch = createHttpFetch(() => readSettings().timeoutMs);
  const picker = vscode.window.createQuickPick<
    vscode.QuickPickItem & { place?: Place; provider?: Provider }
  >();
  picker.title = vscode.l10n.t('Longview: Add Endpoint');
  picker.placeholder = vscode.l10n.t('Who serves the model?');
  picker.matchOnDescription = true;
  const custom = {
    label: `$(link) ${vscode.l10n.t('Custom URL…')}`,
    description: vscode.l10n.t('any OpenAI-compatible server'),
  };
  const hosted = providers
    .filter(p => p.kind === 'openai' && p.baseUrl !== null)
    .map(provider => ({ label: provider.name, description: describeProvider(provider), provider }));
  const draw = (found: readonly { label: string; place: Place }[]) => {
    const here = {
      label: vscode.l10n.t('Answering on this machine'),
      kind: vscode.QuickPickItemKind.Separator,
    };
    const rest = { label: vscode.l10n.t('Providers'), kind: vscode.QuickPickItemKind.Separator };
    picker.items = [...(found.length > 0 ? [here, ...found] : []), rest, custom, ...hosted];
  };
  draw([]);
  picker.busy = true;
  const search = new AbortController();
  void localServers(fetch, search.signal)
    .then(servers =>
      draw(
        servers.map(({ provider, baseUrl, models }) => ({
          label: `$(server) ${providerOf(provider).name}`,
          description: `${baseUrl} · ${models.slice(0, 2).join(', ')}`,
          place: { provider: providerOf(provider), baseUrl },
        })),
      ),
    )
    .catch(() => undefined) // The search was given up with the picker; there is nothing to tell.
    .finally(() => (picker.busy = false));
  const picked = await new Promise<(typeof picker.items)[number] | undefined>(resolve => {
    picker.onDidAccept(() => resolve(picker.selectedItems[0]));
    picker.onDidHide(() => resolve(undefined));
    picker.show();
  });
  search.abort();
  picker.dispose();
  if (picked === undefined) return undefined;
  if (picked.place !== undefined) return picked.place;
  return picked.provider === undefined ? customPlace(fetch) : fillTemplate(picked.provider);
}

function describeProvider({ retired, baseUrl, models }: Provider): string {
  if (retired !== undefined) return `$(warning) ${vscode.l10n.t('retired {0}', retired.since)}`;
  if (models.scout?.gone !== undefined) return vscode.l10n.t('Llama 4 Scout is gone there');
  if (models.scout !== undefined) return vscode.l10n.t('serves Llama 4 Scout');
  return baseUrl ?? '';
}

async function customPlace(fetch: typeof globalThis.fetch): Promise<Place | undefined> {
  const url = await askUrl('', '');
  if (url === undefined) return undefined;
  const id = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Longview: asking who answers there…'),
    },
    async () => recognise(url, fetch),
  );
  return { provider: providerOf(id ?? 'custom'), baseUrl: url };
}

/** A base URL with `{account}` or the like is the user's to complete. */
async function fillTemplate(provider: Provider): Promise<Place | undefined> {
  const template = provider.baseUrl ?? '';
  if (provider.retired !== undefined) {
    await vscode.window.showWarningMessage(`${provider.name}: ${provider.retired.note}`);
    return undefined;
  }
  if (!template.includes('{') && provider.ports.length === 0) return { provider, baseUrl: template };
  const baseUrl = await askUrl(template, provider.name);
  return baseUrl === undefined ? undefined : { provider, baseUrl };
}

async function askUrl(value: string, name: string): Promise<string | undefined> {
  const brace = value.indexOf('{');
  const url = await vscode.window.showInputBox({
    title: name === '' ? vscode.l10n.t('Base URL') : vscode.l10n.t('Base URL of {0}', name),
    placeHolder: 'http://127.0.0.1:8000/v1',
    value,
    ...(brace >= 0 && { valueSelection: [brace, value.indexOf('}') + 1] as [number, number] }),
    ignoreFocusOut: true,
    validateInput: text => {
      if (/[{}]/.test(text)) return vscode.l10n.t('Replace what stands in braces.');
      try {
        parseBaseUrl(text, vscode.l10n.t('Base URL'));
        return undefined;
      } catch (error) {
        return describeError(error);
      }
    },
  });
  return url === undefined ? undefined : parseBaseUrl(url, 'Base URL');
}
