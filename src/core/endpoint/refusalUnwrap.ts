import { readLoose, readLooseString } from './refusalLoose.ts';

/** What an error body says once its wrappings are off. */
export interface Unwrapped {
  /** Sentences, the most telling first. */
  readonly texts: readonly string[];
  /** Identifiers (`code`, `type`, exception names), outermost first. */
  readonly codes: readonly string[];
  /** Numbers that stand in named fields (`n_ctx`), first mention wins. */
  readonly fields: ReadonlyMap<string, number>;
  /** Headers a gateway copied into the body, lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
}

interface Collector {
  readonly texts: { readonly text: string; readonly rank: number }[];
  readonly codes: string[];
  readonly fields: Map<string, number>;
  readonly headers: Map<string, string>;
  readonly seen: Set<unknown>;
  /** Values still to be looked at, and characters still to be read in search of nested literals. */
  nodes: number;
  readonly budget: { left: number };
}

/** Ranks of a sentence: named as the message, found around a nested literal, under an unknown key, of an earlier try. */
const rank = { message: 0, around: 1, unknown: 2, earlier: 3 } as const;

const maxDepth = 40;
/** A sentence longer than this is read at its two ends only. */
const maxText = 12_000;

/** Keys under which a server repeats what it was sent, or answers with: packed repositories hold every refusal there is. */
const echoKey =
  /^(?:(?:original|raw|client|user|flagged|received|sent|system|developer)[_-]?)*(?:request(?:[_-]?(?:body|data|json|payload|params))?|payload|prompts?|messages|inputs?|input[_-]?(?:value|text)|contents?|contexts?|parts|query|question|history|conversation|documents?|files?|tools?|tool[_-]?calls|functions?|arguments|args|instructions?|system|echo|received|delta|text|output(?:[_-]?text)?|candidates|generated[_-]?text|token|completion|answer|reasoning(?:[_-]content)?|thinking|choices|user|model|param|loc|url|stack|usage|links|config|id|request[_-]?id|object)$/i;
const messageKey =
  /^(?:message|msg|errors?|err|details?|description|error[_-]?(?:description|message|detail|msg)|raw|reason|title|status[_-]?(?:msg|message|text)|exception|cause|body|response(?:[_-]?body)?|data|metadata|fault(?:string)?|info|warning|base[_-]?resp|last[_-]?error|result)$/i;
const codeKey =
  /^(?:code|type|__type|status|reason|name|kind|error[_-]?(?:type|code|name|status)|provider[_-]error[_-]code|quotaid|error|finish[_-]?reason|native[_-]finish[_-]reason|stop[_-]?reason|stopreason)$/i;
const earlierKey = /^(?:previous[_-]?errors|fallbacks?|attempts|failed[_-]?generation|errors?[_-]history)$/i;
/** `{` that opens a literal: a quoted key, or a bare one with its colon. */
const opensObject = /^\{(?:\s|\\n)*(?:\\*["'`]|[A-Za-z_$][\w$-]{0,40}['"]?\s{0,4}:)/;
const opensList = /^\[\s{0,8}(?:\{|\[\s{0,8}\{)/;
/** A literal whose first key stands in escaped quotes: the inside of a string that lost its own quotes. */
const opensEscaped = /^(?:\[\s{0,8}){0,2}\{(?:\s|\\+n){0,40}\\+["'`]/;

function addText(to: Collector, raw: string, at: number): void {
  const text = raw.length > maxText + 2000 ? `${raw.slice(0, maxText)} … ${raw.slice(-2000)}` : raw;
  if (/[\p{L}\p{N}]/u.test(text) && to.texts.length < 64) to.texts.push({ text, rank: at });
}

function tryJson(text: string): { readonly value: unknown } | undefined {
  const first = text[0];
  if (first !== '{' && first !== '[' && first !== '"') return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** `data: {…}` lines, `event:` names and comments: only what they carry is left. */
function withoutSse(text: string): string {
  if (!/^(?:data|event|error|id|retry):/m.test(text)) return text;
  return text
    .replace(/^(?:event|id|retry):[^\n]*$|^:[^\n]*$|^(?:data|error): ?/gm, '')
    .replace(/^\[DONE\]\s*$/gm, '');
}

const stringLiteral = /"(?:[^"\\]|\\.){1,20000}"/suy;

/** A JSON string inside a sentence, if escapes in it show that it is one; plain quotation marks are left alone. */
function escapedString(
  text: string,
  at: number,
): { readonly value: unknown; readonly end: number } | undefined {
  stringLiteral.lastIndex = at;
  const found = stringLiteral.exec(text)?.[0];
  if (found === undefined || !/\\["nrtu\\]/.test(found)) return undefined;
  const parsed = tryJson(found);
  return parsed === undefined ? undefined : { value: parsed.value, end: at + found.length };
}

const plainEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Undoes one level of escaping, as JSON would: what is escaped deeper stays nested, so quotes still pair. */
function unescapeOnce(text: string): string {
  return text.replace(/\\([\\"'`/nrt])/g, (_, c: string) => plainEscapes[c] ?? c);
}

/**
 * Takes every nested literal out of a sentence, visits it, and returns the sentence without them. Strings are
 * looked for before the objects in them, so that each level of escaping is undone by the string it belongs to.
 */
function liftLiterals(to: Collector, sentence: string, depth: number, at: number): string {
  const marks = /[{[]|\bb['"]|(?<![\w\\])"/g;
  let text = sentence;
  let kept = '';
  let from = 0;
  for (let m = marks.exec(text); m !== null && to.budget.left > 0; m = marks.exec(text)) {
    const head = text.slice(m.index, m.index + 80);
    const bytes = m[0].startsWith('b') && /^b['"][\s\\n]{0,12}[{[<"]/.test(head);
    const quoted = m[0] === '"' ? escapedString(text, m.index) : undefined;
    if (m[0] === '"' && quoted === undefined) continue;
    if (!bytes && quoted === undefined && !opensObject.test(head) && !opensList.test(head)) continue;
    if (!bytes && quoted === undefined && opensEscaped.test(head)) {
      // Every run of backslashes ahead is halved, so this comes back at most log(longest run) times.
      to.budget.left -= text.length - m.index;
      text = text.slice(0, m.index) + unescapeOnce(text.slice(m.index));
      marks.lastIndex = m.index;
      continue;
    }
    const { value, end } =
      quoted ??
      (bytes
        ? readLooseString(text, m.index + 1, to.budget, (s, i) => !/[\p{L}\p{N}]/u.test(s[i + 1] ?? ''))
        : readLoose(text, m.index, to.budget));
    kept += `${text.slice(from, m.index)} `;
    from = end;
    marks.lastIndex = Math.max(end, m.index + 1);
    visit(to, value, depth + 1, at);
  }
  return kept + text.slice(from);
}

const echoLabel =
  /\binput_value=|(?<!["'`\w])(?:value|input|content|prompt|got|received|near|request body|payload)(?: is| was)?(?:\s?[:=]\s?|\s)(?=["'`])/g;
/** A quotation shorter than this names a parameter; it is no echoed prompt. */
const minEcho = 30;

/** Blanks quoted stretches that a validator repeats from the request: `input_value='…'`, `got "…"`. */
function withoutEchoes(text: string): string {
  let kept = '';
  let from = 0;
  echoLabel.lastIndex = 0;
  const budget = { left: text.length * 2 };
  let known = text.indexOf(', input_type=');
  for (let m = echoLabel.exec(text); m !== null; m = echoLabel.exec(text)) {
    const start = m.index + m[0].length;
    if (known !== -1 && known < start) known = text.indexOf(', input_type=', start);
    const end = m[0] === 'input_value=' && known > 0 ? known : readLoose(text, start, budget).end;
    if (end - start < minEcho) continue;
    kept += `${text.slice(from, start)} `;
    from = end;
    echoLabel.lastIndex = end;
  }
  return kept + text.slice(from);
}

function visitString(to: Collector, raw: string, depth: number, at: number): void {
  const text = raw.trim();
  if (text === '' || depth > maxDepth || to.budget.left <= 0) return;
  to.budget.left -= text.length;
  const whole = tryJson(text);
  if (whole !== undefined && !(typeof whole.value === 'string' && whole.value === text)) {
    visit(to, whole.value, depth + 1, at);
    return;
  }
  const plain = withoutSse(text);
  const around = liftLiterals(to, plain, depth, at);
  addText(to, withoutEchoes(around), around === plain ? at : Math.max(at, rank.around));
}

function visitHeaders(to: Collector, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    if (typeof item === 'string' || typeof item === 'number')
      to.headers.set(name.toLowerCase(), String(item));
  }
}

function visitField(to: Collector, key: string, item: unknown, depth: number, at: number): void {
  if (/headers$/i.test(key)) return visitHeaders(to, item);
  if (/^choices$/i.test(key)) return visitChoices(to, item, depth);
  const isWords = typeof item === 'string';
  if (isWords && codeKey.test(key) && /^[\w.#:/-]{2,80}$/.test(item)) {
    to.codes.push(item);
    if (!/^error$/i.test(key)) return;
  }
  const amount = isWords && /^\d{1,12}$/.test(item) ? Number(item) : item;
  if (typeof amount === 'number' && !to.fields.has(key.toLowerCase()))
    to.fields.set(key.toLowerCase(), amount);
  if (/^retry[_-]?(?:after|delay)/i.test(key) && isWords)
    to.headers.set('retry-after', item.replace(/s$/, ''));
  if (echoKey.test(key) && !(typeof item === 'object' && messageKey.test(key))) return;
  // Generated text travels under `response` in some native APIs; only a structure there is an error.
  if (isWords && /^response$/i.test(key) && !/^\s*[{["]/.test(item)) return;
  const rankHere = earlierKey.test(key)
    ? rank.earlier
    : !messageKey.test(key) && isWords
      ? rank.unknown
      : rank.message;
  visit(to, item, depth + 1, Math.max(at, rankHere));
}

/** Of an answer only its errors and its reason to stop are read, never its words. */
function visitChoices(to: Collector, value: unknown, depth: number): void {
  if (!Array.isArray(value)) return;
  for (const choice of value.slice(0, 8)) {
    if (typeof choice !== 'object' || choice === null) continue;
    for (const [key, item] of Object.entries(choice as object)) {
      if (/^error$|reason$/i.test(key)) visitField(to, key, item, depth + 1, rank.message);
    }
  }
}

function visit(to: Collector, value: unknown, depth: number, at: number): void {
  if (depth > maxDepth || to.nodes <= 0) return;
  to.nodes -= 1;
  if (typeof value === 'string') return visitString(to, value, depth, at);
  if (typeof value !== 'object' || value === null || to.seen.has(value)) return;
  to.seen.add(value);
  if (value instanceof Uint8Array) return visitString(to, new TextDecoder().decode(value), depth, at);
  if (Array.isArray(value)) {
    for (const item of value) visit(to, item, depth + 1, at);
    return;
  }
  if (value instanceof Error) {
    for (const key of ['message', 'cause'] as const) visitField(to, key, value[key], depth, at);
  }
  for (const key of Object.keys(value)) {
    let item: unknown;
    try {
      item = (value as Record<string, unknown>)[key];
    } catch {
      continue; // A getter of a client's error object that throws: the other fields still speak.
    }
    visitField(to, key, item, depth, at);
  }
}

/**
 * Takes an error body apart: nested and stringified JSON, arrays, Python reprs, server-sent events, headers in
 * the body. Echoed requests and generated text are left out. Work is bounded: linear in the size of the body.
 */
export function unwrapRefusal(body: unknown): Unwrapped {
  const size = typeof body === 'string' ? body.length : 4_000_000;
  const to: Collector = {
    texts: [],
    codes: [],
    fields: new Map(),
    headers: new Map(),
    seen: new Set(),
    nodes: 20_000,
    budget: { left: size * 8 + 10_000 },
  };
  visit(to, body, 0, rank.message);
  const texts = to.texts.toSorted((a, b) => a.rank - b.rank).map(t => t.text);
  return { texts: [...new Set(texts)], codes: to.codes, fields: to.fields, headers: to.headers };
}
