const word = /[\p{L}\p{N}_$]+/gu;
const part = /\p{Lu}+(?![\p{Ll}])|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{N}+/gu;

/**
 * The search terms of a text, repeats included: of every word its stem, and of an identifier both the whole
 * (lower-cased) and the stems of its camelCase and snake_case parts.
 */
export function termsOf(text: string, known: Map<string, readonly string[]> = new Map()): string[] {
  const found: string[] = [];
  for (const [spelt] of text.matchAll(word)) {
    let terms = known.get(spelt);
    if (terms === undefined) known.set(spelt, (terms = wordTerms(spelt)));
    for (const term of terms) found.push(term);
  }
  return found;
}

function wordTerms(spelt: string): readonly string[] {
  const parts = spelt.match(part) ?? [];
  const stems = parts.map(p => stem(p.toLowerCase())).filter(p => p.length > 1);
  if (parts.length < 2) return stems;
  return [spelt.toLowerCase(), ...stems];
}

/** Suffixes, longest first, and how many letters must stay before each. */
const endings: readonly (readonly [letters: number, suffixes: string])[] = [
  [4, 'izations ization izers izing ized izes izer ize'],
  [5, 'isations isation isers ising ised ises iser ise'],
  [4, 'ations ation ating ators ated ates ator ate ions ion'],
  [3, 'ing'],
  [4, 'ers ors'],
  [3, 'ies ied ed'],
  [4, 'er or'],
  [3, 'es y s e'],
];
const cuts = endings.flatMap(([letters, suffixes]) =>
  suffixes.split(' ').map(suffix => ({ letters, suffix })),
);

/**
 * A light English stemmer that only cuts, so that every stem begins its word: that is what lets candidates be
 * found by plain substring search. `cache`, `cached`, `caching` -> `cach`; `tokeniser`, `tokenization` -> `token`.
 */
export function stem(lower: string): string {
  if (lower.endsWith('ss')) return lower;
  for (const { letters, suffix } of cuts) {
    const left = lower.length - suffix.length;
    if (left >= letters && lower.endsWith(suffix) && /[aeiouy]/.test(lower.slice(0, left)))
      return undouble(lower.slice(0, left), suffix);
  }
  return lower;
}

/** `mapped` and `mapping` lose one `p` more, as `map` has only one. */
function undouble(cut: string, suffix: string): string {
  const doubled = cut.length > 3 && cut.at(-2) === cut.at(-1) && /[bdgmnprt]$/.test(cut);
  return doubled && /^(ed|ing|ers?)$/.test(suffix) ? cut.slice(0, -1) : cut;
}

const stopWords = new Set(
  (
    'a an and any are as at be been but by can could did do does doing done for from get gets had has have hello help hey hi how ' +
    'i if in into is it its just me my no not of on or our please show so some tell thank thanks that the their ' +
    'them then there these they this those to was we were what when where which who whom whose why will with ' +
    'would you your about above all also explain describe find give know let like look need see should use used ' +
    'uses using want way work works happen happens am here make makes main file files function functions code ' +
    'class classes method methods place called defined implemented handle handled handles'
  ).split(/\s+/),
);

/** Words for the whole: a question made of nothing else is answered from the readme. */
const wholeWords = new Set(
  'project projects repository repositories repo codebase workspace app application program package library overview summary purpose architecture extension tool'.split(
    ' ',
  ),
);

export interface Query {
  /** The words that gave the terms, as the user wrote them. */
  readonly words: readonly string[];
  /** Each distinct term with its weight, heaviest first. 1 = in the last question, less in earlier ones. */
  readonly terms: ReadonlyMap<string, number>;
  /** Lower-cased words with a dot or slash in the last question, e.g. `frame.ts`: files named outright. */
  readonly named: readonly string[];
}

/** How much a question weighs against the one after it in the conversation. */
const fade = 0.15;
const earlierQuestions = 2;
const maxTerms = 24;
/** Characters of a question that are read: somebody may paste a log. */
const readChars = 20_000;

/** What to search for. Empty `terms`: the question holds no word worth searching. */
export function readQuery(questions: readonly string[]): Query {
  const weights = new Map<string, number>();
  const words = new Set<string>();
  const last = questions.at(-1) ?? '';
  const recent = questions.slice(-1 - earlierQuestions).reverse();
  for (const [age, question] of recent.entries()) {
    if (age > 0 && weights.size === 0) break; // a greeting does not ask the previous question again
    for (const spelt of tellingWords(question))
      for (const term of termsOf(spelt)) {
        if (term.length < 2 || weights.has(term) || weights.size === maxTerms) continue;
        weights.set(term, fade ** age);
        words.add(spelt);
      }
  }
  return { words: [...words], terms: weights, named: namedFiles(last) };
}

function namedFiles(question: string): string[] {
  return question
    .slice(0, readChars)
    .toLowerCase()
    .split(/[\s`'"()<>,;?!]+/)
    .map(name => (/[.:]$/.test(name) ? name.slice(0, -1) : name))
    .filter(name => name.length >= 4 && name.length <= 400 && /[./]/.test(name));
}

function tellingWords(question: string): string[] {
  const words = [...question.slice(0, readChars).matchAll(word)].map(([spelt]) => spelt);
  const telling = words.filter(spelt => !stopWords.has(spelt.toLowerCase()));
  const onlyTheWhole = telling.every(spelt => wholeWords.has(spelt.toLowerCase()));
  return telling.length > 0 && onlyTheWhole ? [...telling, 'readme'] : telling;
}
