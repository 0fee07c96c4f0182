import type { Draft } from './draft.ts';
import { readMentions } from './mentions.ts';
import type { PathIndex } from './pathIndex.ts';
import { assignQuotes, outsideQuotations } from './quotes.ts';

/** The mentions of one sentence with their quotes, in order. */
export function readSentence(text: string, index: PathIndex): Draft[] {
  const { drafts: all, spans } = readMentions(text, index);
  const drafts = outsideQuotations(text, all);
  assignQuotes(text, drafts, spans);
  return drafts;
}
