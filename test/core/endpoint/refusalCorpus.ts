import { readFileSync } from 'node:fs';
import type { Refusal } from '../../../src/core/endpoint/refusal.ts';

/** One refusal as recorded, with its right reading; see data/ and endpoints.md. */
export interface Entry {
  readonly id: string;
  readonly status?: number | null;
  readonly body: unknown;
  readonly stream?: boolean;
  readonly kind: Refusal['kind'];
  readonly limit_tokens?: number | null;
  readonly requested_tokens?: number | null;
  readonly input_tokens?: number;
  readonly output_limit_tokens?: number;
  readonly requested_is_lower_bound?: boolean;
  readonly permanent?: boolean;
  readonly retry_after_ms?: number;
  readonly scope?: 'total' | 'input';
  /** False where the refusal cannot be told from the reply alone (silent truncation). */
  readonly detectable?: boolean;
  readonly set?: string;
  /** True where only the HTTP status tells what the words leave open. */
  readonly status_matters?: boolean;
}

function load(name: string): readonly Entry[] {
  const all = JSON.parse(
    readFileSync(new URL(`./data/${name}`, import.meta.url), 'utf8'),
  ) as readonly Entry[];
  return all.filter(e => e.detectable !== false);
}

/** The shared corpus of the project. */
export const corpus = load('overflow_errors.json');
/** Collected by us: some read before the rules were written, some only held against finished rules. */
export const more = load('refusals_more.json');
/** Written blind by somebody who had read neither the rules nor the other sets; `source` says where a text is from. */
export const blind = load('refusals_blind.json');

/** The reading an entry states, in the shape of a {@link Refusal}; `permanent` and waits only where stated. */
export function expected(entry: Entry): Refusal {
  const context = entry.kind === 'context';
  return {
    kind: entry.kind,
    ...(context && entry.limit_tokens != null && { limitTokens: entry.limit_tokens }),
    ...(context && entry.scope !== undefined && { limitScope: entry.scope }),
    ...(context && entry.input_tokens !== undefined && { inputTokens: entry.input_tokens }),
    ...(context && entry.requested_tokens != null && { requestedTokens: entry.requested_tokens }),
    ...(context && entry.requested_is_lower_bound === true && { requestedIsLowerBound: true }),
    ...(entry.output_limit_tokens !== undefined && { outputLimitTokens: entry.output_limit_tokens }),
    ...(entry.permanent !== undefined && { permanent: entry.permanent }),
    ...(entry.retry_after_ms !== undefined && { retryAfterMs: entry.retry_after_ms }),
  };
}

/** The part of a reading that the entry speaks of: what it does not state is not compared, except counts of a context. */
export function comparable(entry: Entry, got: Refusal): Refusal {
  const { limitScope, outputLimitTokens, permanent, retryAfterMs, ...rest } = got;
  return {
    ...rest,
    ...(entry.scope !== undefined && limitScope !== undefined && { limitScope }),
    ...(entry.output_limit_tokens !== undefined && outputLimitTokens !== undefined && { outputLimitTokens }),
    ...(entry.permanent !== undefined && permanent !== undefined && { permanent }),
    ...(entry.retry_after_ms !== undefined && retryAfterMs !== undefined && { retryAfterMs }),
  };
}
