import * as vscode from 'vscode';
import { join } from 'node:path';

import { createMeasurer, type Measurer } from '../core/pack/measurer.ts';
import { loadCounts, saveCounts } from '../core/tokens/countStore.ts';
import { createGates, type EditorGates } from './consent.ts';
import { createEndpoints, type Endpoints } from './endpoints.ts';
import { createGauge, type Gauge } from './gauge.ts';
import { confirmModally, type Confirm } from './prompts.ts';

/** What the features share. Made once, in `activate`. */
export interface Services {
  readonly log: vscode.LogOutputChannel;
  readonly measurer: Measurer;
  readonly endpoints: Endpoints;
  readonly gates: EditorGates;
  readonly gauge: Gauge;
  /** The seam of {@link Confirm}; tests put their own in. */
  confirm: Confirm;
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
  const gauge = createGauge(endpoints, measurer, log);
  const services: Services = {
    log,
    measurer,
    endpoints,
    gauge,
    gates: createGates(context.workspaceState, () => services.confirm),
    confirm: confirmModally,
  };
  context.subscriptions.push(log, gauge, {
    dispose: () => {
      void measurer.dispose();
      if (measurer.counts.size > known.size) void saveCounts(cache, measurer.counts);
    },
  });
  return services;
}
