import type { LimitEvidence, Usage } from './types.ts';

/** A server threw part of a prompt away and answered the rest as if nothing had been there. */
export interface Truncation {
  /** Tokens of the prompt by our count. */
  readonly sent: number;
  /** Tokens the endpoint says it read. */
  readonly read: number;
}

/** Templates and the like: never taken for truncation. Tokens. */
const slack = 64;

/**
 * Whether the endpoint read far fewer tokens than were sent. `errorBound` is the counter's relative error; other
 * vocabularies differ more on single texts than over a repository, so less than a tenth is never called truncation.
 * Undefined also where the endpoint does not say what it read.
 */
export function findTruncation(sent: number, usage: Usage, errorBound: number): Truncation | undefined {
  const { promptTokens, cachedTokens } = usage;
  if (promptTokens === null) return undefined;
  // Some count what came from the cache beside the prompt, most within it.
  const most = promptTokens + (cachedTokens !== null && cachedTokens > promptTokens ? cachedTokens : 0);
  const tolerance = errorBound === 0 ? 0 : Math.max(0.1, 2 * errorBound);
  return most < sent * (1 - tolerance) - slack ? { sent, read: most } : undefined;
}

/** What was read is what fits: evidence for the next plan. */
export function truncationEvidence({ sent, read }: Truncation, now: number): LimitEvidence {
  return {
    source: 'measured',
    tokens: read,
    at: new Date(now).toISOString(),
    detail: `of a prompt of ${sent} tokens only ${read} were read`,
  };
}

/** Two words at the ends of a prompt: who can repeat both has seen both ends. */
export interface Canary {
  readonly first: string;
  readonly last: string;
}

const words = [
  'walnut', 'harbour', 'violin', 'glacier', 'lantern', 'saffron', 'meadow', 'copper', 'falcon', 'pepper', 'island',
  'marble', 'thunder', 'velvet', 'orchard', 'compass', 'juniper', 'castle', 'puzzle', 'rocket', 'silver', 'tunnel',
  'window', 'anchor', 'button', 'candle', 'dragon', 'forest', 'garden', 'hammer', 'jacket', 'kettle',
]; // prettier-ignore

/** `random`: 0 inclusive to 1 exclusive. The two words differ. */
export function createCanary(random: () => number): Canary {
  const at = Math.floor(random() * words.length);
  const step = 1 + Math.floor(random() * (words.length - 1));
  const word = (i: number) => words[i % words.length] ?? 'walnut';
  return { first: word(at), last: word(at + step) };
}

export function canaryHead({ first }: Canary): string {
  return `The first code word is ${first}.\n`;
}

export function canaryTail({ last }: Canary): string {
  return `The last code word is ${last}.\nReply with the first and the last code word, and nothing else.\n`;
}

/** Which ends the model has seen, by what it answered. */
export function readCanary(answer: string, { first, last }: Canary): { first: boolean; last: boolean } {
  const said = answer.toLowerCase();
  return { first: said.includes(first), last: said.includes(last) };
}
