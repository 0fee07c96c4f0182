import * as vscode from 'vscode';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { priceOf } from '../core/endpoint/cost.ts';
import { createEvidenceStore, type EvidenceStore } from '../core/endpoint/evidenceStore.ts';
import { createCacheWatch, type CacheWatch } from '../core/endpoint/prefixCache.ts';
import { createMeasurer, type Measurer } from '../core/pack/measurer.ts';
import { createPackSession, type PackSession } from '../core/review/packSession.ts';
import { loadSalt } from '../core/tokens/saltFile.ts';
import { createPromptCounter, type PromptCounter } from '../core/endpoint/countTokens.ts';
import type { AskDeps } from '../core/review/ask.ts';
import { createEditorCounting, type EditorCounting } from './counting.ts';
import { createGates, type EditorGates } from './consent.ts';
import { createEndpoints, type Endpoints } from './endpoints.ts';
import { createFilesModel, type FilesModel } from './filesModel.ts';
import { createGauge, type Gauge } from './gauge.ts';
import { createHistoryService, type HistoryService } from './historyService.ts';
import { createLiveWorkspace, unsavedText, type LiveWorkspace } from './liveWorkspace.ts';
import { chooseFile, confirmModally, type ChooseFile, type Confirm } from './prompts.ts';
import { createSecretChoices, type SecretChoices } from './secrets.ts';
import { createSelections, type Selections } from './selections.ts';
import { readSettings } from './settings.ts';
import { createSteeringChoices, type SteeringChoices } from './steering.ts';
import { createVirtualFolders, type VirtualFolders } from './virtualFolders.ts';
import { createSpending, type Spending } from './spending.ts';

/** What the features share. Made once, in `activate`. */
export interface Services {
  readonly log: vscode.LogOutputChannel;
  readonly measurer: Measurer;
  readonly endpoints: Endpoints;
  readonly gates: EditorGates;
  readonly gauge: Gauge;
  readonly files: FilesModel;
  readonly live: LiveWorkspace;
  readonly virtual: VirtualFolders;
  /** Packs of this session's asks, for the next ones. */
  readonly packs: PackSession;
  /** See `unsavedText`. */
  readonly unsaved: (absolutePath: string) => string | undefined;
  /** Folder of what outlives a restart, shared by all windows. */
  readonly storage: string;
  readonly counting: EditorCounting;
  readonly countPrompt: PromptCounter;
  readonly onUsage: NonNullable<AskDeps['onUsage']>;
  /** What is known of limits and prices, kept across restarts. */
  readonly store: EvidenceStore;
  readonly cacheWatch: CacheWatch;
  readonly spending: Spending;
  readonly history: HistoryService;
  /** Kept over all workspaces. */
  readonly memento: vscode.Memento;
  readonly secrets: SecretChoices;
  readonly steering: SteeringChoices;
  readonly selections: Selections;
  /** The seam of {@link Confirm}; tests put their own in. */
  confirm: Confirm;
  chooseFile: ChooseFile;
}

export async function createServices(context: vscode.ExtensionContext): Promise<Services> {
  const log = vscode.window.createOutputChannel('Longview', { log: true });
  const storage = context.globalStorageUri.fsPath;
  const salt = await loadSalt(join(storage, 'salt')).catch((error: unknown) => {
    log.warn(`What is allowed of secrets holds for this session only: ${String(error)}`);
    return randomUUID();
  });
  const secrets = createSecretChoices(context.workspaceState, salt);
  const measurer = createMeasurer(
    context.asAbsolutePath('dist/measureWorker.js'),
    {
      file: join(storage, 'counts'),
      measuredFolder: join(storage, 'measured'),
      warn: message => log.warn(message),
    },
    secrets,
    { inBackground: true },
  );
  const counting = await createEditorCounting(join(storage, 'ratios'), measurer, log);
  const endpoints = createEndpoints(context.secrets, measurer);
  const store = createEvidenceStore(join(storage, 'evidence.json'), error =>
    log.warn(`What was learned of limits could not be kept: ${String(error)}`),
  );
  const spending = createSpending(context.workspaceState);
  const history = createHistoryService(context);
  const virtual = createVirtualFolders();
  const live = createLiveWorkspace(virtual);
  const steering = createSteeringChoices(context.workspaceState, log);
  const selections = createSelections(context.workspaceState, steering, virtual, log);
  const gauge = createGauge({ endpoints, measurer, log, store, live, counting, steering });
  const services: Services = {
    log,
    measurer,
    endpoints,
    gauge,
    files: createFilesModel(gauge, steering),
    live,
    virtual,
    packs: createPackSession(),
    unsaved: unsavedText,
    storage,
    counting,
    countPrompt: createPromptCounter(),
    onUsage: (usage, prepared) => void counting.learn(prepared, usage),
    store,
    spending,
    history,
    memento: context.globalState,
    secrets,
    steering,
    selections,
    cacheWatch: createCacheWatch(),
    gates: createGates(
      context.workspaceState,
      () => services.confirm,
      () => {
        const { prompt, confirmAboveUsd } = readSettings();
        return { answerTokens: prompt.answerTokens, confirmAboveUsd, price: s => priceOf(s.endpoint, store) };
      },
    ),
    confirm: confirmModally,
    chooseFile,
  };
  let keptAt = 0;
  const keepCounts = async (): Promise<void> => {
    // The whole file is written, so not for every edit.
    if (measurer.freshCounts < 1000 && Date.now() - keptAt < 60_000) return;
    keptAt = Date.now();
    await measurer.keepCounts();
  };
  context.subscriptions.push(
    log,
    live,
    virtual,
    steering,
    selections,
    gauge,
    history,
    // What a reply taught is in the next prompt, and shown before it.
    counting.onDidLearn(() => gauge.refresh()),
    counting,
    // After a survey, not at the end: VS Code does not wait long for extensions when it closes.
    gauge.onDidChange(state => {
      if (state.kind === 'ready') void keepCounts();
    }),
    { dispose: () => void measurer.dispose() },
  );
  return services;
}
