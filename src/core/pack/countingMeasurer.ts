import { eachInTurns, inTurns, pacer, type Pausing } from '../pace.ts';
import type { Counting } from '../tokens/counting.ts';
import { counterIdOf } from '../tokens/counterSource.ts';
import {
  createEstimateSum,
  estimateLlama4,
  type TextTraits,
  type TokenEstimate,
} from '../tokens/estimate.ts';
import type { SourceFile } from '../workspace/types.ts';
import type { MeasuredFiles, Measurer } from './measurer.ts';

/**
 * The measurer as an endpoint would count: every number is a whole number of the endpoint's tokens, so that sums of
 * files are the pack's count to the token whether counts are exact or estimated. Nothing is counted twice for it.
 */
export function countingMeasurer(measurer: Measurer, counting: Counting): Measurer {
  const inner = countersOwn(measurer, counting);
  if (isOwn(counting)) return inner;
  return {
    ...inner,
    countsId: `${inner.countsId} ${counting.method} ${counting.factor}`,
    async measure(listed, options): Promise<MeasuredFiles> {
      const measured = await inner.measure(listed, options);
      const files = await inTurns(inEndpointTokens(measured.files, counting), pacer(options.signal));
      return { ...measured, files };
    },
    async outlines(files, options) {
      const own = await inner.outlines(files, options);
      let at = 0;
      await eachInTurns(files, pacer(options.signal), file => {
        own[at] = outlineTokens(own[at] ?? 0, file, counting);
        at++;
      });
      return own;
    },
    countEach: async (texts, signal) =>
      (await inner.countEach(texts, signal)).map(tokens => Math.ceil(tokens * counting.factor)),
    // Instructions, questions and frames: few tokens, so rounding up costs nothing.
    count: async (text, signal) => Math.ceil((await inner.count(text, signal)) * counting.factor),
  };
}

/** The workers' measurer with the counter that `counting` starts from, whose counts are not the endpoint's yet. */
export function countersOwn(measurer: Measurer, { source }: Counting): Measurer {
  return counterIdOf(source) === measurer.counterId ? measurer : measurer.withCounter(source);
}

/** Files that a counter measured, with the endpoint's tokens. A file gives the same object each time. */
export function* inEndpointTokens(
  files: readonly SourceFile[],
  counting: Counting,
): Pausing<readonly SourceFile[]> {
  if (isOwn(counting)) return files;
  const id = `${counting.method} ${counting.factor}`;
  const before = convertedLists.get(files);
  if (before?.id === id) return before.files;
  const all = new Array<SourceFile>(files.length);
  const { from, to } = convertedFor(id, files.length);
  for (let i = 0; i < files.length; i++) {
    const file = files[i] as SourceFile;
    const { path } = file;
    const before = from.get(path) === file ? to.get(path) : undefined;
    const now = before ?? inTokensOf(file, counting);
    if (before === undefined) {
      from.set(path, file);
      to.set(path, now);
    }
    all[i] = now;
    if (i % piece === 0) yield;
  }
  // Two that asked at once get the same.
  const meanwhile = convertedLists.get(files);
  if (meanwhile?.id === id) return meanwhile.files;
  convertedLists.set(files, { id, files: all });
  return all;
}

function inTokensOf(file: SourceFile, counting: Counting): SourceFile {
  const { language, shortened } = file;
  const ofEndpoint = (tokens: number) =>
    endpointTokens({ tokens, language, traits: traitsOf(file) }, counting);
  return {
    ...file,
    tokens: ofEndpoint(file.tokens),
    ...(shortened && { shortened: { ...shortened, tokens: ofEndpoint(shortened.tokens) } }),
  };
}

function outlineTokens(own: number, file: SourceFile, counting: Counting): number {
  if (own === 0) return 0;
  const { language } = file;
  const traits = partOf(traitsOf(file), own / Math.max(1, file.tokens));
  return endpointTokens({ tokens: own, language, traits }, counting);
}

/** Files looked at without a pause. */
const piece = 1000;

/** A live inventory without news is the same list, and so is what it is converted to. */
const convertedLists = new WeakMap<
  readonly SourceFile[],
  { readonly id: string; readonly files: readonly SourceFile[] }
>();

/** A path's last file, and what it was converted to. */
interface Converted {
  readonly from: Map<string, SourceFile>;
  readonly to: Map<string, SourceFile>;
  /** Files of the largest list. */
  largest: number;
}

/**
 * Of a live inventory all files but the edited ones are the same objects, survey after survey. By counting, the last
 * ones. A weak map would forget by itself, and hold every full collection while 100,000 entries are looked through.
 */
const converted = new Map<string, Converted>();
const mostCountings = 2;
/** Paths that nobody may ask for any more, beside as many as the largest list has. */
const mostOthers = 100_000;

function convertedFor(id: string, files: number): Converted {
  let known = converted.get(id);
  if (known === undefined || known.to.size > known.largest + mostOthers)
    known = { from: new Map(), to: new Map(), largest: 0 };
  known.largest = Math.max(known.largest, files);
  converted.delete(id);
  converted.set(id, known);
  for (const oldest of converted.keys()) if (converted.size > mostCountings) converted.delete(oldest);
  return known;
}

function isOwn({ method, factor }: Counting): boolean {
  return method === 'plain' && factor === 1;
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
export function* errorBoundOf(counting: Counting, counted: Iterable<Counted>): Pausing<number> {
  if (!isUnsure(counting)) return counting.errorBound;
  const sum = createEstimateSum();
  let looked = 0;
  for (const { tokens, language, traits } of counted) {
    if (++looked % piece === 0) yield;
    sum.add({ tokens, errorBound: estimateLlama4(tokens, language, traits).errorBound });
  }
  return boundOf(counting, sum.total());
}

/** How far it is off depends on what is counted. */
function isUnsure({ method, samples }: Counting): boolean {
  return method === 'llama4' && samples === 0;
}

function boundOf(counting: Counting, total: TokenEstimate): number {
  return Math.max(counting.errorBound, Math.ceil(total.errorBound * 400 - 1e-6) / 400);
}

/** {@link errorBoundOf} of an inventory's files. */
export function* errorBoundOfFiles(counting: Counting, files: readonly SourceFile[]): Pausing<number> {
  const id = `${counting.method} ${counting.errorBound} ${counting.samples}`;
  const before = bounds.get(files);
  if (before?.id === id) return before.bound;
  const sum = createEstimateSum();
  for (let i = 0; isUnsure(counting) && i < files.length; i++) {
    if (i % piece === 0) yield;
    const { tokens, language, letters } = files[i] as SourceFile;
    const { errorBound } = estimateLlama4(tokens, language, letters && { letters });
    sum.add({ tokens, errorBound });
  }
  const bound = boundOf(counting, sum.total());
  bounds.set(files, { id, bound });
  return bound;
}

const bounds = new WeakMap<readonly SourceFile[], { readonly id: string; readonly bound: number }>();

/** A packed file has LF line ends, whatever it has on disk. */
export function traitsOf({ letters }: SourceFile): TextTraits {
  return letters === undefined ? {} : { letters };
}

/** Of a part of a text that is this share of it: as many letters of each script, in proportion. */
function partOf({ letters = {}, ...traits }: TextTraits, share: number): TextTraits {
  const own = Object.entries(letters).map(([script, n]) => [script, n * Math.min(1, share)] as const);
  return { ...traits, letters: Object.fromEntries(own) };
}
