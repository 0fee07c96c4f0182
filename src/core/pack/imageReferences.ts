/** Where a Markdown file says that an image stands, as it is written there. */
export interface ImageReferences {
  /** Without what has a scheme or a host; each once, in the order of the file. */
  readonly local: readonly string[];
  /** How many lie elsewhere: `https:`, `data:`, `//host/…`. They are never fetched. */
  readonly remote: number;
  /** How many more there are than are looked at. */
  readonly more: number;
  /** True where only the beginning of the text was searched. */
  readonly cut: boolean;
}

/** A file that refers to more images than this is generated. */
const mostReferences = 500;
/** UTF-16 units of a label or a destination; longer ones are none (CommonMark allows labels of 999). */
const mostLabel = 999;
const mostDestination = 2000;
const mostOpen = 1000;
/** Of a text; what follows is not searched. UTF-16 units. */
const mostText = 2_000_000;
/** As CommonMark's reference implementation has it: it keeps the search linear. */
const mostParentheses = 32;

/**
 * The images of a Markdown text: `![alt](place "title")`, `![alt][label]` and `![label]` with a definition, and HTML's
 * `<img src>`. What stands in code or in a comment is none. Time is linear in the text, whatever it holds.
 */
export function imageReferences(text: string): ImageReferences {
  const visible = withoutCode(text.slice(0, mostText));
  const definitions = readDefinitions(visible);
  const found = new Set<string>();
  const remote = new Set<string>();
  let more = 0;
  const add = (place: string) => {
    if (place === '') return;
    if (isRemote(place)) remote.add(place);
    else if (found.size < mostReferences || found.has(place)) found.add(place);
    else more++;
  };
  for (const place of inlineImages(visible, definitions)) add(place);
  for (const place of htmlImages(visible)) add(place);
  return { local: [...found], remote: remote.size, more, cut: text.length > mostText };
}

function isRemote(place: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:|\/\/|\\\\)/i.test(place);
}

function* inlineImages(text: string, definitions: ReadonlyMap<string, string>): Generator<string> {
  /** Open brackets: where the text inside them begins, and whether they are an image's. */
  const open: { readonly from: number; readonly image: boolean }[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '[') {
      open.push({ from: at + 1, image: at > 0 && isImageMark(text, at - 1) });
      // Nobody nests like this: what was open first is forgotten.
      if (open.length > mostOpen) open.splice(0, mostOpen / 2);
    } else if (character === ']') {
      const bracket = open.pop();
      if (bracket?.image !== true) continue;
      const place = placeAfter(text, at + 1, bracket.from, definitions);
      if (place !== undefined) yield place;
    }
  }
}

/** `!`, unless it is escaped itself. */
function isImageMark(text: string, at: number): boolean {
  return text[at] === '!' && (text[at - 1] !== '\\' || text[at - 2] === '\\');
}

function placeAfter(
  text: string,
  at: number,
  altFrom: number,
  definitions: ReadonlyMap<string, string>,
): string | undefined {
  if (text[at] === '(') return readDestination(text, at + 1);
  let label: string | undefined;
  if (text[at] === '[') label = readLabel(text, at + 1);
  if (label === undefined || label === '')
    label = at - 1 - altFrom > mostLabel ? undefined : text.slice(altFrom, at - 1);
  return label === undefined ? undefined : definitions.get(labelKey(label));
}

/** A label holds no bracket that is not escaped. */
function readLabel(text: string, from: number): string | undefined {
  for (let at = from; at < text.length && at - from <= mostLabel; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === ']') return text.slice(from, at);
    else if (text[at] === '[') return undefined;
  }
  return undefined;
}

/** After the parenthesis: `<any place>`, or a place without white space, its parentheses in pairs. */
function readDestination(text: string, from: number): string | undefined {
  let at = from;
  while (at - from < 100 && /[ \t\r\n]/.test(text[at] ?? '')) at++;
  if (text[at] === '<') {
    for (let end = at + 1; end < text.length && end - at <= mostDestination; end++) {
      if (text[end] === '\\') end++;
      else if (text[end] === '>') return plain(text.slice(at + 1, end));
      else if (text[end] === '<' || text[end] === '\n') return undefined;
    }
    return undefined;
  }
  let depth = 0;
  for (let end = at; end < text.length && end - at <= mostDestination; end++) {
    const character = text[end] ?? '';
    if (character === '\\') end++;
    else if (character === '(' && ++depth > mostParentheses) return undefined;
    else if ((character === ')' && depth-- === 0) || character <= ' ') return plain(text.slice(at, end));
  }
  return undefined;
}

function readDefinitions(text: string): ReadonlyMap<string, string> {
  const definitions = new Map<string, string>();
  const line =
    /^ {0,3}\[((?:[^[\]\\]|\\.){1,999})\]:[ \t]{0,100}\n?[ \t]{0,100}(?:<([^<>\n]{0,2000})>|(\S{1,2000}))/gm;
  for (const [, label = '', pointed, bare] of text.matchAll(line)) {
    const key = labelKey(label);
    // The first of several counts.
    if (!definitions.has(key)) definitions.set(key, plain(pointed ?? bare ?? ''));
  }
  return definitions;
}

function labelKey(label: string): string {
  return label.trim().replace(/\s+/g, ' ').toLowerCase();
}

function* htmlImages(text: string): Generator<string> {
  const tag = /<img(?=[\s/])/gi;
  while (tag.exec(text) !== null) {
    const source = sourceOf(text, tag.lastIndex);
    if (source !== undefined) yield source.replace(/&amp;/g, '&').trim();
  }
}

/** The value of `src`, of a tag whose name ends at `from`. */
function sourceOf(text: string, from: number): string | undefined {
  const attribute =
    /[\s/]{0,100}([^\s"'<>/=]{1,100})(?:\s{0,100}=\s{0,100}(?:"([^"]{0,2000})"|'([^']{0,2000})'|([^\s"'<>`]{1,2000})))?/y;
  attribute.lastIndex = from;
  for (let n = 0; n < 50; n++) {
    const match = attribute.exec(text);
    if (match === null) return undefined;
    if (match[1]?.toLowerCase() === 'src') return match[2] ?? match[3] ?? match[4];
  }
  return undefined;
}

/** Without backslashes before punctuation, and with what `&amp;` stands for. */
function plain(place: string): string {
  return place.replace(/\\([!-/:-@[-`{-~])/g, '$1').replace(/&amp;/g, '&');
}

/** Fenced blocks, comments and code spans made blank. */
function withoutCode(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  let fence: string | undefined;
  lines.forEach((line, i) => {
    const [, mark = '', rest = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (fence === undefined) {
      if (mark === '' || (mark.startsWith('`') && rest.includes('`'))) return;
      fence = mark;
    } else if (mark.startsWith(fence) && rest.trim() === '') fence = undefined;
    lines[i] = '';
  });
  return withoutSpans(withoutComments(lines.join('\n')));
}

function withoutComments(text: string): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf('<!--', at);
    const end = start < 0 ? -1 : text.indexOf('-->', start + 4);
    if (end < 0) break;
    parts.push(text.slice(at, start));
    at = end + 3;
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(at);
}

function withoutSpans(text: string): string {
  if (!text.includes('`')) return text;
  return text
    .split(/(\n[ \t]*\n)/)
    .map(withoutSpansOf)
    .join('');
}

/** Of a paragraph. A span ends at the next run of as many backticks. */
function withoutSpansOf(paragraph: string): string {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let at = paragraph.indexOf('`'); at >= 0; at = paragraph.indexOf('`', at)) {
    starts.push(at);
    while (paragraph[at] === '`') at++;
    ends.push(at);
  }
  const lengthOf = (run: number) => (ends[run] ?? 0) - (starts[run] ?? 0);
  const next: (number | undefined)[] = [];
  const last = new Map<number, number>();
  for (let run = starts.length - 1; run >= 0; run--) {
    next[run] = last.get(lengthOf(run));
    last.set(lengthOf(run), run);
  }
  const kept: string[] = [];
  let at = 0;
  for (let run = 0; run < starts.length; run++) {
    const close = next[run];
    if (close === undefined) continue;
    kept.push(paragraph.slice(at, starts[run]));
    at = ends[close] ?? paragraph.length;
    run = close;
  }
  kept.push(paragraph.slice(at));
  return kept.join('');
}
