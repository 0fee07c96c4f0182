import type { Endpoint, Usage } from '../endpoint/types.ts';
import { chooseCounter, exactly, type CounterChoice } from '../tokens/counters.ts';
import { applyRatio, countingId, priorBound, type Counting } from '../tokens/counting.ts';
import { o200k } from '../tokens/counterSource.ts';
import { learnRatio } from '../tokens/learnedRatio.ts';
import { ratioKey, type RatioBook } from '../tokens/ratioStore.ts';
import type { OwnTokenizer } from '../tokens/tokenizerFile.ts';
import type { Prepared } from './prepare.ts';

/**
 * How an endpoint's tokens are counted: by its model's name or the user's copy of its tokenizer, and what its replies
 * taught. Without an endpoint, and for the offline reader, by o200k, exactly.
 */
export function countingFor(
  endpoint: Endpoint | null,
  own?: OwnTokenizer,
  ratios?: Pick<RatioBook, 'samples'>,
): Counting {
  return countingOf(choiceFor(endpoint, own), endpoint, ratios);
}

/** The same for a counter chosen by hand. */
export function countingOf(
  choice: CounterChoice,
  endpoint: Endpoint | null,
  ratios?: Pick<RatioBook, 'samples'>,
): Counting {
  const plain = applyRatio(choice);
  if (endpoint?.kind !== 'server' || ratios === undefined) return plain;
  const samples = ratios.samples(ratioKey(endpoint.config, countingId(plain)));
  return applyRatio(choice, learnRatio(samples, priorBound(choice)));
}

function choiceFor(endpoint: Endpoint | null, own: OwnTokenizer | undefined): CounterChoice {
  if (endpoint?.kind === 'server') return chooseCounter(endpoint.config.model, own);
  return exactly(o200k);
}

/**
 * Takes in what a reply says it read of a prompt. Resolves to why that taught nothing, or to undefined. `at` is Unix
 * time in ms.
 */
export async function learnFrom(
  ratios: RatioBook,
  {
    endpoint,
    counting,
    promptTokens,
    ownTokens,
  }: Pick<Prepared, 'endpoint' | 'counting' | 'promptTokens' | 'ownTokens'>,
  usage: Usage,
  at: number,
): Promise<string | undefined> {
  if (endpoint?.kind !== 'server') return 'it was answered inside Longview';
  if (usage.promptTokens === null) return 'the endpoint did not report the prompt’s tokens';
  const sample = { counted: (ownTokens ?? promptTokens) / counting.factor, used: usage.promptTokens, at };
  return ratios.observe(ratioKey(endpoint.config, countingId(counting)), sample);
}
