import { evidenceSources, type LimitEvidence, type Usage } from '../endpoint/types.ts';
import type { AnchorState } from './anchorTypes.ts';
import {
  historyStates,
  surfaces,
  type HistoryAnchor,
  type HistoryEntry,
  type HistoryHead,
  type PackRecipe,
} from './historyTypes.ts';

/** First in every file, so that a file of another version is told from a broken one. */
const schema = 'longview.history/1';
/** A head fits into this many bytes, so that a list reads no more of each file. */
export const headBytes = 8192;
const longestTitle = 200;

/** Two lines of JSON: the head, then the rest. */
export function encodeEntry(entry: HistoryEntry): string {
  const { id, at, title, state, surface, endpoint, turn, follows, pid, anchors, ...body } = entry;
  const verified = anchors.filter(a => a.state === 'verified').length;
  const head: HistoryHead = {
    ...{ id, at, title, state, surface, endpoint, turn, pid },
    ...(follows !== undefined && { follows }),
    anchors: { total: anchors.length, verified },
  };
  return `${JSON.stringify({ schema, ...head })}\n${JSON.stringify({ ...body, anchors })}\n`;
}

/** One line for lists, of any question. */
export function titleOf(question: string): string {
  const line = question
    .slice(0, 4 * longestTitle)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > longestTitle ? `${line.slice(0, longestTitle - 1)}…` : line;
}

export type Decoded<T> =
  { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'bad'; readonly why: string };

/** Reads a file's first line; every field is checked, since anything may stand in a stored file. */
export function decodeHead(line: string): Decoded<HistoryHead> {
  const fields = parse(line);
  if (fields === undefined) return bad('It is torn, or no history of ours.');
  if (fields['schema'] !== schema)
    return typeof fields['schema'] === 'string' && fields['schema'].startsWith('longview.history/')
      ? bad('It was written by another version of Longview.')
      : bad('It is no history of ours.');
  const endpoint = object(fields['endpoint']);
  const anchors = object(fields['anchors']);
  const { id, at, title, turn } = fields;
  const state = historyStates.find(s => s === fields['state']);
  const surface = surfaces.find(s => s === fields['surface']);
  if (!isText(id) || !isText(at) || Number.isNaN(Date.parse(at)) || !isText(title))
    return bad('Its head is damaged.');
  if (state === undefined || surface === undefined) return bad('Its head is damaged.');
  return ok({
    id,
    at,
    title: titleOf(title),
    state,
    surface,
    endpoint: {
      id: text(endpoint['id']),
      name: text(endpoint['name']),
      model: text(endpoint['model']),
      host: text(endpoint['host']),
      offline: endpoint['offline'] === true,
    },
    anchors: { total: count(anchors['total']) ?? 0, verified: count(anchors['verified']) ?? 0 },
    turn: text(turn),
    ...(isText(fields['follows']) && { follows: text(fields['follows']) }),
    pid: count(fields['pid']) ?? 0,
  });
}

export function decodeEntry(file: string): Decoded<HistoryEntry> {
  const end = file.indexOf('\n');
  const head = decodeHead(end < 0 ? file : file.slice(0, end));
  if (head.kind === 'bad') return head;
  const body = parse(file.slice(end + 1));
  if (end < 0 || body === undefined) return bad('Its second half is torn.');
  const { question, answer } = body;
  if (!isText(question) || !isText(answer) || !Array.isArray(body['anchors']))
    return bad('Its question or answer is damaged.');
  const usage = readUsage(body['usage']);
  const pack = readPack(body['pack']);
  const limit = readLimit(body['limit']);
  const timings = readTimings(body['timings']);
  const failure = readFailure(body['failure']);
  const promptTokens = count(body['promptTokens']);
  const costUsd = amount(body['costUsd']);
  return ok({
    ...head.value,
    question,
    earlierTurns: count(body['earlierTurns']) ?? 0,
    answer,
    anchors: body['anchors'].flatMap((a: unknown) => readAnchor(a, answer.length) ?? []),
    ...(limit && { limit }),
    ...(promptTokens !== undefined && { promptTokens }),
    ...(pack && { pack }),
    ...(usage && { usage }),
    ...(costUsd !== undefined && { costUsd }),
    ...(isText(body['finishReason']) && { finishReason: body['finishReason'] }),
    ...(timings && { timings }),
    ...(failure && { failure }),
  });
}

type Fields = Record<string, unknown>;

const ok = <T>(value: T): Decoded<T> => ({ kind: 'ok', value });
const bad = (why: string): { readonly kind: 'bad'; readonly why: string } => ({ kind: 'bad', why });
const isText = (value: unknown): value is string => typeof value === 'string';
const text = (value: unknown): string => (isText(value) ? value.slice(0, 500) : '');

function parse(json: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined;
  }
}

function object(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function amount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function count(value: unknown): number | undefined {
  const number = amount(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

const anchorStates: readonly AnchorState[] = [
  'verified',
  'relocated',
  'unquoted',
  'ambiguous',
  'stale',
  'out-of-range',
  'missing',
];

function readAnchor(value: unknown, answerLength: number): HistoryAnchor | undefined {
  const { path, quote, note, fileHash, ...rest } = object(value);
  const state = anchorStates.find(s => s === rest['state']);
  const [startLine, endLine] = [count(rest['startLine']), count(rest['endLine'])];
  const [offset, length] = [count(rest['offset']), count(rest['length'])];
  if (!isText(path) || state === undefined || startLine === undefined || endLine === undefined)
    return undefined;
  if (startLine < 1 || endLine < startLine) return undefined;
  if (offset === undefined || length === undefined || offset + length > answerLength) return undefined;
  const lines = object(rest['lines']);
  return {
    path,
    startLine,
    endLine,
    state,
    offset,
    length,
    ...(isText(quote) && { quote }),
    ...(isText(note) && { note }),
    ...(isText(fileHash) && { fileHash }),
    ...(isText(lines['first']) &&
      isText(lines['all']) && { lines: { first: lines['first'], all: lines['all'] } }),
  };
}

function readUsage(value: unknown): Usage | undefined {
  if (value === undefined) return undefined;
  const fields = object(value);
  return {
    promptTokens: count(fields['promptTokens']) ?? null,
    cachedTokens: count(fields['cachedTokens']) ?? null,
    completionTokens: count(fields['completionTokens']) ?? null,
  };
}

function readLimit(value: unknown): HistoryEntry['limit'] {
  if (value === undefined) return undefined;
  const { tokens, evidence } = object(value);
  const list: readonly unknown[] = Array.isArray(evidence) ? evidence : [];
  return {
    tokens: count(tokens) ?? null,
    evidence: list.flatMap((e): LimitEvidence[] => {
      const fields = object(e);
      const source = evidenceSources.find(s => s === fields['source']);
      const of = count(fields['tokens']);
      if (source === undefined || of === undefined) return [];
      return [{ source, tokens: of, at: text(fields['at']), detail: text(fields['detail']) }];
    }),
  };
}

function readPack(value: unknown): PackRecipe | undefined {
  if (value === undefined) return undefined;
  const fields = object(value);
  const settings = object(fields['settings']);
  const forms = Object.entries(object(fields['forms'])).flatMap(([form, n]) =>
    count(n) === undefined ? [] : [[form, count(n)]],
  );
  const folders: readonly unknown[] = Array.isArray(fields['folders']) ? fields['folders'] : [];
  const { tokens, bytes } = { tokens: count(fields['tokens']), bytes: count(fields['bytes']) };
  const maxFileBytes = amount(settings['maxFileBytes']);
  const answerTokens = amount(settings['answerTokens']);
  const reserveShare = amount(settings['reserveShare']);
  if (tokens === undefined || bytes === undefined || maxFileBytes === undefined) return undefined;
  if (answerTokens === undefined || reserveShare === undefined) return undefined;
  return {
    sha256: text(fields['sha256']),
    tokens,
    bytes,
    forms: Object.fromEntries(forms) as PackRecipe['forms'],
    settings: { maxFileBytes, answerTokens, reserveShare },
    folders: folders.map(folder => {
      const { name, commit } = object(folder);
      return { name: text(name), ...(isText(commit) && { commit: text(commit) }) };
    }),
  };
}

function readTimings(value: unknown): HistoryEntry['timings'] {
  const { firstToken, total } = object(value);
  const whole = amount(total);
  return whole === undefined ? undefined : { firstToken: amount(firstToken) ?? null, total: whole };
}

function readFailure(value: unknown): HistoryEntry['failure'] {
  const { code, message, remedy } = object(value);
  if (!isText(message)) return undefined;
  // An older or newer version's codes are shown, not switched on.
  return {
    code: (isText(code) ? code : 'unknown') as 'unknown',
    message,
    remedy: isText(remedy) ? remedy : '',
  };
}
