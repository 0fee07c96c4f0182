import type { Counting } from '../tokens/counting.ts';
import { counterIdOf } from '../tokens/counterSource.ts';
import { estimateLlama4, sumEstimates, type TextTraits } from '../tokens/estimate.ts';
import type { SourceFile } from '../workspace/types.ts';
import type { MeasuredFiles, Measurer } from './measurer.ts';

/**
 * The measurer as an endpoint would count: every number is a whole number of the endpoint's tokens, so that sums of
 * files are the pack's count to the token whether counts are exact or estimated. Nothing is counted twice for it.
 */
export function countingMeasurer(measurer: Measurer, counting: Counting): Measurer {
  const { source, method, factor } = counting;
  const inner = counterIdOf(source) === measurer.counterId ? measurer : measurer.withCounter(source);
  if (method === 'plain' && factor === 1) return inner;
  return {
    ...inner,
    async measure(files, options): Promise<MeasuredFiles> {
      const measured = await inner.measure(files, options);
      const ofEndpoint = (file: SourceFile) => endpointTokens({ ...file, traits: traitsOf(file) }, counting);
      return {
        ...measured,
        files: measured.files.map(file => {
          const { shortened } = file;
          const tokens = ofEndpoint(file);
          if (shortened === undefined) return { ...file, tokens };
          const short = ofEndpoint({ ...file, tokens: shortened.tokens });
          return { ...file, tokens, shortened: { ...shortened, tokens: short } };
        }),
      };
    },
    // Instructions, questions and frames: few tokens, so rounding up costs nothing.
    count: async (text, signal) => Math.ceil((await inner.count(text, signal)) * factor),
  };
}

/** A text whose tokens were counted, and what an estimate needs to know of it. */
interface Counted {
  readonly tokens: number;
  readonly language: string;
  readonly traits: TextTraits;
}

/** The endpoint's tokens of a text that its counter's count is `tokens` of. */
export function endpointTokens({ tokens, language, traits }: Counted, { method, factor }: Counting): number {
  const own = method === 'llama4' ? estimateLlama4(tokens, language, traits).tokens : tokens;
  return Math.round(own * factor);
}

/**
 * How far the sum of these may be off: few files, and scripts that vocabularies differ on, are less sure. In steps,
 * so that an edit does not move the room for the pack.
 */
export function errorBoundOf(counting: Counting, counted: readonly Counted[]): number {
  if (counting.method !== 'llama4' || counting.samples > 0) return counting.errorBound;
  const parts = counted.map(({ tokens, language, traits }) => ({
    tokens,
    errorBound: estimateLlama4(tokens, language, traits).errorBound,
  }));
  return Math.max(counting.errorBound, Math.ceil(sumEstimates(parts).errorBound * 400 - 1e-6) / 400);
}

/** A packed file has LF line ends, whatever it has on disk. */
export function traitsOf({ letters }: SourceFile): TextTraits {
  return letters === undefined ? {} : { letters };
}
