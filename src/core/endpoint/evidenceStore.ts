import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { parsePrice, type Price } from './price.ts';
import { tokenCount } from './providers/fields.ts';
import { evidenceSources, type LimitEvidence } from './types.ts';

/** What evidence belongs to. */
export interface EvidenceKey {
  readonly baseUrl: string;
  readonly model: string;
}

/** A prompt that was answered: it refutes any smaller limit that was found before. */
export interface Accepted {
  /** Tokens of the prompt, as the endpoint counted them. */
  readonly tokens: number;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Limit evidence that outlives the process. `declared` and printed figures are not kept: they are read anew.
 *
 * What was found by asking (`refused`, `measured`) outweighs what servers and lists say, so it must not outlive its
 * truth, or a server that was given a larger window would never be asked for more. It stands until
 * - a larger prompt is accepted ({@link EvidenceStore.accept}),
 * - the server's or the list's own number changes: the server is not the one it was found at,
 * - a week has passed and the server or a list says more: one refusal finds it anew,
 * - the user has it re-checked ({@link EvidenceStore.release}).
 */
export interface EvidenceStore {
  /** What is remembered and still stands, oldest first. Stale `served` and `listed` evidence is included. */
  load(key: EvidenceKey): Promise<LimitEvidence[]>;
  /** Replaces what the same sources said before. */
  add(key: EvidenceKey, evidence: readonly LimitEvidence[]): Promise<void>;
  /** The price as it was last read; undefined where none is known. */
  price(key: EvidenceKey): Promise<Price | undefined>;
  setPrice(key: EvidenceKey, price: Price): Promise<void>;
  accept(key: EvidenceKey, accepted: Accepted): Promise<void>;
  /** Drops what was found by asking, where a server or a list says something else. */
  release(key: EvidenceKey): Promise<void>;
  /** Drops everything. */
  forget(key: EvidenceKey): Promise<void>;
}

const schema = 'longview.evidence/1';
/** After this long a server or list is asked again, ms. */
const freshFor = 24 * 60 * 60 * 1000;
/** After this long, what was found by asking gives way to a server or list that says more, ms. */
const foundFor = 7 * 24 * 60 * 60 * 1000;
/** More than anybody configures; the least recently used are dropped. */
const maxEntries = 500;

/** True for a server's or list's word that need not be asked for again. */
export function isFresh(evidence: LimitEvidence, now: Date): boolean {
  if (evidence.source !== 'served' && evidence.source !== 'listed') return false;
  const age = now.getTime() - Date.parse(evidence.at);
  return age >= 0 && age < freshFor;
}

interface Entry extends EvidenceKey {
  readonly evidence: readonly LimitEvidence[];
  readonly price?: Price;
}

/**
 * A store in one JSON file. A missing, torn or foreign file is an empty store: everything in it can be observed
 * again. Every change re-reads the file and replaces it atomically. Never rejects: a disk that cannot be read or
 * written is told to `onFailure`, and costs a repeated question to the server.
 */
export function createEvidenceStore(
  file: string,
  onFailure: (error: unknown) => void,
  now: () => number = () => Date.now(),
): EvidenceStore {
  const read = () =>
    readEntries(file).catch((error: unknown) => {
      onFailure(error);
      return [];
    });
  let last: Promise<unknown> = Promise.resolve();
  /** One change at a time, so that none of ours is lost. */
  const change = (key: EvidenceKey, update: (entry: Entry) => Entry | undefined): Promise<void> => {
    const next = last.then(async () => {
      const entries = await readEntries(file);
      const mine = entries.find(e => isFor(e, key)) ?? { ...keyOf(key), evidence: [] };
      const updated = update(mine);
      const others = entries.filter(e => !isFor(e, key));
      await writeEntries(file, (updated === undefined ? others : [...others, updated]).slice(-maxEntries));
    });
    last = next.catch(onFailure);
    return next.catch(() => undefined);
  };
  return {
    async load(key) {
      await last;
      const entry = (await read()).find(e => isFor(e, key));
      return entry === undefined ? [] : standing(entry, now());
    },
    async add(key, evidence) {
      const kept = evidence.filter(e => e.source !== 'declared' && e.source !== 'advertised');
      if (kept.length === 0) return;
      await change(key, entry => {
        const before = kept.some(e => isNews(e, entry.evidence))
          ? entry.evidence.filter(old => !isFound(old))
          : entry.evidence;
        return {
          ...entry,
          evidence: [...before.filter(old => !kept.some(e => e.source === old.source)), ...kept],
        };
      });
    },
    async price(key) {
      await last;
      return (await read()).find(e => isFor(e, key))?.price;
    },
    setPrice: (key, price) => change(key, entry => ({ ...entry, price })),
    accept: (key, accepted) =>
      change(key, entry => ({
        ...entry,
        evidence: entry.evidence.filter(e => e.at > accepted.at || e.tokens >= accepted.tokens),
      })),
    release: key =>
      change(key, entry => {
        const told = entry.evidence.filter(e => !isFound(e));
        return told.length === 0 ? entry : { ...entry, evidence: told };
      }),
    forget: key => change(key, () => undefined),
  };
}

const isFound = ({ source }: LimitEvidence) => source === 'refused' || source === 'measured';

/** A server's or a list's own number that is not what it said before. */
function isNews({ source, tokens }: LimitEvidence, before: readonly LimitEvidence[]): boolean {
  if (source !== 'served' && source !== 'listed') return false;
  const old = before.find(e => e.source === source);
  return old !== undefined && old.tokens !== tokens;
}

/** Without what was found too long ago, where something newer says more. */
function standing({ evidence }: Entry, now: number): LimitEvidence[] {
  const outlived = (found: LimitEvidence) =>
    now - Date.parse(found.at) > foundFor &&
    evidence.some(e => !isFound(e) && e.at > found.at && e.tokens > found.tokens);
  return evidence.filter(e => !isFound(e) || !outlived(e));
}

const keyOf = ({ baseUrl, model }: EvidenceKey): EvidenceKey => ({ baseUrl, model });
const isFor = (entry: Entry, key: EvidenceKey) => entry.baseUrl === key.baseUrl && entry.model === key.model;

async function readEntries(file: string): Promise<Entry[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const holder = json as { schema?: unknown; entries?: unknown } | null;
  if (holder?.schema !== schema || !Array.isArray(holder.entries)) return [];
  return holder.entries.flatMap((value: unknown) => readEntry(value) ?? []);
}

/** Fields are checked one by one: a hand-edited number must not become a limit unseen. */
function readEntry(value: unknown): Entry | undefined {
  const { baseUrl, model, evidence, price } = (value ?? {}) as Record<string, unknown>;
  if (typeof baseUrl !== 'string' || typeof model !== 'string' || !Array.isArray(evidence)) return undefined;
  const knownPrice = parsePrice(price);
  return {
    baseUrl,
    model,
    evidence: evidence.flatMap((e: unknown) => readEvidence(e) ?? []),
    ...(knownPrice !== undefined && { price: knownPrice }),
  };
}

function readEvidence(value: unknown): LimitEvidence | undefined {
  const e = (value ?? {}) as Record<string, unknown>;
  const source = evidenceSources.find(s => s === e['source']);
  const tokens = tokenCount(e['tokens']);
  const { at, detail } = e;
  if (source === undefined || tokens === undefined || !isTime(at) || typeof detail !== 'string')
    return undefined;
  const maxInputTokens = tokenCount(e['maxInputTokens']);
  const maxOutputTokens = tokenCount(e['maxOutputTokens']);
  return {
    source,
    tokens,
    at,
    detail,
    ...(maxInputTokens !== undefined && { maxInputTokens }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

async function writeEntries(file: string, entries: readonly Entry[]): Promise<void> {
  const torn = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(torn, `${JSON.stringify({ schema, entries }, null, 1)}\n`, { mode: 0o600 });
    await rename(torn, file);
  } catch (error) {
    await rm(torn, { force: true });
    throw error;
  }
}
