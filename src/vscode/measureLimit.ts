import * as vscode from 'vscode';

import { dollars, pricePerToken } from '../core/endpoint/cost.ts';
import { describeEvidence } from '../core/endpoint/evidenceText.ts';
import { learn } from '../core/endpoint/learn.ts';
import { resolveLimit } from '../core/endpoint/limit.ts';
import { keepMeasurement, measureLimit } from '../core/endpoint/measureLimit.ts';
import { planMeasurement, type MeasurePlan, type MeasureRange } from '../core/endpoint/measurePlan.ts';
import {
  defaultMeasureBudget,
  describeMeasurement,
  describeMeasuring,
  measureRange,
} from '../core/endpoint/measureText.ts';
import type { Price } from '../core/endpoint/price.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import { LongviewError } from '../core/errors.ts';
import { tokens } from './format.ts';
import { describeEndpoint } from './gaugeRows.ts';
import { commands } from './ids.ts';
import { readBudget } from './measureBudget.ts';
import type { Services } from './services.ts';
import { readSettings } from './settings.ts';
import { askText } from './steps.ts';
import { harmless } from './testCall.ts';
import { signalOf } from './workspace.ts';

/** "Longview: Measure Real Limit": the worst case first, then the bracket, kept as evidence. */
export async function measureRealLimit(
  endpoint: Endpoint,
  services: Services,
  given?: { readonly budget?: string },
): Promise<void> {
  const name = describeEndpoint(endpoint);
  if (endpoint.kind === 'offline') {
    throw new LongviewError(
      'bad-usage',
      'The offline reader’s context limit is a setting, so there is nothing to measure.',
      'Select another endpoint, or change longview.offlineReader.contextLimit.',
    );
  }
  const { store } = services;
  // No list is no reason not to measure; a wrong key is told by the first request.
  const known = await learn(endpoint, undefined, [], { now: () => new Date(), store, recheck: true }).catch(
    (error: unknown) => {
      if (error instanceof LongviewError && error.code !== 'untrusted') return undefined;
      throw error;
    },
  );
  const before = known?.evidence ?? [];
  const range = measureRange(before);
  const plan = planMeasurement(range);
  const budgetTokens = await chooseBudget(name, plan, known?.price, given?.budget);
  if (budgetTokens === undefined) return;
  const measure = vscode.l10n.t('Measure');
  const question = {
    title: vscode.l10n.t('Measure the real context limit of {0}?', name),
    detail: describePlan(endpoint, range, plan, budgetTokens, known?.price),
    choices: [measure],
  };
  if ((await services.confirm(question)) !== measure) return;
  const found = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Longview: measuring {0}', name),
      cancellable: true,
    },
    async (progress, token) => {
      using signal = signalOf(token);
      let spent = 0;
      return await measureLimit(
        endpoint,
        { ...range, budgetTokens, signal, maxWaitMs: readSettings().maxWaitMs },
        {
          // The worst case was agreed to just now, and nothing of the workspace is sent.
          gates: harmless,
          countTokens: async text => services.measurer.count(text, signal),
          onProgress: step => {
            services.log.info(`Measuring ${name}: ${describeMeasuring(step).trim()}`);
            const increment = step.kind === 'sending' ? ((step.spent - spent) / budgetTokens) * 100 : 0;
            if (step.kind === 'sending') spent = step.spent;
            progress.report({ message: describeMeasuring(step).trim(), increment });
          },
        },
      );
    },
  );
  const evidence = await keepMeasurement(endpoint, found, before, store);
  services.gauge.refresh();
  const limit = resolveLimit(evidence);
  const said = `${name}: ${describeMeasurement(found)} ${vscode.l10n.t('Context limit: {0}', describeEvidence(limit, new Date()))}`;
  services.log.info(said);
  if (found.failure !== undefined) throw found.failure;
  const show = vscode.l10n.t('Show Budget');
  // Not awaited: the command is done, and tests and keyboards need not wait for a click.
  void vscode.window.showInformationMessage(said, show).then(choice => {
    if (choice === show) void vscode.commands.executeCommand(commands.showBudget);
  });
}

/** Tokens that may be spent; undefined where the user gave up. */
async function chooseBudget(
  name: string,
  plan: MeasurePlan,
  price: Price | undefined,
  given: string | undefined,
): Promise<number | undefined> {
  const rate = pricePerToken(price);
  const read = (text: string) => readBudget(text, rate);
  if (given !== undefined) return read(given);
  const text = await askText(
    {
      question:
        rate === undefined
          ? vscode.l10n.t('The most tokens it may spend. The worst case is {0}.', tokens(plan.tokens))
          : vscode.l10n.t(
              'The most it may spend, in tokens or in dollars ($0.50). The worst case is {0} tokens, {1}.',
              tokens(plan.tokens),
              dollars(plan.tokens * rate),
            ),
      value: String(Math.min(plan.tokens, defaultMeasureBudget)),
      validate: value =>
        read(value) === undefined
          ? rate === undefined
            ? vscode.l10n.t(
                'Write a number of tokens. The price is not known, so dollars cannot be reckoned.',
              )
            : vscode.l10n.t('Write a number of tokens, or dollars like $0.50.')
          : undefined,
    },
    { title: vscode.l10n.t('Longview: Measure Real Limit of {0}', name), step: 1, of: 1 },
  );
  return typeof text === 'string' ? read(text) : undefined;
}

function describePlan(
  endpoint: Endpoint,
  { high }: MeasureRange,
  plan: MeasurePlan,
  budgetTokens: number,
  price: Price | undefined,
): string {
  const rate = pricePerToken(price);
  const worst = Math.min(plan.tokens, budgetTokens);
  const cost =
    rate === undefined
      ? vscode.l10n.t('Cost: unknown, the endpoint tells no price.')
      : vscode.l10n.t('Cost: at most {0}.', dollars(worst * rate));
  return [
    vscode.l10n.t('Up to {0} tokens, with requests for one token of answer.', tokens(high)),
    vscode.l10n.t(
      'At worst {0} requests and {1} tokens; it stops at {2} tokens.',
      tokens(plan.requests),
      tokens(plan.tokens),
      tokens(budgetTokens),
    ),
    cost,
    vscode.l10n.t(
      'The prompts are made up: nothing of this workspace is sent. Endpoint: {0}, model {1}.',
      describeEndpoint(endpoint),
      endpoint.config.model,
    ),
  ].join('\n');
}
