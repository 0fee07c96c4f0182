import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';

import { readLines, replaceFile } from './atomicFile.ts';
import { keptSamples, whyIgnored, type RatioSample } from './learnedRatio.ts';

const header = 'longview.ratios/1';
/** Endpoints come and go; the ones that answered last are kept. */
const mostKeys = 200;

/** What endpoints' replies taught, kept across restarts. */
export interface RatioBook {
  /** Oldest first. */
  samples(key: string): readonly RatioSample[];
  /** Takes in what other processes wrote since. */
  refresh(): Promise<void>;
  /**
   * Takes a reply in and writes the book, with what other processes wrote meanwhile. Resolves to why it taught
   * nothing, or to undefined. Rejects where the file cannot be written; the sample is known all the same.
   */
  observe(key: string, sample: RatioSample): Promise<string | undefined>;
}

type Samples = Map<string, readonly RatioSample[]>;

/** A missing, torn or older file is an empty book. */
export async function openRatios(file: string): Promise<RatioBook> {
  let known: Samples = new Map();
  let seen: string | undefined;
  let writing: Promise<unknown> = Promise.resolve();
  async function refresh(): Promise<void> {
    const now = await changedAt(file);
    if (now === seen) return;
    known = merge(known, await load(file));
    seen = now;
  }
  // A book that cannot be read is an empty one; refreshing it later says why.
  await refresh().catch(() => undefined);
  return {
    samples: key => known.get(key) ?? [],
    refresh,
    async observe(key, sample) {
      const ignored = whyIgnored(sample);
      if (ignored !== undefined) return ignored;
      known = merge(known, new Map([[key, [sample]]]));
      const write = async () => {
        known = merge(await load(file), known);
        await replaceFile(file, textOf(known));
      };
      const turn = writing.then(write, write);
      writing = turn;
      await turn;
      return undefined;
    },
  };
}

/** Differs where the file does; undefined where there is none. */
async function changedAt(file: string): Promise<string | undefined> {
  return stat(file).then(
    ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
    () => undefined,
  );
}

/** A digest, so that the book names nobody's host. `counting` is what is counted, see `countingId`. */
export function ratioKey(
  endpoint: { readonly baseUrl: string; readonly model: string },
  counting: string,
): string {
  const whole = JSON.stringify([endpoint.baseUrl, endpoint.model, counting]);
  return createHash('sha256').update(whole).digest('base64url').slice(0, 22);
}

async function load(file: string): Promise<Samples> {
  const samples: Samples = new Map();
  for (const line of await readLines(file, header)) {
    const match = /^([\w-]{22}) (\d{1,12}(?:\.\d{1,6})?) (\d{1,12}) (\d{1,15})$/.exec(line);
    if (match === null) continue;
    const [, key = '', counted, used, at] = match;
    const sample = { counted: Number(counted), used: Number(used), at: Number(at) };
    if (whyIgnored(sample) === undefined) samples.set(key, [...(samples.get(key) ?? []), sample]);
  }
  return samples;
}

function textOf(samples: Samples): string {
  const lines = [...samples].flatMap(([key, list]) =>
    list.map(({ counted, used, at }) => `${key} ${round(counted)} ${used} ${at}`),
  );
  return [header, ...lines, ''].join('\n');
}

function merge(a: Samples, b: Samples): Samples {
  const keys = new Set([...a.keys(), ...b.keys()]);
  const merged = [...keys].map(key => [key, together(a.get(key) ?? [], b.get(key) ?? [])] as const);
  merged.sort(([, x], [, y]) => (x.at(-1)?.at ?? 0) - (y.at(-1)?.at ?? 0));
  return new Map(merged.slice(-mostKeys));
}

function together(a: readonly RatioSample[], b: readonly RatioSample[]): readonly RatioSample[] {
  const distinct = new Map([...a, ...b].map(s => [`${s.at} ${round(s.counted)} ${s.used}`, s]));
  return [...distinct.values()].sort((x, y) => x.at - y.at).slice(-keptSamples);
}

function round(counted: number): number {
  return Math.round(counted * 1000) / 1000;
}
