import * as vscode from 'vscode';
import { randomBytes } from 'node:crypto';

import { describeError, isCancellation } from '../core/errors.ts';
import { parseMapRequest, type BudgetMap, type MapRequest, type MapUpdate } from '../core/pack/budgetMap.ts';
import { mapping } from '../core/pack/mapOf.ts';
import { mapPage } from '../core/pack/mapPage.ts';
import { encodeUpdate } from '../core/pack/mapWire.ts';
import { inTurns, pacer, type Pausing } from '../core/pace.ts';
import { whatIf } from '../core/review/whatIf.ts';
import { findByPath, firstAt, inPathOrder } from '../core/workspace/byPath.ts';
import type { Plan } from '../core/pack/types.ts';
import { coalesce, systemTimers } from '../core/workspace/coalesce.ts';
import type { GaugeState } from './gauge.ts';
import { commands, mapPanel } from './ids.ts';
import { uriOf } from './places.ts';
import type { Services } from './services.ts';
import { openFolders, workspaceRequest } from './workspace.ts';

/** A map of 20,000 files is 3 MB to the webview: surveys in a row are drawn once, ms. */
const pace = { quietMs: 100, mostMs: 1000 };

/** The budget map: one panel, drawn from the gauge, there again after a reload. */
export function registerBudgetMap(context: vscode.ExtensionContext, services: Services): void {
  let shown: vscode.WebviewPanel | undefined;
  const show = (panel: vscode.WebviewPanel) => {
    shown?.dispose();
    shown = panel;
    const attached = attach(panel, context.extensionUri, services);
    panel.onDidDispose(() => {
      attached.dispose();
      if (shown === panel) shown = undefined;
    });
  };
  context.subscriptions.push(
    vscode.commands.registerCommand(commands.showMap, () => {
      if (shown !== undefined) shown.reveal();
      else
        show(
          vscode.window.createWebviewPanel(mapPanel, vscode.l10n.t('Budget Map'), vscode.ViewColumn.Active, {
            enableScripts: true,
            localResourceRoots: resourceRoots(context.extensionUri),
          }),
        );
    }),
    vscode.window.registerWebviewPanelSerializer(mapPanel, {
      deserializeWebviewPanel(panel) {
        panel.webview.options = {
          enableScripts: true,
          localResourceRoots: resourceRoots(context.extensionUri),
        };
        show(panel);
        return Promise.resolve();
      },
    }),
    { dispose: () => void shown?.dispose() },
  );
}

function resourceRoots(extension: vscode.Uri): vscode.Uri[] {
  return [vscode.Uri.joinPath(extension, 'dist'), vscode.Uri.joinPath(extension, 'media')];
}

/** Draws into the panel until it is disposed of. */
function attach(panel: vscode.WebviewPanel, extension: vscode.Uri, services: Services): { dispose(): void } {
  const { gauge, steering, log } = services;
  const { webview } = panel;
  let planning: AbortController | undefined;

  const closed = new AbortController();
  const breathe = pacer(closed.signal);
  const failed = (error: unknown) => {
    if (!isCancellation(error)) log.error(error instanceof Error ? error : String(error));
  };
  let posted: Promise<void> = Promise.resolve();
  let last = 0;
  /** Whose files the page has, in their order. */
  let drawn: Plan | undefined;

  /** One after the other, as they were asked for; `make` gives nothing where nobody wants it any more. */
  function post(make: () => Promise<MapUpdate | undefined>): void {
    const next = async () => {
      await breathe();
      const update = await make();
      if (update === undefined) return;
      const message = await encodeUpdate(update, breathe);
      closed.signal.throwIfAborted();
      await webview.postMessage(message);
    };
    posted = posted.then(next).catch(failed);
  }
  const tell = (update: MapUpdate) => post(() => Promise.resolve(update));

  function draw(): void {
    // A hidden page is gone; when it is seen again it is a new one, which says that it is ready.
    if (!panel.visible) return;
    const { state } = gauge;
    if (state.kind !== 'ready') {
      tell({ kind: 'message', text: describeState(state) });
      return;
    }
    const turn = ++last;
    post(async () => {
      const map = turn === last ? await inTurns(mapOfState(state), breathe) : undefined;
      if (map === undefined || turn !== last) return undefined;
      drawn = state.survey.plan;
      return { kind: 'map', map };
    });
  }
  const drawing = coalesce(draw, pace, systemTimers);

  async function plan(limit: number): Promise<void> {
    planning?.abort();
    const { state } = gauge;
    if (state.kind !== 'ready') return;
    planning = new AbortController();
    const { signal } = planning;
    try {
      const request = { ...workspaceRequest(steering), signal };
      const found = await whatIf(request, state.survey, limit, services.measurer);
      // Forms stand in the order of the files that it was planned for.
      const isOfDrawn = () => !signal.aborted && drawn === state.survey.plan;
      post(() => Promise.resolve(isOfDrawn() ? { kind: 'what-if', plan: found } : undefined));
    } catch (error) {
      if (isCancellation(error) || signal.aborted) return;
      failed(error);
      tell({ kind: 'message', text: describeError(error) });
    }
  }

  async function answer(request: MapRequest): Promise<void> {
    switch (request.kind) {
      case 'ready':
        draw();
        return;
      case 'what-if':
        return plan(request.limit);
      case 'open':
        return openPath(request.path, gauge.state);
      case 'toggle': {
        const paths = knownPaths(request.paths, gauge.state);
        if (paths.length > 0) await steering.say(paths, request.include ? 'include' : 'exclude');
      }
    }
  }

  const listeners = [
    webview.onDidReceiveMessage((message: unknown) => {
      const request = parseMapRequest(message);
      if (request === undefined) return;
      answer(request).catch((error: unknown) => {
        failed(error);
        void vscode.window.showErrorMessage(describeError(error));
      });
    }),
    gauge.onDidChange(() => drawing.call()),
  ];
  webview.html = page(webview, extension);
  return {
    dispose() {
      planning?.abort();
      closed.abort();
      drawing.dispose();
      for (const listener of listeners) listener.dispose();
    },
  };
}

function page(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(18).toString('base64');
  const uri = (folder: string, name: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(extension, folder, name)).toString();
  return mapPage({
    policy: `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource}; base-uri 'none'; form-action 'none'`,
    title: vscode.l10n.t('Budget Map'),
    style: `<link rel="stylesheet" href="${uri('media', 'map.css')}">`,
    script: `<script nonce="${nonce}" src="${uri('dist', 'map.js')}"></script>`,
  });
}

function mapOfState({ survey, conversation }: Extract<GaugeState, { kind: 'ready' }>): Pausing<BudgetMap> {
  const folders = openFolders();
  const title = folders.length === 1 ? folders[0]?.name : vscode.workspace.name;
  return mapping(survey, { title: title ?? vscode.l10n.t('Workspace'), conversation });
}

function describeState(state: Exclude<GaugeState, { kind: 'ready' }>): string {
  switch (state.kind) {
    case 'no-workspace':
      return vscode.l10n.t('Open a folder to see what its files take of the context limit.');
    case 'surveying':
      return vscode.l10n.t('Counting…');
    case 'failed':
      return state.message;
  }
}

/** A page asks for paths; only what the inventory holds is opened. */
async function openPath(path: string, state: GaugeState): Promise<void> {
  if (state.kind !== 'ready') return;
  const file = findByPath(state.survey.inventory.files)(path);
  if (file !== undefined) await vscode.window.showTextDocument(uriOf(file.absolutePath));
}

/** The same for wishes: of files of the plan, and folders that hold some. */
function knownPaths(paths: readonly string[], state: GaugeState): string[] {
  if (state.kind !== 'ready') return [];
  const files = inPathOrder(state.survey.plan.files);
  const isFile = (path: string) => files[firstAt(files, path)]?.path === path;
  const isFolder = (path: string) => files[firstAt(files, `${path}/`)]?.path.startsWith(`${path}/`) === true;
  return paths.filter(path => path === '' || isFile(path) || isFolder(path));
}
