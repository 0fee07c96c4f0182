import type { Answer } from './askTypes.ts';
import type { Anchor } from './anchorTypes.ts';
import { codeSpan } from './codeSpan.ts';
import type { CommandName } from './commands.ts';
import type { ConversationFull } from './conversation.ts';
import type { WhenFull } from './prepareTypes.ts';

/** A next question that this very answer suggests. */
export interface Followup {
  readonly label: string;
  readonly prompt: string;
  readonly command?: CommandName;
}

const mostFollowups = 3;

/**
 * What to ask next, from the answer alone: nothing is sent to find out, and an answer that suggests nothing gives
 * nothing. `command` is what this answer was asked with.
 */
export function followupsOf(
  { text, anchors, finishReason }: Pick<Answer, 'text' | 'anchors' | 'finishReason'>,
  command?: CommandName,
): Followup[] {
  const found: Followup[] = [];
  if (finishReason === 'length')
    found.push({ label: 'Continue the answer', prompt: 'Continue your answer exactly where it stopped.' });
  const doubtful = anchors.find(anchor => doubts[anchor.state] !== undefined);
  if (doubtful !== undefined) found.push(checkOf(doubtful));
  const symbol = firstSymbol(text, anchors);
  if (symbol !== undefined && command !== 'impact')
    found.push({ label: `What would a change of ${symbol} affect?`, prompt: symbol, command: 'impact' });
  const held = anchors.find(anchor => anchor.state === 'verified' || anchor.state === 'relocated');
  if (symbol !== undefined && command !== 'where')
    found.push({
      label: `Where is ${symbol} used?`,
      prompt: `${codeSpan(symbol)} is used`,
      command: 'where',
    });
  else if (held !== undefined && command !== 'explain')
    found.push({ label: `Explain ${lastName(held.path)}`, prompt: codeSpan(held.path), command: 'explain' });
  return found.slice(0, mostFollowups);
}

/** What to ask about an anchor that does not hold; the others need no question. */
const doubts: Partial<Record<Anchor['state'], string>> = {
  missing: 'There is no such file in this workspace. Which file did you mean?',
  'out-of-range': 'The file has no such lines. Which lines did you mean?',
  ambiguous: 'The text you quoted stands at several places. Which of them did you mean?',
  stale: 'These lines have changed since. Does what you said of them still hold?',
  relocated: 'The text you quoted stands elsewhere. Does what you said hold for where it really stands?',
};

function checkOf(anchor: Anchor): Followup {
  const { path, startLine, endLine, state, quote } = anchor;
  const place = endLine === startLine ? `${path}:${startLine}` : `${path}:${startLine}-${endLine}`;
  const quoted = quote === undefined ? '' : ` with the quote ${codeSpan(quote.slice(0, 300))}`;
  return {
    label: `Check ${lastName(place)}`,
    prompt: `You cited ${codeSpan(place)}${quoted}. ${doubts[state] ?? ''} Cite the exact text again.`,
  };
}

const identifier = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*(?:\(\))?$/;

/**
 * The first name in a code span that also stands in the quote of an anchor that holds, so that it surely exists; a
 * plain word must be declared there, for it may be just a word. Else the first name that a quote declares.
 */
function firstSymbol(text: string, anchors: readonly Anchor[]): string | undefined {
  const quotes = anchors
    .filter(({ state }) => state === 'verified' || state === 'relocated')
    .map(({ quote }) => quote ?? '');
  const known = new Set(quotes.flatMap(quote => quote.match(/[\w$]+/g) ?? []));
  const declared = quotes.map(declaredName).filter(name => name !== undefined && name.length >= shortestName);
  for (const [, span = ''] of text.slice(0, 100_000).matchAll(/`([^`\n]{3,80})`/g)) {
    if (!identifier.test(span)) continue;
    const name = span.replace(/\(\)$/, '');
    const last = name.split('.').at(-1) ?? name;
    if (last.length < shortestName || !known.has(last)) continue;
    if (declared.includes(last) || /[a-z][A-Z]|[a-zA-Z]_[a-zA-Z]|[a-z]\.[a-z]|\(\)$/.test(span)) return name;
  }
  return declared[0];
}

const shortestName = 4;

/** The name that a quoted line declares for others to use: no local variable. */
function declaredName(quote: string): string | undefined {
  return /(?:\b(?:function\*?|class|interface|type|enum|def|fn|func|struct|trait)|\bexport\s+const)\s+([A-Za-z_$][\w$]*)/.exec(
    quote.slice(0, 500),
  )?.[1];
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What the user may do when the conversation has outgrown its room: the same question, by another command. */
export function choicesOf({ choices }: ConversationFull, { typed }: { readonly typed: string }): Followup[] {
  return choices.map(choice => ({ prompt: typed, ...choiceLabels[choice] }));
}

const choiceLabels = {
  'fresh-pack': { command: 'repack', label: 'Pack anew, with less room for files' },
  'drop-oldest': { command: 'shorten', label: 'Ask without the oldest turns' },
} as const satisfies Record<WhenFull, { readonly command: CommandName; readonly label: string }>;
