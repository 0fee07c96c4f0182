import { eachInTurns, inTurns, pacer } from '../pace.ts';
import { copyOf } from '../workspace/byPath.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';
import { listedLine } from './frame.ts';
import type { Measurer } from './measurer.ts';
import type { PresetId } from './presets.ts';
import { pinning, ranking, type RankContext, type Ranked } from './rank.ts';
import { largestFrames } from './render.ts';
import { gatherSignals } from './signals.ts';
import type { Steering } from './steering.ts';
import { createTokenColumn, type TokenColumn, type TokensByPath } from './tokenColumn.ts';

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
  listed(): Promise<TokensByPath>;
  /** Tokens of the largest frames a plan can have. */
  largestFrames(preset?: PresetId): Promise<number>;
  /** Tokens of the outlines that plans have made, by path. */
  readonly knownOutlines: TokensByPath | undefined;
  keepOutlines(made: TokenColumn): void;
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
  readonly facts: Facts;
  readonly lists: Lists;
  readonly frames: Map<PresetId | undefined, number>;
}

/** What a rough plan may take from before. */
interface Facts {
  signals?: RankContext;
  outlines?: TokenColumn;
}

/** What there is of each file. What is the same after an edit is the same object: new ones have to be collected. */
interface Lists {
  unranked?: readonly Ranked[];
  ranked?: { readonly open: string; readonly signals: RankContext; readonly ranked: readonly Ranked[] };
  listed?: TokenColumn;
}

/** By the files of an inventory: a live one keeps the array until it has news. */
const known = new WeakMap<Inventory['files'], Known>();
/** Of the same folders before there was news of their files, which is near enough for a rough plan. */
const latest = new Map<string, Facts>();
const latestLists = new Map<string, Lists>();
/** An endpoint's counter and the one before it: each may hold 100,000 files. */
const mostLatest = 2;
const none: Ranked['signals'] = [];
/** Files handled without a pause. */
const piece = 2000;

function keepLatest<T>(kept: Map<string, T>, place: string, news: T): void {
  kept.delete(place);
  kept.set(place, news);
  for (const oldest of kept.keys()) if (kept.size > mostLatest) kept.delete(oldest);
}

function unranked(file: SourceFile): Ranked {
  return { file, weight: 1, signals: none, planned: undefined, plannedOn: 0 };
}

/** What a list, in the order of the files that are asked for, has of the very same file. */
function sameAs(before: readonly Ranked[] = []): (file: SourceFile) => Ranked | undefined {
  let at = 0;
  return file => {
    while ((before[at]?.file.path ?? file.path) < file.path) at++;
    const found = before[at];
    return found?.file === file ? found : undefined;
  };
}

export function planBasis(inventory: Inventory, options: BasisOptions, measurer: Measurer): PlanBasis {
  const { files, leftOut, skips } = inventory;
  const { open = new Set<string>(), signal } = options;
  const key = `${measurer.countsId} ${options.trusted === true} ${options.maxFileBytes}`;
  const found = known.get(files);
  const basis: Known =
    found?.key === key && found.leftOut === leftOut && found.skips === skips
      ? found
      : { key, leftOut, skips, facts: {}, lists: {}, frames: new Map() };
  known.set(files, basis);
  const place = `${key} ${inventory.folders.map(folder => folder.path).join('\0')}`;
  const before = options.roughly === true ? latest.get(place) : undefined;
  const { lists } = basis;
  const listsBefore = latestLists.get(place);
  const keep = <K extends keyof Lists>(what: K, list: Required<Lists>[K]): Required<Lists>[K] => {
    lists[what] = list;
    // The others are there still, until this inventory has its own.
    keepLatest(latestLists, place, { ...latestLists.get(place), [what]: list });
    return list;
  };

  return {
    async unranked() {
      if (lists.unranked !== undefined) return lists.unranked;
      const ranked = new Array<Ranked>(files.length);
      const rankedBefore = sameAs(listsBefore?.unranked);
      let at = 0;
      await eachInTurns(files, pacer(signal), file => {
        ranked[at++] = rankedBefore(file) ?? unranked(file);
      });
      return keep('unranked', (lists.unranked ??= ranked));
    },
    async ranked(steering) {
      let signals = basis.facts.signals ?? before?.signals;
      if (signals === undefined || options.roughly !== true) {
        basis.facts.signals = signals = await gatherSignals(inventory, options, measurer);
        keepLatest(latest, place, basis.facts);
      }
      const context = { ...signals, open };
      const opened = [...open].sort().join('\n');
      let { ranked } = lists;
      if (ranked?.open !== opened || ranked.signals !== signals) {
        const rankedBefore = sameAs((ranked ?? listsBefore?.ranked)?.ranked);
        const now = await inTurns(ranking(files, context, rankedBefore), pacer(signal));
        ranked = keep('ranked', { open: opened, signals, ranked: now });
      }
      return inTurns(pinning(ranked.ranked, { ...context, steering }), pacer(signal));
    },
    async listed() {
      if (lists.listed !== undefined) return lists.listed;
      const breathe = pacer(signal);
      // It outlives this inventory.
      const column = createTokenColumn(copyOf(files));
      const lines: string[] = [];
      const places: number[] = [];
      for (let at = 0; at < files.length; at++) {
        if (at % piece === 0) await breathe();
        const path = files[at]?.path ?? '';
        // A line is its path, whatever became of the file.
        const tokens = listsBefore?.listed?.get(path);
        if (tokens !== undefined) column.tokens[at] = tokens;
        else {
          lines.push(listedLine(path));
          places.push(at);
        }
      }
      const counted = lines.length === 0 ? [] : await measurer.countEach(lines, signal);
      for (const [i, at] of places.entries()) column.tokens[at] = counted[i] ?? Infinity;
      return keep('listed', column);
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
    keepOutlines({ tokens: made }) {
      const { tokens } = (basis.facts.outlines ??= createTokenColumn(copyOf(files)));
      for (let i = 0; i < made.length; i++) if ((made[i] ?? 0) > 0) tokens[i] = made[i] ?? 0;
    },
  };
}
