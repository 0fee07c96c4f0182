import * as vscode from 'vscode';

import type { EvidenceStore } from '../core/endpoint/evidenceStore.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import { describeError, isCancellation } from '../core/errors.ts';
import type { Measurer } from '../core/pack/measurer.ts';
import { survey, type PrepareProgress, type Survey } from '../core/review/prepare.ts';
import type { EditorCounting } from './counting.ts';
import type { Endpoints } from './endpoints.ts';
import { settingKeys } from './ids.ts';
import { workspaceRequest } from './workspace.ts';

/** What the next prompt would be; status bar and budget view draw this and nothing else. */
export type GaugeState =
  | { readonly kind: 'no-workspace' }
  | { readonly kind: 'surveying'; readonly progress: PrepareProgress | null }
  | { readonly kind: 'ready'; readonly endpoint: Endpoint; readonly survey: Survey }
  | { readonly kind: 'failed'; readonly message: string };

export interface Gauge {
  readonly state: GaugeState;
  readonly onDidChange: vscode.Event<GaugeState>;
  /** Surveys again; calls during a run collapse into one more run. */
  refresh(): void;
  dispose(): void;
}

export interface GaugeDeps {
  readonly endpoints: Endpoints;
  readonly measurer: Measurer;
  readonly log: vscode.LogOutputChannel;
  readonly store: EvidenceStore;
  readonly counting: EditorCounting;
}

export function createGauge({ endpoints, measurer, log, store, counting }: GaugeDeps): Gauge {
  const changed = new vscode.EventEmitter<GaugeState>();
  let state: GaugeState = { kind: 'surveying', progress: null };
  let running: AbortController | undefined;
  let queued = false;

  function show(next: GaugeState): void {
    state = next;
    changed.fire(next);
  }

  async function once(controller: AbortController): Promise<void> {
    const { signal } = controller;
    const stop = () => controller.abort();
    const request = workspaceRequest();
    if (request.folders.length === 0) {
      show({ kind: 'no-workspace' });
      return;
    }
    try {
      const endpoint = endpoints.selected();
      // A gauge that is already shown stays until there is a new one.
      const onProgress = (progress: PrepareProgress) => {
        if (!signal.aborted && state.kind === 'surveying') show({ kind: 'surveying', progress });
      };
      const surveyed = await survey(
        {
          ...request,
          endpoint,
          counting: await counting.of(endpoint, signal),
          store,
          question: '',
          signal,
          onProgress,
        },
        measurer,
      );
      show({ kind: 'ready', endpoint, survey: surveyed });
    } catch (error) {
      if (isCancellation(error)) return;
      // What still runs for this survey must not speak after its end.
      stop();
      log.error(error instanceof Error ? error : String(error));
      show({ kind: 'failed', message: describeError(error) });
    }
  }

  function takeQueued(): boolean {
    const wanted = queued;
    queued = false;
    return wanted;
  }

  async function run(): Promise<void> {
    while (takeQueued()) {
      running = new AbortController();
      await once(running);
    }
    running = undefined;
  }

  function refresh(): void {
    queued = true;
    // A survey for settings or files of before is worth nothing any more.
    if (running === undefined) void run();
    else running.abort();
  }

  const listeners = [
    vscode.workspace.onDidChangeWorkspaceFolders(refresh),
    vscode.workspace.onDidSaveTextDocument(refresh),
    vscode.workspace.onDidCreateFiles(refresh),
    vscode.workspace.onDidDeleteFiles(refresh),
    vscode.workspace.onDidRenameFiles(refresh),
    vscode.workspace.onDidGrantWorkspaceTrust(refresh),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (Object.values(settingKeys).some(key => event.affectsConfiguration(key))) refresh();
    }),
  ];
  return {
    get state() {
      return state;
    },
    onDidChange: changed.event,
    refresh,
    dispose() {
      running?.abort();
      for (const listener of listeners) listener.dispose();
      changed.dispose();
    },
  };
}
