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
      return { ...measured, files: measured.files.map(file => ({ ...file, tokens: ofEndpoint(file) })) };
    },
    async outlines(files, options) {
      const outlines = await inner.outlines(files, options);
      return outlines.map((outline, i) => {
        const file = files[i];
        if (outline === null || file === undefined) return null;
        const traits = partOf(traitsOf(file), outline.tokens / Math.max(1, file.tokens));
        const { language } = file;
        return { ...outline, tokens: endpointTokens({ tokens: outline.tokens, language, traits }, counting) };
      });
    },
    countEach: async (texts, signal) =>
      (await inner.countEach(texts, signal)).map(tokens => Math.ceil(tokens * factor)),
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

/** Of a part of a text that is this share of it: as many letters of each script, in proportion. */
function partOf({ letters = {}, ...traits }: TextTraits, share: number): TextTraits {
  const own = Object.entries(letters).map(([script, n]) => [script, n * Math.min(1, share)] as const);
  return { ...traits, letters: Object.fromEntries(own) };
}
