import * as vscode from 'vscode';

import type { AllowedSecrets } from '../core/pack/measurer.ts';
import { listSecrets, type ListedSecret } from '../core/pack/secretsReport.ts';
import type { SourceFile } from '../core/workspace/types.ts';
import { commands } from './ids.ts';
import { uriOf } from './places.ts';
import type { Services } from './services.ts';

const memory = 'longview.allowedSecrets';

/** Secrets the user lets out of this workspace, by id. */
export interface SecretChoices extends AllowedSecrets {
  set(id: string, allowed: boolean): Promise<void>;
}

/** Kept with the workspace, on this machine: a repository cannot allow its own secrets. */
export function createSecretChoices(state: vscode.Memento, salt: string): SecretChoices {
  const ids = () => {
    const kept = state.get<unknown>(memory);
    return Array.isArray(kept) ? kept.filter((id): id is string => typeof id === 'string') : [];
  };
  return {
    salt,
    ids,
    async set(id, allowed) {
      const others = ids().filter(other => other !== id);
      await state.update(memory, allowed ? [...others, id] : others);
    },
  };
}

/** Reviewing what is redacted: the list, the line it stands in, and letting one through. */
export function registerSecrets(context: vscode.ExtensionContext, services: Services): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(commands.reviewSecrets, () => reviewSecrets(services)),
  );
}

interface Item extends vscode.QuickPickItem {
  readonly secret: ListedSecret;
}

async function reviewSecrets({ gauge, secrets }: Services): Promise<void> {
  if (gauge.state.kind !== 'ready') {
    await vscode.window.showInformationMessage(vscode.l10n.t('The workspace is still being read.'));
    return;
  }
  const { files } = gauge.state.survey.inventory;
  const found = listSecrets(files);
  if (found.length === 0) {
    await vscode.window.showInformationMessage(vscode.l10n.t('No secrets were found in this workspace.'));
    return;
  }
  const allowed = new Set(secrets.ids());
  const pick = vscode.window.createQuickPick<Item>();
  const show = () => {
    const active = pick.activeItems[0]?.secret.id;
    pick.items = found.map(secret => item(secret, allowed.has(secret.id)));
    pick.activeItems = pick.items.filter(({ secret }) => secret.id === active).slice(0, 1);
  };
  pick.title = vscode.l10n.t('Secrets that are redacted in a prompt');
  pick.placeholder = vscode.l10n.t(
    'Choose one to see its line; the button sends it as it is, or redacts it again',
  );
  pick.matchOnDescription = true;
  show();
  let changed = false;
  pick.onDidTriggerItemButton(({ item: { secret } }) => {
    const allow = !allowed.has(secret.id);
    if (allow) allowed.add(secret.id);
    else allowed.delete(secret.id);
    changed = true;
    show();
    void secrets.set(secret.id, allow);
  });
  pick.onDidAccept(() => {
    const chosen = pick.activeItems[0]?.secret;
    pick.hide();
    if (chosen !== undefined) void openLine(files, chosen);
  });
  pick.onDidHide(() => {
    pick.dispose();
    if (changed) gauge.refresh();
  });
  pick.show();
}

function item(secret: ListedSecret, allowed: boolean): Item {
  return {
    secret,
    label: `${allowed ? '$(eye)' : '$(eye-closed)'} ${secret.path}:${secret.line}`,
    description: secret.rule,
    detail: allowed ? vscode.l10n.t('Sent as it is: you allowed it') : vscode.l10n.t('Redacted'),
    buttons: [
      allowed
        ? { iconPath: new vscode.ThemeIcon('eye-closed'), tooltip: vscode.l10n.t('Redact this secret again') }
        : { iconPath: new vscode.ThemeIcon('eye'), tooltip: vscode.l10n.t('Send this secret as it is') },
    ],
  };
}

async function openLine(files: readonly SourceFile[], { path, line }: ListedSecret): Promise<void> {
  const file = files.find(f => f.path === path);
  if (file === undefined) return;
  const at = new vscode.Position(line - 1, 0);
  await vscode.window.showTextDocument(uriOf(file.absolutePath), {
    selection: new vscode.Range(at, at),
  });
}
