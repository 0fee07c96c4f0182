import { dollars, pricePerToken } from '../core/endpoint/cost.ts';
import { learn } from '../core/endpoint/learn.ts';
import { resolveLimit } from '../core/endpoint/limit.ts';
import { keepMeasurement, measureLimit } from '../core/endpoint/measureLimit.ts';
import { planMeasurement } from '../core/endpoint/measurePlan.ts';
import {
  defaultMeasureBudget,
  describeMeasurement,
  describeMeasuring,
  measureRange,
} from '../core/endpoint/measureText.ts';
import { LongviewError } from '../core/errors.ts';
import type { Options } from './args.ts';
import { declared, evidenceStore, openJob } from './job.ts';
import { describeLimit, limitDocument, number } from './report.ts';
import type { Terminal } from './terminal.ts';

/** `longview limit --measure`: says what it costs at worst, brackets the limit, and remembers what it found. */
export async function measureCommand(
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const job = await openJob(terminal);
  try {
    const endpoint = (await job.endpoint(options)) ?? job.offline();
    const store = evidenceStore(terminal);
    const kept = endpoint.kind === 'offline' ? undefined : store;
    const deps = { now: () => new Date(), recheck: true, ...(kept && { store: kept }) };
    const known = await learn(endpoint, signal, declared(options), deps).catch((error: unknown) => {
      // No list is no reason not to measure; a wrong key is told by the first request.
      if (error instanceof LongviewError) return undefined;
      throw error;
    });
    const before = known?.evidence ?? declared(options);
    const range = measureRange(before, options.limit);
    const plan = planMeasurement(range);
    const budgetTokens = options.maxTokens ?? defaultMeasureBudget;
    const rate = pricePerToken(known?.price);
    const worst =
      rate === undefined ? '' : `, ${dollars(Math.min(plan.tokens, budgetTokens) * rate)} at most`;
    terminal.tell(
      `Measuring up to ${number(range.high)} tokens: at worst ${number(plan.requests)} requests, ${number(plan.tokens)} tokens in all; stops at ${number(budgetTokens)} tokens (--max-tokens)${worst}.`,
    );
    const measurement = await measureLimit(
      endpoint,
      { ...range, budgetTokens, signal },
      {
        // Naming the endpoint and asking to measure is consent; nothing of the workspace is sent.
        gates: { pass: () => Promise.resolve() },
        countTokens: text => job.measurer.count(text, signal),
        onProgress: progress => terminal.tell(describeMeasuring(progress)),
      },
    );
    const limit = resolveLimit(await keepMeasurement(endpoint, measurement, before, kept));
    if (options.json) {
      const { accepted, refused, stopped, truncates, checkedBy, requests, spentTokens } = measurement;
      const report = {
        ...limitDocument(endpoint, limit, known),
        measurement: {
          accepted,
          refused,
          stopped,
          truncates,
          checkedBy,
          requests,
          spentTokens,
          worstCase: plan,
        },
      };
      terminal.out(`${JSON.stringify(report, null, 2)}\n`);
    } else {
      terminal.out(`${describeMeasurement(measurement)}\nContext limit: ${describeLimit(limit)}\n`);
    }
    if (measurement.failure !== undefined) throw measurement.failure;
  } finally {
    await job.close();
  }
}
