import { countTokens, decode, encode } from 'gpt-tokenizer/encoding/o200k_base';
import type { FakeMessage, FakeOptions } from './types.ts';

export interface Counter {
  /** Tokens of a text by the fake model's tokenizer. */
  text(text: string): number;
  /** Tokens of a rendered prompt, chat template included. */
  messages(messages: readonly FakeMessage[]): number;
  /** The first (or last) `tokens` tokens of a text. */
  head(text: string, tokens: number): string;
  tail(text: string, tokens: number): string;
}

// What looks like a control token inside a file is text.
const asText = { disallowedSpecial: new Set<string>() };

export function createCounter(options: FakeOptions): Counter {
  const ratio = options.tokenRatio ?? 1;
  const perMessage = options.templateTokens ?? 4;
  const byCharacters = options.counter === 'chars4';
  const count = (text: string) =>
    Math.ceil((byCharacters ? text.length / 4 : countTokens(text, asText)) * ratio);
  const cut = (text: string, tokens: number, from: 'head' | 'tail') => {
    const units = Math.max(0, Math.floor(tokens / ratio));
    if (byCharacters)
      return from === 'head' ? text.slice(0, units * 4) : text.slice(Math.max(0, text.length - units * 4));
    const all = encode(text, asText);
    return decode(from === 'head' ? all.slice(0, units) : all.slice(Math.max(0, all.length - units)));
  };
  return {
    text: count,
    messages: messages => messages.reduce((sum, m) => sum + count(m.content) + perMessage, 0),
    head: (text, tokens) => cut(text, tokens, 'head'),
    tail: (text, tokens) => cut(text, tokens, 'tail'),
  };
}

/**
 * Which part of a too long prompt is lost: `oldest` drops old messages and then the start of what is left
 * (Ollama), `end` the end (SGLang), `middle` the middle (LM Studio).
 */
export type Cut = 'oldest' | 'end' | 'middle';

/** The messages a server that truncates silently really reads: at most `limit` tokens. */
export function truncate(
  messages: readonly FakeMessage[],
  limit: number,
  cut: Cut,
  counter: Counter,
): readonly FakeMessage[] {
  let kept = [...messages];
  if (cut === 'oldest')
    while (counter.messages(kept) > limit) {
      const oldest = kept.findIndex((m, i) => m.role !== 'system' && i < kept.length - 1);
      if (oldest < 0) break;
      kept.splice(oldest, 1);
    }
  let excess = counter.messages(kept) - limit;
  if (excess <= 0) return kept;
  if (cut === 'end') return shorten(kept.reverse(), excess, counter, 'head').reverse();
  if (cut === 'oldest') return shorten(kept, excess, counter, 'tail');
  // The longest message loses its middle; the others stay.
  const sizes = kept.map(m => counter.text(m.content));
  const longest = sizes.indexOf(Math.max(...sizes));
  kept = kept.map((m, i) => {
    if (i !== longest) return m;
    const room = Math.max(0, (sizes[i] ?? 0) - excess);
    const half = Math.floor(room / 2);
    excess = 0;
    return { ...m, content: counter.head(m.content, half) + counter.tail(m.content, room - half) };
  });
  return kept;
}

function shorten(
  messages: readonly FakeMessage[],
  excess: number,
  counter: Counter,
  keep: 'head' | 'tail',
): FakeMessage[] {
  let left = excess;
  return messages.map(m => {
    if (left <= 0) return m;
    const size = counter.text(m.content);
    const room = Math.max(0, size - left);
    left -= size - room;
    return { ...m, content: counter[keep](m.content, room) };
  });
}

/** How a server counts what it did not have to read again. */
export interface CacheHabit {
  /** Hits come in multiples of this many tokens. */
  readonly block: number;
  /** Shorter hits count as none. */
  readonly minimum: number;
}

/** Remembers prompts and tells how much of a new one an earlier one began with. */
export function createPrefixCache(habit: CacheHabit): (prompt: string, counter: Counter) => number {
  const seen: string[] = [];
  return (prompt, counter) => {
    const common = seen.reduce((best, earlier) => Math.max(best, commonPrefix(earlier, prompt)), 0);
    seen.push(prompt);
    const tokens = common === 0 ? 0 : counter.text(prompt.slice(0, common));
    const whole = Math.floor(tokens / habit.block) * habit.block;
    return whole < habit.minimum ? 0 : whole;
  };
}

function commonPrefix(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i < end && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}
