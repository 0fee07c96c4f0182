import { reasonOf } from '../core/pack/describeFile.ts';
import type { Knowledge } from '../core/endpoint/learn.ts';
import { usableWindow } from '../core/endpoint/models.ts';
import { smallest } from '../core/endpoint/providers/fields.ts';
import type { ListedModel } from '../core/endpoint/providers/types.ts';
import type { ContextLimit, Endpoint } from '../core/endpoint/types.ts';
import type { Budget } from '../core/pack/types.ts';
import { listSecrets } from '../core/pack/secretsReport.ts';
import type { ImagePlan } from '../core/review/imagePlan.ts';
import type { Prepared } from '../core/review/prepare.ts';
import { describeListingNote } from '../core/workspace/listingNotes.ts';
import { describeSkip } from '../core/workspace/types.ts';
import { grouped as number } from '../core/grouped.ts';
import { printableName } from './printable.ts';

/** The parts that `longview.pack/1` and `longview.ask/1` share; documented in the README. */
export function preparedReport(prepared: Prepared) {
  const { limit, budget, pack } = prepared;
  return {
    counter: prepared.counter,
    limit: limitReport(limit),
    budget,
    ...(prepared.images && { images: imagesReport(prepared.images) }),
    totals: { files: pack.manifest.length, bytes: pack.bytes, tokens: pack.tokens },
  };
}

/** Those with a `reason` are not sent; numbers are null where nobody looked. */
function imagesReport({ chosen, others }: ImagePlan) {
  return [...chosen, ...others]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, tokens, bytes, width, height, referredBy, reason }) => {
      return { path, tokens, bytes, width, height, referredBy, ...(reason !== undefined && { reason }) };
    });
}

function limitReport(limit: ContextLimit) {
  return {
    tokens: limit.kind === 'known' ? limit.tokens : null,
    source: limit.kind === 'known' ? limit.source : null,
    evidence: limit.evidence,
  };
}

/** `longview.limit/1`. `known` is undefined where measuring went on although no list could be had. */
export function limitDocument(endpoint: Endpoint, limit: ContextLimit, known: Knowledge | undefined) {
  const alternatives = known?.alternatives.map(m => ({ id: m.id, tokens: usableWindow(m) ?? null }));
  return {
    schema: 'longview.limit/1',
    endpoint: { ...endpointReport(endpoint), provider: known?.provider ?? null },
    limit: limitReport(limit),
    maxInputTokens: limit.maxInputTokens ?? null,
    maxOutputTokens: longestAnswer(endpoint, limit) ?? null,
    price: known?.price ?? null,
    gone: known?.gone === undefined ? null : { ...known.gone, alternatives },
  };
}

/** Tokens; undefined where nobody says. */
export function longestAnswer({ config }: Endpoint, limit: ContextLimit): number | undefined {
  return smallest([config.maxOutputTokens, limit.maxOutputTokens]);
}

export function endpointReport(endpoint: Endpoint) {
  const { id, name, baseUrl, model } = endpoint.config;
  return { id, name: name ?? id, baseUrl: endpoint.kind === 'offline' ? null : baseUrl, model };
}

/** `openai/gpt-oss-120b, 131,072 tokens` */
export function modelLine(model: ListedModel): string {
  const tokens = usableWindow(model);
  return `${printableName(model.id)}${tokens === undefined ? '' : `, ${number(tokens)} tokens`}`;
}

export function packReport(workspace: string, prepared: Prepared) {
  const lines = new Map(prepared.inventory.files.map(f => [f.path, f.lines]));
  const notes = new Map(
    prepared.inventory.files.flatMap(f => (f.note === undefined ? [] : [[f.path, f.note] as const])),
  );
  return {
    schema: 'longview.pack/1',
    workspace,
    ...(prepared.plan.preset !== undefined && { preset: prepared.plan.preset }),
    ...preparedReport(prepared),
    files: prepared.plan.files.map(f => ({
      path: f.path,
      form: f.form,
      tokens: f.tokens,
      lines: lines.get(f.path) ?? null,
      ...(notes.has(f.path) && { note: notes.get(f.path) }),
      ...(f.choice !== undefined && { chosen: f.choice.in, why: f.choice.why }),
      ...(f.why !== undefined && { reason: reasonOf(f) }),
      ...(f.signals !== undefined && { signals: f.signals }),
    })),
    secrets: listSecrets(prepared.inventory.files).map(({ path, line, rule, id, allowed }) => ({
      path,
      line,
      rule,
      id,
      allowed,
    })),
    skips: prepared.inventory.skips.map(s => ({ path: s.path, reason: describeSkip(s.reason) })),
    notes: prepared.inventory.notes.map(note => ({
      path: note.path,
      why: note.why,
      text: describeListingNote(note),
    })),
    timingsMs: roundAll(prepared.timings),
    promptSha256: prepared.pack.sha256,
  };
}

export function roundAll<T extends Record<keyof T, number | null>>(
  timings: T,
): Record<keyof T, number | null> {
  const entries = Object.entries(timings as Record<string, number | null>);
  return Object.fromEntries(
    entries.map(([k, v]) => [k, v === null ? null : Math.round(v * 10) / 10]),
  ) as Record<keyof T, number | null>;
}

/** The gauge as text: `[████████░░░░▒▒] 412,204 / 1,048,576 tokens (39 %)`. `width` in columns. */
export function gaugeBar(used: number, budget: Budget, width = 40): string {
  if (budget.limit === null) return `${number(used)} tokens; no limit`;
  const share = (tokens: number) => Math.round((tokens / (budget.limit ?? 1)) * width);
  const filled = Math.min(width, share(used));
  const reserved = Math.min(width - filled, share(budget.answer + budget.reserve + budget.margin));
  const bar = '█'.repeat(filled) + '░'.repeat(width - filled - reserved) + '▒'.repeat(reserved);
  const percent = ((used / budget.limit) * 100).toFixed(used / budget.limit < 0.1 ? 1 : 0);
  return `[${bar}] ${number(used)} / ${number(budget.limit)} tokens (${percent} %)`;
}

export { number };

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1_000_000) return `${(value / 1000).toFixed(1)} kB`;
  return `${(value / 1_000_000).toFixed(1)} MB`;
}

/** `131,072 (served: /v1/models max_model_len)`, or that it is unknown. */
export function describeLimit(limit: ContextLimit): string {
  if (limit.kind === 'unknown') return 'unknown';
  const decisive = limit.evidence.find(e => e.source === limit.source && e.tokens === limit.tokens);
  return `${number(limit.tokens)} (${limit.source}${decisive === undefined ? '' : `: ${decisive.detail}`})`;
}
