import * as vscode from 'vscode';

import { hostOf } from '../core/endpoint/gates.ts';
import { commands, settingKeys } from './ids.ts';
import type { Services } from './services.ts';
import { readSettings, removeEndpointSetting, selectEndpointSetting } from './settings.ts';

/** Choosing an endpoint, storing its key, taking back consent. */
export function registerEndpointCommands(context: vscode.ExtensionContext, services: Services): void {
  const { endpoints, gates, gauge } = services;
  context.subscriptions.push(
    vscode.commands.registerCommand(commands.selectEndpoint, async () => {
      const id = await pickEndpoint(services);
      if (id === undefined) return;
      await selectEndpointSetting(id);
      gauge.refresh();
    }),
    vscode.commands.registerCommand(commands.editEndpoints, () =>
      vscode.commands.executeCommand('workbench.action.openSettings', settingKeys.endpoints),
    ),
    vscode.commands.registerCommand(commands.setApiKey, async () => {
      const id = await pickServer(services, vscode.l10n.t('Set the API key of which endpoint?'));
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
    }),
    vscode.commands.registerCommand(commands.removeEndpoint, async () => {
      const id = await pickServer(services, vscode.l10n.t('Remove which endpoint, and its key?'));
      if (id === undefined) return;
      await removeEndpointSetting(id);
      await endpoints.removeKey(id);
      if (readSettings().endpoint === id) await selectEndpointSetting('offline');
      gauge.refresh();
    }),
    vscode.commands.registerCommand(commands.forgetConsent, async () => {
      await gates.forget();
      await vscode.window.showInformationMessage(
        vscode.l10n.t('Longview will ask again before it sends files of this workspace.'),
      );
    }),
  );
}

async function pickEndpoint({ endpoints }: Services): Promise<string | undefined> {
  const { endpoint: current, endpointsError } = readSettings();
  const items = endpoints.all().map(e => ({
    id: e.config.id,
    label: e.config.name ?? e.config.id,
    description: e.config.id === current ? vscode.l10n.t('selected') : '',
    detail:
      e.kind === 'offline'
        ? vscode.l10n.t('No model, no network: quotes the passages that match best')
        : `${e.config.model} · ${hostOf(e)}`,
  }));
  const add = {
    id: commands.addEndpoint,
    label: `$(add) ${vscode.l10n.t('Add Endpoint…')}`,
    description: '',
    detail: '',
  };
  const edit = {
    id: undefined,
    label: `$(gear) ${vscode.l10n.t('Edit Endpoints…')}`,
    description: '',
    detail: endpointsError?.message ?? '',
  };
  const picked = await vscode.window.showQuickPick([...items, add, edit], {
    title: vscode.l10n.t('Longview: Select Endpoint'),
    matchOnDetail: true,
  });
  if (picked === undefined) return undefined;
  if (picked.id === undefined || picked.id === commands.addEndpoint) {
    await vscode.commands.executeCommand(picked.id ?? commands.editEndpoints);
    return undefined;
  }
  return picked.id;
}

async function pickServer({ endpoints }: Services, title: string): Promise<string | undefined> {
  const servers = endpoints.all().filter(e => e.kind === 'server');
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
    servers.map(e => ({ id: e.config.id, label: e.config.name ?? e.config.id, description: hostOf(e) })),
    { title },
  );
  return picked?.id;
}
