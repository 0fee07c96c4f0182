import * as vscode from 'vscode';
import { join } from 'node:path';

import { createEvidenceStore, type EvidenceStore } from '../core/endpoint/evidenceStore.ts';
import { createCacheWatch, type CacheWatch } from '../core/endpoint/prefixCache.ts';
import { createMeasurer, type Measurer } from '../core/pack/measurer.ts';
import { loadCounts, saveCounts } from '../core/tokens/countStore.ts';
import { createGates, type EditorGates } from './consent.ts';
import { createEndpoints, type Endpoints } from './endpoints.ts';
import { createGauge, type Gauge } from './gauge.ts';
import { createHistoryService, type HistoryService } from './historyService.ts';
import { chooseFile, confirmModally, type ChooseFile, type Confirm } from './prompts.ts';
import { readSettings } from './settings.ts';
import { createSpending, priceOf, type Spending } from './spending.ts';

/** What the features share. Made once, in `activate`. */
export interface Services {
  readonly log: vscode.LogOutputChannel;
  readonly measurer: Measurer;
  readonly endpoints: Endpoints;
  readonly gates: EditorGates;
  readonly gauge: Gauge;
  /** What is known of limits and prices, kept across restarts. */
  readonly store: EvidenceStore;
  readonly cacheWatch: CacheWatch;
  readonly spending: Spending;
  readonly history: HistoryService;
  /** The seam of {@link Confirm}; tests put their own in. */
  confirm: Confirm;
  chooseFile: ChooseFile;
}

export async function createServices(context: vscode.ExtensionContext): Promise<Services> {
  const log = vscode.window.createOutputChannel('Longview', { log: true });
  const cache = join(context.globalStorageUri.fsPath, 'counts');
  const known = await loadCounts(cache).catch((error: unknown) => {
    log.warn(`The token cache could not be read, so files are counted again: ${String(error)}`);
    return new Map<string, number>();
  });
  const measurer = createMeasurer(context.asAbsolutePath('dist/measureWorker.js'), known);
  const endpoints = createEndpoints(context.secrets, measurer);
  const store = createEvidenceStore(join(context.globalStorageUri.fsPath, 'evidence.json'), error =>
    log.warn(`What was learned of limits could not be kept: ${String(error)}`),
  );
  const spending = createSpending(context.workspaceState);
  const history = createHistoryService(context);
  const gauge = createGauge({ endpoints, measurer, log, store });
  const services: Services = {
    log,
    measurer,
    endpoints,
    gauge,
    store,
    spending,
    history,
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
  let kept = known.size;
  const keepCounts = async (): Promise<void> => {
    if (measurer.counts.size === kept) return;
    kept = measurer.counts.size;
    await saveCounts(cache, measurer.counts).catch((error: unknown) => {
      log.warn(`The token cache could not be written: ${String(error)}`);
    });
  };
  context.subscriptions.push(
    log,
    gauge,
    history,
    // After a survey, not at the end: VS Code does not wait long for extensions when it closes.
    gauge.onDidChange(state => {
      if (state.kind === 'ready') void keepCounts();
    }),
    { dispose: () => void measurer.dispose() },
  );
  return services;
}
