import * as vscode from 'vscode';

import { streamChat } from '../core/endpoint/client.ts';
import type { Gates } from '../core/endpoint/gates.ts';
import { createHttpFetch } from '../core/endpoint/httpFetch.ts';
import { licenceNote } from '../core/endpoint/llama.ts';
import { listModels, usableWindow } from '../core/endpoint/models.ts';
import type { ListedModel, Provider } from '../core/endpoint/providers/types.ts';
import type { Endpoint, EndpointConfig } from '../core/endpoint/types.ts';
import { describeError, isCancellation } from '../core/errors.ts';
import { pickPlace } from './endpointPlace.ts';
import { tokens } from './format.ts';
import { commands } from './ids.ts';
import type { Services } from './services.ts';
import { readSettings, saveEndpointSetting, selectEndpointSetting } from './settings.ts';

/** "Longview: Add Endpoint": provider, key, model from its live list, a test call, ready. */
export function registerAddEndpoint(context: vscode.ExtensionContext, services: Services): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(commands.addEndpoint, async () => {
      try {
        await addEndpoint(services);
      } catch (error) {
        if (isCancellation(error)) return;
        services.log.error(error instanceof Error ? error : String(error));
        await vscode.window.showErrorMessage(describeError(error));
      }
    }),
  );
}

async function addEndpoint(services: Services): Promise<void> {
  const place = await pickPlace();
  if (place === undefined) return;
  const key = await askKey(place.provider);
  if (key === undefined) return;
  const draft = endpointOf(
    { id: 'draft', baseUrl: place.baseUrl, model: '', provider: place.provider.id },
    key,
  );
  const model = await pickModel(draft, place.provider);
  if (model === undefined) return;
  if (!(await acceptLicence(model))) return;
  const config: EndpointConfig = {
    id: uniqueId(place.provider, model),
    name: `${shortName(model)} (${place.provider.name})`,
    baseUrl: place.baseUrl,
    model,
    provider: place.provider.id,
  };
  if (!(await testCall(endpointOf(config, key)))) return;
  if (key !== '') await services.endpoints.setKey(config.id, key);
  await saveEndpointSetting(config);
  await selectEndpointSetting(config.id);
  services.gauge.refresh();
  void vscode.window.showInformationMessage(
    vscode.l10n.t('{0} is ready and selected.', config.name ?? config.id),
  );
}

/** '' where none is needed; undefined when the user gave up. */
async function askKey({ auth, name, links }: Provider): Promise<string | undefined> {
  if (auth === 'none') return '';
  const prompt =
    auth === 'optional'
      ? vscode.l10n.t('Leave it empty if the server wants none.')
      : vscode.l10n.t('Kept in VS Code’s secret storage. {0}', links.keys ?? links.docs);
  const key = await vscode.window.showInputBox({
    title: vscode.l10n.t('API key for {0}', name),
    prompt,
    password: true,
    ignoreFocusOut: true,
  });
  return key?.trim();
}

/** From the provider's live list, Scout first; or typed, where there is no list. */
async function pickModel(endpoint: Endpoint, provider: Provider): Promise<string | undefined> {
  const models = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Longview: reading the models of {0}…', provider.name),
    },
    async () => listModels(endpoint, provider),
  );
  const typed = { label: `$(edit) ${vscode.l10n.t('Type a model id…')}`, id: undefined };
  const items = models.map(model => ({ label: model.id, description: describeListed(model), id: model.id }));
  if (items.length > 0) {
    const picked = await vscode.window.showQuickPick([...items, typed], {
      title: vscode.l10n.t('Model of {0}', provider.name),
      matchOnDescription: true,
      ignoreFocusOut: true,
    });
    if (picked?.id !== undefined || picked === undefined) return picked?.id;
  }
  const known = provider.models.scout?.gone === undefined ? provider.models.scout?.id : undefined;
  const id = await vscode.window.showInputBox({
    title: vscode.l10n.t('Model id at {0}', provider.name),
    value: known ?? '',
    ignoreFocusOut: true,
  });
  return id === undefined || id.trim() === '' ? undefined : id.trim();
}

function describeListed(model: ListedModel): string {
  const window = usableWindow(model);
  const limit =
    window === undefined ? vscode.l10n.t('limit unknown') : vscode.l10n.t('{0} tokens', tokens(window));
  if (model.price === undefined) return limit;
  return `${limit} · $${model.price.input} in, $${model.price.output} out per million`;
}

/** The licence is told once per choice of a Llama 4 model; reading on is the user's decision. */
async function acceptLicence(model: string): Promise<boolean> {
  const note = licenceNote(model);
  if (note === undefined) return true;
  const go = vscode.l10n.t('Continue');
  const read = vscode.l10n.t('Read the Licence');
  for (;;) {
    const choice = await vscode.window.showInformationMessage(
      note.title,
      { modal: true, detail: note.text },
      go,
      read,
    );
    if (choice !== read) return choice === go;
    await vscode.env.openExternal(vscode.Uri.parse(note.url));
  }
}

/** No source leaves: the question is ours, and it asks for one word. */
const harmless: Gates = { pass: () => Promise.resolve() };

async function testCall(endpoint: Endpoint): Promise<boolean> {
  const name = endpoint.config.name ?? endpoint.config.id;
  try {
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Longview: testing {0}…', name),
        cancellable: true,
      },
      async (_progress, token) => {
        const controller = new AbortController();
        token.onCancellationRequested(() => controller.abort());
        const request = {
          messages: [{ role: 'user', content: 'Say OK.' }],
          maxTokens: 16,
          files: 0,
          tokens: 13,
        } as const;
        const events = streamChat(endpoint, request, harmless, controller.signal);
        while ((await events.next()).done !== true);
      },
    );
    return true;
  } catch (error) {
    if (isCancellation(error)) return false;
    const keep = vscode.l10n.t('Add It Anyway');
    const detail = describeError(error);
    const choice = await vscode.window.showWarningMessage(
      vscode.l10n.t('The test call to {0} failed.', name),
      { modal: true, detail },
      keep,
    );
    return choice === keep;
  }
}

function endpointOf(config: EndpointConfig, key: string): Endpoint {
  return {
    config,
    kind: 'server',
    fetch: createHttpFetch(() => readSettings().timeoutMs),
    apiKey: () => Promise.resolve(key === '' ? undefined : key),
  };
}

function shortName(model: string): string {
  return model.split('/').at(-1) ?? model;
}

/** `openrouter/llama-4-scout`, with a number where that is taken. */
function uniqueId(provider: Provider, model: string): string {
  const taken = new Set(readSettings().endpoints.map(e => e.id));
  const base = `${provider.id}/${shortName(model)}`.replace(/[^\w.:/-]/g, '-').slice(0, 90);
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  return id;
}
