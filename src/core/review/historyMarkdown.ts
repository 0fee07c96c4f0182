import { grouped } from '../grouped.ts';
import { belowBlock } from './belowBlock.ts';
import type { HistoryEntry } from './history.ts';
import { heldThen, type Recheck } from './historyAnchors.ts';
import type { HistoryAnchor } from './historyTypes.ts';
import { createSafeMarkdown } from './safeMarkdown.ts';

/**
 * An ask as a Markdown report of its own: question, answer, anchors with their states, and what is needed to judge or
 * repeat it. The model's Markdown is made harmless here too, since nobody knows where the file will be opened.
 */
export function historyMarkdown(entry: HistoryEntry, rechecks?: readonly Recheck[]): string {
  const parts = [
    `# ${plainMarkdown(entry.title)}`,
    facts(entry),
    ...(entry.question.trim() === entry.title ? [] : ['## Question', fenced(entry.question)]),
    '## Answer',
    answerOf(entry),
    ...(entry.failure ? [`**${plainMarkdown(`${entry.failure.message} ${entry.failure.remedy}`)}**`] : []),
    ...(entry.anchors.length === 0 ? [] : ['## Anchors', anchorTable(entry.anchors, rechecks)]),
    ...(entry.pack ? ['## Pack', packFacts(entry)] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

/**
 * Text inside a line of our own Markdown, not at its beginning. As few characters are escaped as will do, because
 * answers are read as source, too.
 */
export function plainMarkdown(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*[\]<~|$&]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&');
}

function facts(entry: HistoryEntry): string {
  const { endpoint, limit, usage } = entry;
  const lines = [
    `Asked ${entry.at} of ${endpoint.name} (${endpoint.model}, ${endpoint.host}); ${stateText(entry)}.`,
    ...(limit === undefined
      ? []
      : [
          `Context limit: ${limit.tokens === null ? 'none' : grouped(limit.tokens)}${limit.evidence
            .map(e => `; ${e.source}: ${grouped(e.tokens)} (${e.detail}, ${e.at})`)
            .join('')}.`,
        ]),
    ...(usage?.promptTokens == null
      ? []
      : [
          `Prompt tokens: ${grouped(usage.promptTokens)}; from cache: ${usage.cachedTokens === null ? 'not told' : grouped(usage.cachedTokens)}; answer tokens: ${usage.completionTokens === null ? 'not told' : grouped(usage.completionTokens)}.`,
        ]),
    ...(entry.costUsd === undefined ? [] : [`Cost: $${entry.costUsd.toFixed(5)}.`]),
    ...(entry.timings === undefined ? [] : [`Took ${(entry.timings.total / 1000).toFixed(1)} s.`]),
  ];
  return lines.map(line => `- ${plainMarkdown(line)}`).join('\n');
}

export function stateText({ state }: Pick<HistoryEntry, 'state'>): string {
  switch (state) {
    case 'running':
      return 'still being answered';
    case 'done':
      return 'answered';
    case 'incomplete':
      return 'the answer is incomplete';
    case 'failed':
      return 'no answer came';
    case 'cancelled':
      return 'cancelled';
    case 'interrupted':
      return 'the editor ended before the answer did';
  }
}

function answerOf({ answer, anchors }: HistoryEntry): string {
  const safe = createSafeMarkdown();
  let text = '';
  let answered = '';
  for (const part of splitAnswer(answer, anchors)) {
    answered += part.text;
    if (part.kind === 'text') text += safe.push(part.text);
    else {
      if (part.text === '') text += safe.push(belowBlock(answered));
      text += `${safe.interrupt()}${code(placeOf(part.anchor))} ${part.anchor.state}`;
      // A code block's own citation stands below it, on a line of its own.
      if (part.text === '') text += safe.push('\n');
    }
  }
  text += safe.end();
  return text.trim() === '' ? '_Nothing arrived._' : text.trim();
}

export type AnswerPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'anchor'; readonly anchor: HistoryAnchor; readonly text: string };

/** The answer as it streamed. Anchors that overlap, as only a damaged file has them, are text. */
export function splitAnswer(answer: string, anchors: readonly HistoryAnchor[]): AnswerPart[] {
  const parts: AnswerPart[] = [];
  let at = 0;
  for (const anchor of [...anchors].sort((a, b) => a.offset - b.offset)) {
    if (anchor.offset < at) continue;
    if (anchor.offset > at) parts.push({ kind: 'text', text: answer.slice(at, anchor.offset) });
    at = anchor.offset + anchor.length;
    parts.push({ kind: 'anchor', anchor, text: answer.slice(anchor.offset, at) });
  }
  if (at < answer.length) parts.push({ kind: 'text', text: answer.slice(at) });
  return parts;
}

function placeOf({ path, startLine, endLine }: HistoryAnchor): string {
  return `${path}:${startLine}${endLine === startLine ? '' : `-${endLine}`}`;
}

/** A code span for any text. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const ticks = '`'.repeat(1 + Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)));
  return ticks === '`' ? `\`${line}\`` : `${ticks} ${line} ${ticks}`;
}

function fenced(text: string): string {
  const ticks = '`'.repeat(
    Math.max(3, 1 + Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))),
  );
  return `${ticks}text\n${text.trim()}\n${ticks}`;
}

function anchorTable(anchors: readonly HistoryAnchor[], rechecks: readonly Recheck[] | undefined): string {
  const rows = anchors.map((anchor, i) => {
    const today = rechecks?.[i];
    const cells = [plainMarkdown(placeOf(anchor)), anchor.state, plainMarkdown(anchor.note ?? '')];
    if (rechecks !== undefined) cells.push(today === undefined ? '' : plainMarkdown(today.note));
    return `| ${cells.join(' | ')} |`;
  });
  const head = rechecks === undefined ? '| anchor | state | why |' : '| anchor | state | why | today |';
  return [head, head.replace(/[^|]+/g, ' --- '), ...rows].join('\n');
}

function packFacts({ pack, anchors }: HistoryEntry): string {
  if (pack === undefined) return '';
  const forms = Object.entries(pack.forms).map(([form, n]) => `${n} ${form}`);
  const folders = pack.folders.map(f => (f.commit === undefined ? f.name : `${f.name} at ${f.commit}`));
  return [
    `SHA-256 ${pack.sha256}, ${grouped(pack.tokens)} tokens, ${grouped(pack.bytes)} bytes.`,
    `Files: ${forms.join(', ')}. Folders: ${folders.join(', ')}.`,
    `Settings: answer ${pack.settings.answerTokens} tokens, reserve ${pack.settings.reserveShare * 100} %, files up to ${pack.settings.maxFileBytes} bytes.`,
    ...imageFacts(pack),
    `${anchors.filter(heldThen).length} anchors can be checked again.`,
  ]
    .map(line => `- ${plainMarkdown(line)}`)
    .join('\n');
}

function imageFacts({ images = [] }: NonNullable<HistoryEntry['pack']>): string[] {
  if (images.length === 0) return [];
  const tokens = images.reduce((sum, image) => sum + image.tokens, 0);
  return [`Images: ${images.map(({ path }) => path).join(', ')}; at most ${grouped(tokens)} tokens.`];
}
