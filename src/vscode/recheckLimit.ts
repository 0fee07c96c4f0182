import * as vscode from 'vscode';

import { describeEvidence } from '../core/endpoint/evidenceText.ts';
import { learn } from '../core/endpoint/learn.ts';
import { resolveLimit } from '../core/endpoint/limit.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import { describeEndpoint } from './gaugeRows.ts';
import { offerOtherModel } from './otherModel.ts';
import type { Services } from './services.ts';
import { signalOf } from './workspace.ts';

/** Asks the endpoint for its limit and price now, however fresh what is remembered is, and says what came of it. */
export async function recheckLimit(endpoint: Endpoint, services: Services): Promise<void> {
  const name = describeEndpoint(endpoint);
  const { store } = services;
  const known = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Longview: asking {0} for its limit…', name),
      cancellable: true,
    },
    async (_progress, token) => {
      using signal = signalOf(token);
      return await learn(endpoint, signal, [], { now: () => new Date(), store, recheck: true });
    },
  );
  services.gauge.refresh();
  if (known.gone !== undefined) {
    await offerOtherModel(endpoint, services);
    return;
  }
  const limit = resolveLimit(known.evidence);
  void vscode.window.showInformationMessage(
    vscode.l10n.t('Context limit of {0}: {1}', name, describeEvidence(limit, new Date())),
  );
}
