import { LongviewError } from '../errors.ts';
import type { EvidenceStore } from './evidenceStore.ts';
import type { Gates } from './gates.ts';
import {
  between,
  canaryTokens,
  controlTokens,
  defaultPrecision,
  firstTokens,
  isNarrow,
  planMeasurement,
} from './measurePlan.ts';
import { createProber, type Prober, type ProbeOutcome } from './probe.ts';
import { defaultMaxWaitMs, systemClock, type Clock } from './retry.ts';
import { createCanary } from './truncation.ts';
import type { Endpoint, LimitEvidence } from './types.ts';

export interface MeasureRequest {
  /** Tokens believed to be accepted, at least 1,000. */
  readonly low?: number;
  /** Tokens not looked beyond: the largest number anybody claims. */
  readonly high: number;
  /** Tokens that may be spent in all; nothing is sent that would go over. */
  readonly budgetTokens: number;
  readonly precision?: number;
  readonly maxWaitMs?: number;
  readonly signal: AbortSignal;
}

export interface MeasureDeps {
  readonly gates: Gates;
  readonly countTokens: (text: string) => number | Promise<number>;
  readonly clock?: Clock;
  /** 0 inclusive to 1 exclusive. */
  readonly random?: () => number;
  readonly onProgress?: (progress: MeasureProgress) => void;
}

export type MeasureProgress =
  /** About to send a prompt of so many tokens. */
  | { readonly kind: 'sending'; readonly tokens: number; readonly spent: number }
  | {
      readonly kind: 'outcome';
      readonly tokens: number;
      readonly outcome: 'accepted' | 'refused' | 'truncated';
      /** Tokens a refusal named, or that were read of a cut prompt. */
      readonly limitTokens?: number;
    }
  | { readonly kind: 'waiting'; readonly ms: number };

export interface Measurement {
  /** The largest size that was accepted and read whole, tokens of prompt and answer; 0 for none. */
  readonly accepted: number;
  /** The smallest that was not; null where nothing was refused. */
  readonly refused: number | null;
  /** `precise`: the bracket is narrow, or the upper end of the range was accepted. */
  readonly stopped: 'precise' | 'budget' | 'failed';
  /** Why it stopped early. */
  readonly failure?: LongviewError;
  /** Too long prompts are cut, not refused. */
  readonly truncates: boolean;
  /** `tokens`: by what it says it read. `canaries`: by what the model has seen. `none`: it cannot be told. */
  readonly checkedBy: 'tokens' | 'canaries' | 'none';
  readonly requests: number;
  readonly spentTokens: number;
  /** `refused` where a refusal named the limit, `measured` where the bracket is narrow. */
  readonly evidence: readonly LimitEvidence[];
}

/**
 * Brackets the real limit with requests for one token; see {@link planMeasurement} for what that costs at worst.
 * Rejects with `signal.reason` when cancelled, and with a LongviewError where the first, small request fails.
 */
export async function measureLimit(
  endpoint: Endpoint,
  request: MeasureRequest,
  deps: MeasureDeps,
): Promise<Measurement> {
  const { high, low = controlTokens, precision = defaultPrecision, budgetTokens, signal } = request;
  planMeasurement({ low, high, precision });
  const clock = deps.clock ?? systemClock;
  const prober = await createProber(endpoint, createCanary(deps.random ?? Math.random), {
    gates: deps.gates,
    countTokens: deps.countTokens,
    clock,
    signal,
    maxWaitMs: request.maxWaitMs ?? defaultMaxWaitMs,
    onWait: ms => deps.onProgress?.({ kind: 'waiting', ms }),
  });
  const search: Search = {
    accepted: 0,
    refused: null,
    hint: undefined,
    named: undefined,
    truncates: false,
    requests: 0,
    spent: 0,
    topped: false,
    counts: { each: 1, extra: 0 },
    tells: false,
    repeats: false,
    listening: false,
  };
  const tools: Tools = { prober, budgetTokens, tell: progress => deps.onProgress?.(progress) };

  let stopped: Measurement['stopped'] = 'precise';
  let failure: LongviewError | undefined;
  if ((await control(search, tools)) === 'budget') stopped = 'budget';
  else if (search.accepted > 0) {
    try {
      stopped = await bracket(search, tools, low, high, precision);
    } catch (error) {
      if (!(error instanceof LongviewError) || signal.aborted) throw error;
      stopped = 'failed';
      failure = error;
    }
  }
  return {
    accepted: search.accepted,
    refused: search.refused,
    stopped,
    ...(failure !== undefined && { failure }),
    truncates: search.truncates,
    checkedBy: search.tells ? 'tokens' : search.repeats ? 'canaries' : 'none',
    requests: search.requests,
    spentTokens: search.spent,
    evidence: evidenceOf(search, stopped, new Date(clock.now()).toISOString()),
  };
}

/** Remembers a measurement; what it refutes of earlier findings is dropped. Gives what stands of `before` beside it. */
export async function keepMeasurement(
  { config }: Endpoint,
  { accepted, evidence }: Measurement,
  before: readonly LimitEvidence[],
  store: EvidenceStore | undefined,
): Promise<readonly LimitEvidence[]> {
  const at = evidence.at(-1)?.at ?? new Date().toISOString();
  await store?.accept(config, { tokens: accepted, at });
  await store?.add(config, evidence);
  const refuted = (e: LimitEvidence) =>
    (e.source === 'refused' || e.source === 'measured') && e.tokens < accepted;
  return [...before.filter(e => !refuted(e)), ...evidence];
}

interface Search {
  accepted: number;
  refused: number | null;
  /** A number that was named, or read of a cut prompt: worth trying next. */
  hint: number | undefined;
  named: { readonly tokens: number; readonly input: boolean } | undefined;
  truncates: boolean;
  requests: number;
  spent: number;
  /** The upper end of the range was accepted. */
  topped: boolean;
  /** Tokens of the endpoint for one of ours, and what it puts around every prompt. */
  counts: { readonly each: number; readonly extra: number };
  /** It tells how many tokens it read. */
  tells: boolean;
  /** The model repeats both canaries of a small prompt. */
  repeats: boolean;
  /** Every request asks for the canaries: what is told about tokens is not to be trusted, or not told. */
  listening: boolean;
}

interface Tools {
  readonly prober: Prober;
  readonly budgetTokens: number;
  readonly tell: (progress: MeasureProgress) => void;
}

/** Sends one prompt of `size` tokens, answer included, unless the budget forbids. */
async function probe(
  search: Search,
  { prober, budgetTokens, tell }: Tools,
  size: number,
  maxTokens: number,
): Promise<(ProbeOutcome & { readonly sent: number }) | 'budget'> {
  if (search.spent + size > budgetTokens) return 'budget';
  tell({ kind: 'sending', tokens: size, spent: search.spent });
  const tokens = Math.max(
    prober.least,
    Math.floor((size - maxTokens - search.counts.extra) / search.counts.each),
  );
  search.requests++;
  search.spent += size;
  return { ...(await prober.send({ tokens, maxTokens })), sent: tokens };
}

/** Two small prompts that every endpoint accepts: they show how it counts, and what can be told from its answers. */
async function control(search: Search, tools: Tools): Promise<'budget' | 'done'> {
  const first = await probe(search, tools, firstTokens + canaryTokens, canaryTokens);
  if (first === 'budget') return 'budget';
  const second = first.kind === 'refused' ? first : await probe(search, tools, controlTokens, canaryTokens);
  if (second === 'budget') return 'budget';
  if (first.kind === 'refused' || second.kind === 'refused') {
    if (second.kind === 'refused') note(search, second, controlTokens);
    return 'done';
  }
  search.repeats = second.seen.first && second.seen.last;
  const each = ((second.read ?? 0) - (first.read ?? 0)) / (second.sent - first.sent);
  // No tokenizer is so far from ours: what it tells is something else.
  search.tells = each > 0.3 && each < 4;
  if (search.tells) search.counts = { each, extra: (second.read ?? 0) - each * second.sent };
  search.listening = !search.tells && search.repeats;
  search.accepted = controlTokens;
  return 'done';
}

async function bracket(
  search: Search,
  tools: Tools,
  low: number,
  high: number,
  precision: number,
): Promise<Measurement['stopped']> {
  for (let next: number | undefined = high; ;) {
    while (next !== undefined) {
      const result = await judge(search, tools, next);
      if (result === 'accepted' && next >= high) search.topped = true;
      if (result === 'budget') {
        // What is too dear may be reached from below.
        const affordable = tools.budgetTokens - search.spent;
        const ceiling = search.refused ?? high;
        const smaller = Math.min(between(Math.max(low, search.accepted), ceiling), affordable);
        if (smaller >= next || smaller <= search.accepted * (1 + precision)) return 'budget';
        next = smaller;
        continue;
      }
      next = nextSize(search, low, high, precision);
    }
    const confirmed = await confirm(search, tools);
    if (confirmed !== 'lost') return confirmed;
    // The model has not seen what the endpoint counted: everything above the control is open again.
    next = nextSize(search, low, high, precision);
  }
}

/** What to try next; undefined once the bracket is narrow. */
function nextSize(search: Search, low: number, high: number, precision: number): number | undefined {
  const { accepted, refused, hint } = search;
  if (refused === null) return search.topped ? undefined : high;
  if (isNarrow(accepted, refused, precision)) return undefined;
  search.hint = undefined;
  // Just below what was named: accepted, it closes the bracket.
  const below = hint === undefined ? undefined : Math.floor(hint * (1 - precision / 2));
  if (below !== undefined && below > accepted && below < refused) return below;
  const from = accepted > controlTokens || low >= refused ? accepted : low;
  return Math.max(accepted + 1, between(from, refused));
}

/** Counts of the same line over and over grow evenly; what strays more was cut. */
const straying = 0.005;

async function judge(
  search: Search,
  tools: Tools,
  size: number,
): Promise<'accepted' | 'rejected' | 'budget'> {
  const maxTokens = search.listening ? canaryTokens : 1;
  const outcome = await probe(search, tools, size, maxTokens);
  if (outcome === 'budget') return 'budget';
  if (outcome.kind === 'refused') {
    const limitTokens = note(search, outcome, size);
    const named = limitTokens === undefined ? {} : { limitTokens };
    tools.tell({ kind: 'outcome', tokens: size, outcome: 'refused', ...named });
    return 'rejected';
  }
  const read = search.tells ? outcome.read : null;
  const { each, extra } = search.counts;
  const cutShort = read !== null && read < (extra + each * outcome.sent) * (1 - straying) - 4;
  const unseen = search.listening && !(outcome.seen.first && outcome.seen.last);
  if (cutShort || unseen) {
    search.truncates = true;
    search.refused = Math.min(search.refused ?? Infinity, size);
    if (cutShort) search.hint = read + maxTokens;
    const kept = cutShort ? { limitTokens: read } : {};
    tools.tell({ kind: 'outcome', tokens: size, outcome: 'truncated', ...kept });
    return 'rejected';
  }
  // What the endpoint counted is the truth; where it does not count, our own estimate stands.
  const counted = (read ?? size - maxTokens) + maxTokens;
  // A larger prompt of which no more was read: cut, by less than can be told.
  if (counted <= search.accepted) search.refused = Math.min(search.refused ?? Infinity, size);
  // The first large prompt shows more exactly than the small ones how the endpoint counts.
  else if (read !== null && search.accepted === controlTokens)
    search.counts = { each: (read - extra) / outcome.sent, extra };
  search.accepted = Math.max(search.accepted, counted);
  tools.tell({ kind: 'outcome', tokens: search.accepted, outcome: 'accepted' });
  return 'accepted';
}

/** Keeps what a refusal says; gives the limit it names. */
function note(
  search: Search,
  outcome: Extract<ProbeOutcome, { kind: 'refused' }>,
  size: number,
): number | undefined {
  search.refused = Math.min(search.refused ?? Infinity, size);
  const { limitTokens, scope } = outcome;
  if (limitTokens === undefined) return undefined;
  search.named = { tokens: limitTokens, input: scope === 'input' };
  search.hint = limitTokens;
  if (limitTokens >= search.accepted) search.refused = Math.min(search.refused, limitTokens + 1);
  return limitTokens;
}

/** Whether the model has seen both ends of the largest accepted prompt. */
async function confirm(search: Search, tools: Tools): Promise<'precise' | 'lost'> {
  if (!search.repeats || search.listening || search.accepted <= controlTokens) return 'precise';
  const size = search.accepted;
  const outcome = await probe(search, tools, size, canaryTokens);
  // Where the budget does not allow for that, the endpoint's own word has to do.
  if (outcome === 'budget' || outcome.kind === 'refused') return 'precise';
  if (outcome.seen.first && outcome.seen.last) return 'precise';
  search.listening = true;
  search.tells = false;
  search.truncates = true;
  search.accepted = controlTokens;
  search.refused = size;
  search.topped = false;
  tools.tell({ kind: 'outcome', tokens: size, outcome: 'truncated' });
  return 'lost';
}

function evidenceOf(search: Search, stopped: Measurement['stopped'], at: string): LimitEvidence[] {
  const { accepted, refused, named, truncates, spent, requests } = search;
  const evidence: LimitEvidence[] = [];
  if (named !== undefined) {
    evidence.push({
      source: 'refused',
      tokens: named.tokens,
      at,
      detail: `named by a refusal while measuring${named.input ? ' (of the prompt alone)' : ''}`,
      ...(named.input && { maxInputTokens: named.tokens }),
    });
  }
  if (stopped === 'precise' && accepted > 0) {
    const above =
      refused === null ? 'more was not tried' : `${refused} ${truncates ? 'cut silently' : 'refused'}`;
    const detail = `${accepted} accepted, ${above} (${requests} requests, ${spent} tokens)`;
    evidence.push({ source: 'measured', tokens: accepted, at, detail });
  }
  return evidence;
}
