import { splitLines } from '../../src/core/workspace/lines.ts';
import { findAnchors, verifyAnchor, type Anchor, type AnchorState } from '../../src/core/review/anchors.ts';

/** What a model may do to a true anchor. */
export const kinds = [
  'exact',
  'off-by-n',
  'wrong file',
  'paraphrased',
  'duplicated',
  'edited',
  'edited quote',
  'off-by-n, edited',
  'trivial',
  'no quote',
  'past the end',
  'no such file',
] as const;
export type Kind = (typeof kinds)[number];

export interface Trial {
  readonly kind: Kind;
  readonly markdown: string;
  readonly path: string;
  readonly text: string | undefined;
  readonly packedText?: string;
  readonly quote?: string;
  readonly cited: number;
  /** Right outcomes; a line where the anchor must begin. */
  readonly expected: { readonly states: readonly AnchorState[]; readonly line?: number };
}

export interface Outcome {
  readonly trial: Trial;
  readonly anchor: Anchor | undefined;
  readonly right: boolean;
  /** `verified` or `relocated` to lines where the quote does not stand. */
  readonly lie: boolean;
}

/** A small, seeded source of randomness (mulberry32), so that a figure can be repeated. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return below => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const squeeze = (text: string): string => text.replace(/\s+/g, '');

/** Shares no code with the verifier: 1-based lines at which the quoted lines stand, white space aside. */
export function standsAt(text: string, quote: string): number[] {
  const lines = text.split(/\r\n|\r|\n/).map(squeeze);
  const wanted = quote.split('\n').map(squeeze);
  const found: number[] = [];
  lines.forEach((_, i) => {
    const here = wanted.every((part, k) =>
      k === 0
        ? wanted.length === 1
          ? (lines[i] ?? '').includes(part)
          : (lines[i] ?? '').endsWith(part)
        : k === wanted.length - 1
          ? (lines[i + k] ?? '').startsWith(part)
          : lines[i + k] === part,
    );
    if (here) found.push(i + 1);
  });
  return found;
}

type Random = (below: number) => number;

/** Ways in which models write a citation and its quote. */
function written(
  path: string,
  start: number,
  end: number,
  quote: string | undefined,
  random: Random,
): string {
  const range = start === end ? `${start}` : `${start}-${end}`;
  const hash = start === end ? `#L${start}` : `#L${start}-L${end}`;
  const words = start === end ? `line ${start}` : `lines ${start}-${end}`;
  const mentions = [
    `\`${path}:${range}\``,
    `[${path}:${range}]`,
    `${path}:${range}`,
    `[${path}](${path.replaceAll(' ', '%20')}${hash})`,
    `\`${path}\` (${words})`,
    `**${path}**, ${words}`,
  ];
  const mention = mentions[random(mentions.length)] ?? '';
  if (quote === undefined) return `- This is handled in ${mention}.\n`;
  if (quote.includes('\n')) {
    const fence = quote.includes('```') ? '~~~~' : '```';
    return `See ${mention}:\n\n${fence}ts\n${quote}\n${fence}\n`;
  }
  const longest = Math.max(0, ...(quote.match(/`+/g) ?? []).map(run => run.length));
  const ticks = '`'.repeat(longest + 1);
  const pad = quote.startsWith('`') || quote.endsWith('`') ? ' ' : '';
  const coded = `${ticks}${pad}${quote}${pad}${ticks}`;
  const quoted = quote.includes('"') ? coded : `"${quote}"`;
  const forms = [
    `- ${mention} ${quoted}`,
    `- ${mention} ${coded}`,
    `- ${mention}: ${coded} does it.`,
    `It says ${coded} in ${mention}.`,
    `1. The work is done here (${mention} ${quoted}).`,
    `| ${mention} | ${coded} |`,
  ];
  return `${forms[random(forms.length)]}\n`;
}

export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** About `perFile` true anchors of every file, each perturbed in every way. */
export function buildTrials(files: readonly SourceText[], perFile: number, seed: number): Trial[] {
  const random = randomOf(seed);
  const trials: Trial[] = [];
  const usable = files.filter(file => file.text.split('\n').length >= 20 && file.text.length < 400_000);
  for (const file of usable) {
    const lines = file.text.split(/\r\n|\r|\n/);
    for (let i = 0; i < perFile; i++) {
      const taken = takeQuote(lines, random);
      if (taken === undefined) continue;
      const other = usable[random(usable.length)] ?? file;
      trials.push(...perturb(file, lines, taken, other, random));
    }
  }
  return trials;
}

interface Taken {
  readonly start: number;
  readonly end: number;
  readonly quote: string;
}

/** A line worth quoting, or two to four. */
function takeQuote(lines: readonly string[], random: Random): Taken | undefined {
  for (let attempt = 0; attempt < 20; attempt++) {
    const start = 1 + random(lines.length);
    const first = (lines[start - 1] ?? '').trim();
    if (first.length < 14 || (first.match(/[\p{L}\p{N}]{4,}/gu) ?? []).length < 2) continue;
    if (random(4) > 0) return { start, end: start, quote: first.slice(0, 80).trim() };
    const end = Math.min(lines.length, start + 1 + random(3));
    if ((lines[end - 1] ?? '').trim() === '') continue;
    const quote = lines.slice(start - 1, end).join('\n');
    if (quote.length < 1200) return { start, end, quote };
  }
  return undefined;
}

function perturb(
  file: SourceText,
  lines: readonly string[],
  taken: Taken,
  other: SourceText,
  random: Random,
): Trial[] {
  const { path, text } = file;
  const { start, end, quote } = taken;
  const size = end - start;
  const trial = (
    kind: Kind,
    rest: Partial<Trial> & Pick<Trial, 'expected'>,
    at = start,
    cite: string | null = quote,
  ): Trial => ({
    kind,
    path,
    text,
    cited: at,
    markdown: written(rest.path ?? path, at, at + size, cite ?? undefined, random),
    ...(cite === null ? {} : { quote: cite }),
    ...rest,
  });
  const trials = [trial('exact', { expected: { states: ['verified'], line: start } })];

  const off = (1 + random(30)) * (random(2) === 0 ? 1 : -1);
  const wrong = Math.max(1, start + off);
  if (wrong !== start)
    trials.push(trial('off-by-n', { expected: expectAt(text, quote, wrong, size) }, wrong));

  if (other.path !== path && standsAt(other.text, quote).length === 0) {
    const inRange = end <= splitLines(other.text).lines.length;
    const states: AnchorState[] = inRange ? ['unquoted'] : ['out-of-range'];
    trials.push(trial('wrong file', { path: other.path, text: other.text, expected: { states } }));
  }

  const reworded = paraphrase(quote, random);
  if (reworded !== undefined && standsAt(text, reworded).length === 0)
    trials.push(trial('paraphrased', { expected: { states: ['unquoted'] } }, start, reworded));

  const doubled = [...lines, '', ...lines.slice(start - 1, end)].join('\n');
  const missed = Math.min(lines.length, start + size + 1 + random(5));
  trials.push(
    trial('duplicated', { text: doubled, expected: expectAt(doubled, quote, missed, size) }, missed),
  );

  trials.push(...edits(text, lines, taken, random).map(edit => trial(edit.kind, edit, edit.cited)));

  const braces = lines.findIndex(line => /^\s*(?:\}|return;?|\);|else:?|end)\s*$/.test(line)) + 1;
  if (braces > 0) {
    const brace = (lines[braces - 1] ?? '').trim();
    const markdown = written(path, braces, braces, brace, random);
    trials.push(
      trial('trivial', {
        markdown,
        cited: braces,
        quote: brace,
        expected: { states: ['unquoted'], line: braces },
      }),
    );
  }
  trials.push(trial('no quote', { expected: { states: ['unquoted'], line: start } }, start, null));
  trials.push(
    trial('past the end', { expected: { states: ['out-of-range'] } }, lines.length + 2 + random(40), null),
  );
  trials.push(
    trial('no such file', { path: `gone/${path}`, text: undefined, expected: { states: ['missing'] } }),
  );
  return trials;
}

function expectAt(text: string, quote: string, cited: number, size: number): Trial['expected'] {
  const places = standsAt(text, quote);
  const quoteSize = quote.split('\n').length - 1;
  if (places.some(place => place >= cited && place + quoteSize <= cited + size))
    return { states: ['verified'], line: cited };
  const [only] = places;
  if (places.length === 1 && only !== undefined) return { states: ['relocated'], line: only };
  return { states: ['ambiguous'] };
}

function paraphrase(quote: string, random: Random): string | undefined {
  const words = [...quote.matchAll(/[A-Za-z]{4,}/g)];
  const word = words[random(words.length)];
  if (word === undefined) return undefined;
  const from = word.index;
  return `${quote.slice(0, from)}${word[0].slice(0, 2)}other${quote.slice(from + word[0].length)}`;
}

type Edit = Pick<Trial, 'kind' | 'text' | 'packedText' | 'expected' | 'cited'>;

/** Inserts, deletes and rewrites lines away from the quote; and once the quoted line itself. */
function edits(text: string, lines: readonly string[], { start, end, quote }: Taken, random: Random): Edit[] {
  const size = end - start;
  const today: string[] = [];
  let now = 0;
  lines.forEach((line, i) => {
    const quoted = i >= start - 1 && i < end;
    if (i === start - 1) {
      if (random(2) === 0) for (let k = random(6); k > 0; k--) today.push(`// inserted ${k} ${random(1000)}`);
      now = today.length + 1;
    }
    if (!quoted && random(40) === 0) return;
    if (!quoted && random(40) === 0) today.push(`${line} /* edited */`);
    else today.push(line);
    if (!quoted && random(60) === 0) today.push(`inserted(${random(1000)});`);
  });
  const edited = today.join('\n');
  const still = standsAt(edited, quote);
  // Moving code decides where a doubled quote is: its own line, wherever that went.
  const states: AnchorState[] = now === start ? ['verified'] : ['relocated'];
  const found: Edit[] = [
    { kind: 'edited', text: edited, packedText: text, cited: start, expected: { states, line: now } },
  ];
  const wrong = Math.max(1, start + 1 + random(20));
  if (standsAt(text, quote).length === 1 && still.length === 1 && wrong > end)
    found.push({
      kind: 'off-by-n, edited',
      text: edited,
      packedText: text,
      cited: wrong,
      expected: { states: ['relocated'], line: now },
    });
  const rewritten = [
    ...lines.slice(0, start - 1),
    ...Array.from({ length: size + 1 }, (_, k) => `rewritten(${k});`),
    ...lines.slice(end),
  ];
  const changed = rewritten.join('\n');
  if (standsAt(changed, quote).length === 0)
    found.push({
      kind: 'edited quote',
      text: changed,
      packedText: text,
      cited: start,
      expected: { states: ['stale'] },
    });
  return found;
}

/** Reads a trial's Markdown as an answer and verifies what it cites. */
export function runTrial(trial: Trial, paths: readonly string[]): Outcome {
  const mentions = findAnchors(trial.markdown, paths);
  const mention = mentions.find(m => m.path === trial.path) ?? mentions[0];
  if (mention === undefined) return { trial, anchor: undefined, right: false, lie: false };
  const anchor = verifyAnchor(mention, {
    text: mention.path === trial.path ? trial.text : undefined,
    ...(trial.packedText === undefined ? {} : { packedText: trial.packedText }),
  });
  const { states, line } = trial.expected;
  const right =
    states.includes(anchor.state) &&
    (line === undefined || line === anchor.startLine) &&
    mentions.length === 1;
  return { trial, anchor, right, lie: isLie(anchor, trial) };
}

/** Comment leaders aside, as the verifier tolerates: a quote may join wrapped comment lines. */
function unled(text: string): string {
  return squeeze(text.replace(/^[ \t]*(?:\*(?!\w)|\/\/|#(?=\s))/gm, ''));
}

function isLie(anchor: Anchor, trial: Trial): boolean {
  if (anchor.state !== 'verified' && anchor.state !== 'relocated') return false;
  const shown = (trial.text ?? '').split(/\r\n|\r|\n/).slice(anchor.startLine - 1);
  const size = Math.max(anchor.endLine - anchor.startLine + 1, (trial.quote ?? '').split('\n').length);
  return trial.quote === undefined || !unled(shown.slice(0, size).join('\n')).includes(unled(trial.quote));
}

export interface StateFigures {
  readonly state: AnchorState;
  readonly given: number;
  readonly expected: number;
  readonly right: number;
}

export function figuresByState(outcomes: readonly Outcome[]): StateFigures[] {
  const states: AnchorState[] = [
    'verified',
    'relocated',
    'unquoted',
    'ambiguous',
    'stale',
    'out-of-range',
    'missing',
  ];
  return states.map(state => ({
    state,
    given: outcomes.filter(o => o.anchor?.state === state).length,
    expected: outcomes.filter(o => o.trial.expected.states.includes(state)).length,
    right: outcomes.filter(o => o.right && o.anchor?.state === state).length,
  }));
}
