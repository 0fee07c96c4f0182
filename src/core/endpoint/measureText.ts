import { grouped as number } from '../grouped.ts';
import { controlTokens, defaultPrecision, type MeasureRange } from './measurePlan.ts';
import type { Measurement, MeasureProgress } from './measureLimit.ts';
import type { LimitEvidence } from './types.ts';

/** Tokens that are spent at most where the user names no other number. */
export const defaultMeasureBudget = 1_000_000;

/** Looked for up to here where nobody claims a window: what Llama 4 Scout advertises. */
const widestWindow = 10_485_760;

/** Up to the largest number anybody claims, or up to `high`. */
export function measureRange(evidence: readonly LimitEvidence[], high?: number): MeasureRange {
  const claimed = high ?? Math.max(0, ...evidence.map(e => e.tokens));
  return {
    low: controlTokens,
    high: claimed > controlTokens ? claimed : widestWindow,
    precision: defaultPrecision,
  };
}

/** One line for each step. */
export function describeMeasuring(progress: MeasureProgress): string {
  switch (progress.kind) {
    case 'sending':
      return `Sending ${number(progress.tokens)} tokens…`;
    case 'waiting':
      return `The endpoint is busy; waiting ${number(Math.ceil(progress.ms / 1000))} s.`;
    case 'outcome': {
      const { tokens, outcome, limitTokens } = progress;
      const named = limitTokens === undefined ? '' : ` (${number(limitTokens)})`;
      const words = { accepted: 'accepted', refused: `refused${named}`, truncated: `silently cut${named}` };
      return `  ${number(tokens)}: ${words[outcome]}`;
    }
  }
}

/** What was found, what it took, and how sure it is. */
export function describeMeasurement(m: Measurement): string {
  const spent = `${number(m.requests)} requests, ${number(m.spentTokens)} tokens`;
  const above =
    m.refused === null
      ? 'nothing larger was refused'
      : `${number(m.refused)} ${m.truncates ? 'silently cut' : 'refused'}`;
  const ends = { precise: '', budget: '; stopped by the budget', failed: '; stopped by a failure' };
  const sure = {
    tokens: '',
    canaries: ' Cuts were looked for with code words, because the endpoint’s own counts do not tell.',
    none: ' A silent cut could not have been noticed.',
  };
  return `${number(m.accepted)} tokens accepted, ${above} (${spent}${ends[m.stopped]}).${sure[m.checkedBy]}`;
}
