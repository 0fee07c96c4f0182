import { learn, type LimitDeps } from './learn.ts';
import { smallest } from './providers/fields.ts';
import type { ContextLimit, Endpoint, LimitEvidence } from './types.ts';
import { evidenceSources } from './types.ts';

/**
 * DESIGN "context limit": the strongest source wins, the latest within a source; `declared` lowers a known limit and
 * stands where none is known; `advertised` alone is never a limit. Of limits of input and output alone, the smallest
 * counts, whoever states it.
 */
export function resolveLimit(evidence: readonly LimitEvidence[]): ContextLimit {
  const latestOf = (source: string) => latest(evidence.filter(e => e.source === source));
  const strongest = evidenceSources
    .filter(source => source !== 'declared' && source !== 'advertised')
    .map(latestOf)
    .find(found => found !== undefined);
  const declared = latestOf('declared');
  const decisive =
    strongest !== undefined && (declared === undefined || strongest.tokens <= declared.tokens)
      ? strongest
      : declared;
  const maxInputTokens = smallest(evidenceSources.map(source => latestOf(source)?.maxInputTokens));
  const maxOutputTokens = smallest(evidenceSources.map(source => latestOf(source)?.maxOutputTokens));
  const parts = {
    ...(maxInputTokens !== undefined && { maxInputTokens }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
  if (decisive === undefined) return { kind: 'unknown', evidence, ...parts };
  return { kind: 'known', tokens: decisive.tokens, source: decisive.source, evidence, ...parts };
}

/**
 * The shared window to plan a prompt for, tokens: where the prompt alone is limited, no more than that beside an
 * answer of `answerTokens`.
 */
export function windowToPlan(limit: ContextLimit & { readonly kind: 'known' }, answerTokens: number): number {
  return Math.min(limit.tokens, (limit.maxInputTokens ?? Infinity) + answerTokens);
}

function latest(evidence: readonly LimitEvidence[]): LimitEvidence | undefined {
  return evidence.reduce<LimitEvidence | undefined>(
    (a, b) => (a === undefined || b.at >= a.at ? b : a),
    undefined,
  );
}

/** {@link learn}, evidence only. */
export async function gatherEvidence(
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
  known: readonly LimitEvidence[] = [],
  deps?: LimitDeps,
): Promise<readonly LimitEvidence[]> {
  return (await learn(endpoint, signal, known, deps)).evidence;
}
