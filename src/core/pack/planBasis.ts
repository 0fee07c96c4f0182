import { eachInTurns, inTurns, pacer } from '../pace.ts';
import type { Inventory } from '../workspace/types.ts';
import { listedLine } from './frame.ts';
import type { Measurer } from './measurer.ts';
import type { PresetId } from './presets.ts';
import { pinning, ranking, type RankContext, type Ranked } from './rank.ts';
import { largestFrames } from './render.ts';
import { gatherSignals } from './signals.ts';
import type { Steering } from './steering.ts';

/**
 * What plans of one inventory have in common whatever the user wants of its files: a wish must not cost finding it out
 * again. All of it may throw `signal.reason`, and is then asked for again.
 */
export interface PlanBasis {
  /** All alike: where everything fits, nobody asks what is worth more. */
  unranked(): Promise<readonly Ranked[]>;
  /** Git may have news of files that are the same: it is asked, but for a rough plan. */
  ranked(steering: Steering): Promise<readonly Ranked[]>;
  /** Tokens of files' lines in the `listed` segment, by path. */
  listed(): Promise<ReadonlyMap<string, number>>;
  /** Tokens of the largest frames a plan can have. */
  largestFrames(preset?: PresetId): Promise<number>;
  /** Tokens of the outlines that plans have made, by path. */
  readonly knownOutlines: ReadonlyMap<string, number> | undefined;
  keepOutlines(made: ReadonlyMap<string, number>): Promise<void>;
}

export interface BasisOptions {
  readonly maxFileBytes: number;
  readonly trusted?: boolean;
  readonly open?: ReadonlySet<string>;
  readonly roughly?: boolean;
  readonly signal?: AbortSignal;
}

interface Known {
  readonly key: string;
  readonly leftOut: Inventory['leftOut'];
  readonly skips: Inventory['skips'];
  unranked?: readonly Ranked[];
  readonly facts: Facts;
  ranked?: { readonly open: string; readonly signals: RankContext; readonly ranked: readonly Ranked[] };
  listed?: ReadonlyMap<string, number>;
  readonly frames: Map<PresetId | undefined, number>;
}

/** What a rough plan may take from before. */
interface Facts {
  signals?: RankContext;
  outlines?: Map<string, number>;
}

/** By the files of an inventory: a live one keeps the array until it has news. */
const known = new WeakMap<Inventory['files'], Known>();
/** Of the same folders before there was news of their files, which is near enough for a rough plan. */
const latest = new Map<string, Facts>();
/** An endpoint's counter and the one before it: each may hold 100,000 files. */
const mostLatest = 2;
const none: Ranked['signals'] = [];
/** Files handled without a pause. */
const piece = 2000;

function keepLatest(place: string, facts: Facts): void {
  latest.delete(place);
  latest.set(place, facts);
  for (const oldest of latest.keys()) if (latest.size > mostLatest) latest.delete(oldest);
}

export function planBasis(inventory: Inventory, options: BasisOptions, measurer: Measurer): PlanBasis {
  const { files, leftOut, skips } = inventory;
  const { open = new Set<string>(), signal } = options;
  const key = `${measurer.counterId} ${options.trusted === true} ${options.maxFileBytes}`;
  const found = known.get(files);
  const basis: Known =
    found?.key === key && found.leftOut === leftOut && found.skips === skips
      ? found
      : { key, leftOut, skips, facts: {}, frames: new Map() };
  known.set(files, basis);
  const place = `${key} ${inventory.folders.map(folder => folder.path).join('\0')}`;
  const before = options.roughly === true ? latest.get(place) : undefined;
  const rank = (context: RankContext) => inTurns(ranking(files, context), pacer(signal));

  return {
    async unranked() {
      if (basis.unranked !== undefined) return basis.unranked;
      const ranked: Ranked[] = [];
      await eachInTurns(files, pacer(signal), file =>
        ranked.push({ file, weight: 1, signals: none, planned: undefined, plannedOn: 0 }),
      );
      return (basis.unranked ??= ranked);
    },
    async ranked(steering) {
      let signals = basis.facts.signals ?? before?.signals;
      if (signals === undefined || options.roughly !== true) {
        basis.facts.signals = signals = await gatherSignals(inventory, options, measurer);
        keepLatest(place, basis.facts);
      }
      const context = { ...signals, open };
      const opened = [...open].sort().join('\n');
      if (basis.ranked?.open !== opened || basis.ranked.signals !== signals)
        basis.ranked = { open: opened, signals, ranked: await rank(context) };
      return inTurns(pinning(basis.ranked.ranked, { ...context, steering }), pacer(signal));
    },
    async listed() {
      if (basis.listed !== undefined) return basis.listed;
      const breathe = pacer(signal);
      const lines: string[] = [];
      for (const { path } of files) {
        lines.push(listedLine(path));
        if (lines.length % piece === 0) await breathe();
      }
      const tokens = await measurer.countEach(lines, signal);
      const listed = new Map<string, number>();
      for (const { path } of files) {
        listed.set(path, tokens[listed.size] ?? Infinity);
        if (listed.size % piece === 0) await breathe();
      }
      return (basis.listed = listed);
    },
    async largestFrames(preset) {
      const { head, listedHead, tail } = largestFrames(inventory, preset);
      const tokens = basis.frames.get(preset) ?? (await measurer.count(head + listedHead + tail, signal));
      basis.frames.set(preset, tokens);
      return tokens;
    },
    get knownOutlines() {
      return basis.facts.outlines ?? before?.outlines;
    },
    async keepOutlines(made) {
      const outlines = (basis.facts.outlines ??= new Map());
      const breathe = pacer(signal);
      let n = 0;
      for (const [path, tokens] of made) {
        outlines.set(path, tokens);
        if (++n % piece === 0) await breathe();
      }
    },
  };
}
