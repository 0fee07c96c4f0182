import { grouped as tokens } from '../grouped.ts';
import type { ContextLimit, EvidenceSource, LimitEvidence } from './types.ts';

const says: Readonly<Record<EvidenceSource, (detail: string) => string>> = {
  refused: detail => `refused: ${detail}`,
  measured: detail => `measured: ${detail}`,
  served: detail => `served by ${detail}`,
  listed: detail => `listed by ${detail}`,
  declared: detail => `declared: ${detail}`,
  advertised: detail => `advertised: ${detail}`,
};

/** `131,072 · served by /v1/models max_model_len · 2 min ago · model card says 10,485,760` */
export function describeEvidence(limit: ContextLimit, now: Date): string {
  const parts: string[] = [];
  if (limit.kind === 'unknown') parts.push('unknown');
  else {
    const e = limit.evidence.findLast(x => x.source === limit.source && x.tokens === limit.tokens);
    parts.push(tokens(limit.tokens));
    parts.push(e === undefined ? limit.source : says[e.source](e.detail));
    // When the user wrote a number down is of no interest.
    if (e !== undefined && e.source !== 'declared') parts.push(ago(e, now));
  }
  if (limit.maxInputTokens !== undefined) parts.push(`prompt at most ${tokens(limit.maxInputTokens)}`);
  const claims = limit.evidence.filter(
    (e, i, all) =>
      e.source === 'advertised' &&
      (limit.kind === 'unknown' || e.tokens !== limit.tokens) &&
      all.findIndex(x => x.source === e.source && x.tokens === e.tokens) === i,
  );
  const claim = claims.find(e => e.detail === 'model card') ?? claims[0];
  if (claim !== undefined) parts.push(`${claim.detail} says ${tokens(claim.tokens)}`);
  return parts.join(' · ');
}

/** `just now`, `2 min ago`, `5 h ago`, `3 days ago`. A clock that was set back gives `just now`. */
export function ago({ at }: Pick<LimitEvidence, 'at'>, now: Date): string {
  const minutes = Math.floor((now.getTime() - Date.parse(at)) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}
