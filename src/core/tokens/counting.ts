import { sourceOf, type CounterChoice } from './counters.ts';
import { counterIdOf, type CounterSource } from './counterSource.ts';
import type { LearnedRatio } from './learnedRatio.ts';
import { familyName, type ModelFamily } from './modelFamily.ts';

/** How an endpoint's tokens are found: a counter, what is done to its counts, and how far that may be off. */
export interface Counting {
  /** What counts, in the workers. */
  readonly source: CounterSource;
  /** `llama4`: each count becomes an estimate by language and script. `plain`: it stays what it is. */
  readonly method: 'llama4' | 'plain';
  /** The endpoint's tokens per token so found, learned from its replies; 1 without any. */
  readonly factor: number;
  /** The endpoint's own count is expected within this share, either way; 0 where it is known to the token. */
  readonly errorBound: number;
  readonly exact: boolean;
  /** Replies that taught `factor`. */
  readonly samples: number;
  /** How the tokens are counted, in a sentence or two for the user. */
  readonly note: string;
  /** What a ratio far from 1 means. */
  readonly explained?: string;
  /** Why the user's own tokenizer is not what counts, where one is set. */
  readonly problem?: string;
}

/** An exact counter's endpoint may add a template of its own; beyond this it counts with another vocabulary. */
const sameVocabulary = 0.01;
/** The bound of a ratio at an endpoint that should have none: nothing is known of how it comes about. */
const strangeBound = 0.05;

/** The bound a ratio starts from, for `learnRatio`. */
export function priorBound(choice: CounterChoice): number {
  return choice.kind === 'exact' ? strangeBound : choice.errorBound;
}

/** The choice, corrected by what the endpoint's replies taught. */
export function applyRatio(choice: CounterChoice, learned?: LearnedRatio): Counting {
  const source = sourceOf(choice);
  const method = choice.kind === 'exact' ? 'plain' : choice.method;
  const id = counterIdOf(source);
  if (learned === undefined || (choice.kind === 'exact' && learned.ratio <= 1 + sameVocabulary)) {
    // Fewer tokens than an exact count are a prompt that was cut, not a vocabulary.
    const samples = learned?.samples ?? 0;
    if (choice.kind === 'exact') {
      return {
        source,
        method,
        factor: 1,
        errorBound: 0,
        exact: true,
        samples,
        note: `Counted exactly (${id}).`,
      };
    }
    const note = `Estimated from ${id}, ±${percent(choice.errorBound)}. ${choice.why}`;
    return { source, method, factor: 1, errorBound: choice.errorBound, exact: false, samples, note };
  }
  // Upwards to a step, so that a ratio that hardly moved does not move the pack, and with it the cached prefix.
  const factor = Math.ceil(learned.ratio * 200 - 1e-6) / 200;
  const { samples, errorBound } = learned;
  const replies = samples === 1 ? '1 reply' : `${samples} replies`;
  const note = `Counted with ${id}, times ${factor.toFixed(3)} as learned from ${replies}, ±${percent(errorBound)}.`;
  const explained = explainRatio(choice.family, learned.ratio);
  return {
    source,
    method,
    factor,
    errorBound,
    exact: false,
    samples,
    note: explained === undefined ? note : `${note} ${explained}`,
    ...(explained !== undefined && { explained }),
  };
}

/** The counter in a few words, e.g. `exact (o200k)`; `errorBound` is that of what was counted with it. */
export function summariseCounting(counting: Counting, errorBound: number): string {
  const { source, exact, samples, factor, explained } = counting;
  const id = counterIdOf(source);
  if (exact) return `exact (${id})`;
  const bound = `± ${Number((errorBound * 100).toFixed(1))} %`;
  if (samples === 0) return `${bound} (estimated with ${id} until the first reply)`;
  const replies = samples === 1 ? '1 reply' : `${samples} replies`;
  const off = Math.round(Math.abs(factor - 1) * 100);
  const than = `this server counts ${off} % ${factor > 1 ? 'more' : 'less'} than expected`;
  const why = explained === undefined ? '' : `: ${than}, see why`;
  return `${bound} (learned from ${replies}, ratio ${factor.toFixed(2)}${why})`;
}

/** Names what is counted and what is done to it: a learned ratio is of that, and of nothing else. */
export function countingId({ source, method }: Pick<Counting, 'source' | 'method'>): string {
  return method === 'plain' ? counterIdOf(source) : `${counterIdOf(source)}~${method}`;
}

/** What a ratio far from 1 means; undefined where there is nothing to explain. */
export function explainRatio(family: ModelFamily, ratio: number): string | undefined {
  const off = percent(Math.abs(ratio - 1), 0);
  if (family === 'llama4' && ratio >= 1.1 && ratio <= 1.45) {
    // reference/tokenizer.md 2: a GGUF that names the wrong pre-tokeniser, as Ollama's (ollama/ollama#17698).
    return `The server makes ${off} more tokens of the same text than Llama 4’s tokenizer does: some servers split the text by the wrong rules (22 to 32 % more on code). Its count is what fills its window.`;
  }
  if (ratio > 1.1) {
    const whose = family === 'other' ? 'expected' : `expected of ${familyName(family)}`;
    return `The server makes ${off} more tokens of the same text than ${whose}: another vocabulary, or a long prompt of its own.`;
  }
  if (ratio < 0.85) {
    return `The server reports ${off} fewer tokens than expected: another vocabulary, or it cuts prompts without saying so.`;
  }
  return undefined;
}

function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}
