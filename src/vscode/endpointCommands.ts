import * as vscode from 'vscode';

import { hostOf } from '../core/endpoint/gates.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import { editEndpoint } from './editEndpoint.ts';
import { pickEndpoint } from './endpointPicker.ts';
import { describeEndpoint } from './gaugeRows.ts';
import { commands, settingKeys } from './ids.ts';
import { measureRealLimit } from './measureLimit.ts';
import { offerOtherModel, useModel, type UseModel } from './otherModel.ts';
import { recheckLimit } from './recheckLimit.ts';
import { reporting } from './reporting.ts';
import type { Services } from './services.ts';
import { readSettings, removeEndpointSetting, selectEndpointSetting } from './settings.ts';

/** Choosing an endpoint and what can be done with one. Commands take an id where a row or a link has one to give. */
export function registerEndpointCommands(context: vscode.ExtensionContext, services: Services): void {
  const { endpoints, gates, gauge } = services;
  const register = (command: string, run: (given?: unknown) => Promise<void>) =>
    context.subscriptions.push(vscode.commands.registerCommand(command, reporting(services, run)));
  /** The endpoint with the given id, else the selected one. */
  const target = (given: unknown) =>
    (typeof given === 'string' ? endpoints.byId(given) : undefined) ?? endpoints.selected();

  register(commands.selectEndpoint, async () => selectEndpoint(services));
  register(commands.editEndpoints, async () => {
    await vscode.commands.executeCommand('workbench.action.openSettings', settingKeys.endpoints);
  });
  register(commands.editEndpoint, async given => {
    const id = await serverFrom(given, services, vscode.l10n.t('Edit which endpoint?'));
    if (id !== undefined) await editEndpoint(id, services);
  });
  register(commands.recheckLimit, async given => recheckLimit(target(given), services));
  register(commands.measureLimit, async given => {
    const { id, budget } = (typeof given === 'object' && given !== null ? given : { id: given }) as {
      readonly id?: unknown;
      readonly budget?: unknown;
    };
    await measureRealLimit(target(id), services, typeof budget === 'string' ? { budget } : undefined);
  });
  register(commands.useModel, async given => {
    const { endpoint, model } = (given ?? {}) as Partial<UseModel>;
    if (typeof endpoint !== 'string') return;
    await useModel({ endpoint, ...(typeof model === 'string' && { model }) }, services);
  });
  register(commands.setApiKey, async given => {
    const id = await serverFrom(given, services, vscode.l10n.t('Set the API key of which endpoint?'));
    if (id === undefined) return;
    const key = await vscode.window.showInputBox({
      title: vscode.l10n.t('API key for {0}', id),
      prompt: vscode.l10n.t('Kept in VS Code’s secret storage. Leave it empty to remove the stored key.'),
      password: true,
      ignoreFocusOut: true,
    });
    if (key === undefined) return;
    await (key.trim() === '' ? endpoints.removeKey(id) : endpoints.setKey(id, key.trim()));
    gauge.refresh();
  });
  register(commands.removeEndpoint, async given => {
    const id = await serverFrom(given, services, vscode.l10n.t('Remove which endpoint, and its key?'));
    const endpoint = id === undefined ? undefined : endpoints.byId(id);
    if (endpoint !== undefined) await removeEndpoint(endpoint, services);
  });
  register(commands.forgetConsent, async () => {
    await gates.forget();
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Longview will ask again before it sends files of this workspace.'),
    );
  });
}

/** The list of endpoints, opened again after what was done to one of them. */
async function selectEndpoint(services: Services): Promise<void> {
  for (;;) {
    const picked = await pickEndpoint(services);
    switch (picked?.kind) {
      case undefined:
        return;
      case 'command':
        await vscode.commands.executeCommand(picked.command);
        return;
      case 'select':
        if (picked.gone) await offerOtherModel(picked.endpoint, services);
        else {
          await selectEndpointSetting(picked.endpoint.config.id);
          services.gauge.refresh();
        }
        return;
      case 'edit':
        await editEndpoint(picked.endpoint.config.id, services);
        break;
      case 'remove':
        await removeEndpoint(picked.endpoint, services);
        break;
      case 'recheck':
        await recheckLimit(picked.endpoint, services);
    }
  }
}

async function removeEndpoint(endpoint: Endpoint, services: Services): Promise<void> {
  const { id } = endpoint.config;
  const remove = vscode.l10n.t('Remove');
  const choice = await services.confirm({
    title: vscode.l10n.t('Remove {0}?', describeEndpoint(endpoint)),
    detail: vscode.l10n.t(
      'Its entry in your settings and its stored API key are deleted. What was learned of the limit is kept.',
    ),
    choices: [remove],
  });
  if (choice !== remove) return;
  await removeEndpointSetting(id);
  await services.endpoints.removeKey(id);
  if (readSettings().endpoint === id) await selectEndpointSetting('offline');
  services.gauge.refresh();
}

/** The id that a caller gave, else the one the user picks among those that are servers. */
async function serverFrom(given: unknown, services: Services, title: string): Promise<string | undefined> {
  const servers = services.endpoints.all().filter(e => e.kind === 'server');
  if (typeof given === 'string') return servers.find(e => e.config.id === given)?.config.id;
  if (servers.length === 0) {
    const add = vscode.l10n.t('Add Endpoint…');
    const choice = await vscode.window.showInformationMessage(
      vscode.l10n.t('There is only the offline reader, which needs no key.'),
      add,
    );
    if (choice === add) await vscode.commands.executeCommand(commands.addEndpoint);
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(
    servers.map(e => ({ id: e.config.id, label: describeEndpoint(e), description: hostOf(e) })),
    { title },
  );
  return picked?.id;
}
