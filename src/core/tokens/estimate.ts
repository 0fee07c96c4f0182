import {
  crlfFactors,
  languageFactors,
  otherCrlfFactor,
  overallFactor,
  scriptFactors,
} from './estimateFactors.ts';

/** What of a text moves the ratio of the two vocabularies, besides its language. */
export interface TextTraits {
  /** True where lines end with CRLF in what is counted and sent. */
  readonly crlf?: boolean;
  /** Letters per script, as {@link lettersByScript} finds them. */
  readonly letters?: Readonly<Record<string, number>>;
}

export interface TokenEstimate {
  /** Estimated tokens. Not rounded, so that sums stay true; round what is shown. */
  readonly tokens: number;
  /** The true count is expected within this fraction of the estimate, either way: shown as ±. */
  readonly errorBound: number;
}

/**
 * How far a single text's estimate was off, by its o200k tokens: the wider of the 1st and 99th percentile of 94,481
 * files under leave-one-repository-out factors.
 */
const fileBounds: readonly (readonly [belowTokens: number, bound: number])[] = [
  [1_000, 0.072],
  [5_000, 0.068],
  [20_000, 0.05],
  [Infinity, 0.035],
];

/** Whole repositories of 50,000 tokens and more: the worst of 86 were -2.06 % and +1.76 %, the 95th percentile 1.22 %. */
export const repositoryBound = 0.025;
const REPOSITORY_TOKENS = 50_000;

/** CRLF moved repositories by 3.7 % to 10.3 %, which one factor cannot follow. */
const CRLF_BOUND = 0.04;

/**
 * Estimates Llama 4 tokens from an exact o200k count: the language's ratio, and for the part written in other
 * scripts theirs. `language` is a VS Code language id; an unknown one gets the ratio of everything measured.
 */
export function estimateLlama4(
  o200kTokens: number,
  language: string,
  traits: TextTraits = {},
): TokenEstimate {
  if (o200kTokens === 0) return { tokens: 0, errorBound: 0 };
  const shares = traits.letters === undefined ? none : scriptShares(o200kTokens, traits.letters);
  let rest = 1;
  let ratio = 0;
  let scriptError = 0;
  for (const { share, factor, errorBound } of shares) {
    rest -= share;
    ratio += share * factor;
    scriptError += share * errorBound;
  }
  const crlf = traits.crlf ? (crlfFactors[language] ?? otherCrlfFactor) : 1;
  ratio += rest * (languageFactors[language] ?? overallFactor) * crlf;
  const errorBound = fileBound(o200kTokens) + scriptError + (traits.crlf ? rest * CRLF_BOUND : 0);
  return { tokens: o200kTokens * ratio, errorBound };
}

/**
 * Adds estimates up. Errors of single files cancel out, so from 50,000 tokens on the bound is that of whole
 * repositories, plus what scripts and CRLF add to the parts, which does not cancel.
 */
export function sumEstimates(parts: readonly TokenEstimate[]): TokenEstimate {
  const sum = createEstimateSum();
  for (const part of parts) sum.add(part);
  return sum.total();
}

/** {@link sumEstimates} of estimates that nobody keeps. */
export function createEstimateSum(): { add(part: TokenEstimate): void; total(): TokenEstimate } {
  let tokens = 0;
  let error = 0;
  let systematic = 0;
  return {
    add(part) {
      tokens += part.tokens;
      error += part.tokens * part.errorBound;
      systematic += part.tokens * Math.max(0, part.errorBound - fileBound(part.tokens));
    },
    total() {
      if (tokens === 0) return { tokens: 0, errorBound: 0 };
      if (tokens < REPOSITORY_TOKENS) return { tokens, errorBound: error / tokens };
      return { tokens, errorBound: Math.min(error, systematic + repositoryBound * tokens) / tokens };
    },
  };
}

const patterns = scriptFactors.map(({ script }) => new RegExp(`\\p{Script=${script}}`, 'u'));
/** By code point: 0 where nobody looked yet, 1 for scripts without a ratio of their own, else 2 + index. */
let scriptOf: Uint8Array | undefined;

/** Letters and marks per script that has a ratio of its own; empty for ASCII text, at no cost to speak of. */
export function lettersByScript(text: string): Readonly<Record<string, number>> {
  const start = text.search(/[^\0-\x7f]/);
  if (start < 0) return {};
  scriptOf ??= new Uint8Array(0x11_0000);
  const found = new Array<number>(patterns.length).fill(0);
  for (let i = start; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    const point = text.codePointAt(i) ?? unit;
    if (point > 0xffff) i++;
    const script = (scriptOf[point] ||= 2 + patterns.findIndex(p => p.test(String.fromCodePoint(point))));
    if (script > 1) found[script - 2] = (found[script - 2] ?? 0) + 1;
  }
  return Object.fromEntries(
    scriptFactors.flatMap(({ script }, i) => ((found[i] ?? 0) > 0 ? [[script, found[i] ?? 0]] : [])),
  );
}

interface ScriptShare {
  readonly share: number;
  readonly factor: number;
  readonly errorBound: number;
}

/** Of most files. */
const none: readonly ScriptShare[] = [];

function scriptShares(tokens: number, letters: Readonly<Record<string, number>>): readonly ScriptShare[] {
  const weights = scriptFactors
    .filter(({ script }) => (letters[script] ?? 0) > 0)
    .map(entry => ({ ...entry, weight: (letters[entry.script] ?? 0) * entry.tokensPerLetter }));
  const whole = Math.max(
    tokens,
    weights.reduce((sum, { weight }) => sum + weight, 0),
  );
  return weights.map(({ weight, factor, errorBound }) => ({ share: weight / whole, factor, errorBound }));
}

function fileBound(o200kTokens: number): number {
  return fileBounds.find(([below]) => o200kTokens < below)?.[1] ?? 0;
}
