import { pacer } from '../pace.ts';
import type { History, HistoryHead } from './history.ts';

export interface HistoryMatch {
  readonly head: HistoryHead;
  /** Where the first word stands in question or answer, with some text around; one line. */
  readonly excerpt: string;
}

const around = 60;

/** Asks whose question and answer hold every word, whatever its case; newest first. No words: all asks. */
export async function* searchHistory(
  history: History,
  query: string,
  signal?: AbortSignal,
): AsyncGenerator<HistoryMatch> {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '');
  const pause = pacer(signal);
  for (const head of (await history.list()).entries) {
    await pause();
    if (words.length === 0) {
      yield { head, excerpt: '' };
      continue;
    }
    const read = await history.read(head.id);
    if (read.kind !== 'entry') continue;
    const { question, answer } = read.entry;
    const text = `${question}\n${answer}`;
    const lower = text.toLowerCase();
    if (words.every(word => lower.includes(word)))
      yield { head, excerpt: excerptAt(text, lower.indexOf(words[0] ?? ''), question.length) };
  }
}

/** The answer's words tell more than the question's, which stands above them anyway. */
function excerptAt(text: string, at: number, questionLength: number): string {
  const from = at < questionLength ? questionLength + 1 : Math.max(questionLength + 1, at - around);
  const piece = text
    .slice(from, from + 3 * around)
    .replace(/\s+/g, ' ')
    .trim();
  return `${from > questionLength + 1 ? '…' : ''}${piece}`;
}
