import { textSegment } from '../pack/frame.ts';
import { splitLines } from '../workspace/lines.ts';

/** A text that travels with one question and is no file of the workspace: a diff, a pasted log. */
export interface AttachedText {
  readonly title: string;
  readonly text: string;
}

/** As it is sent: whole lines, from the first on. */
export interface SentText {
  readonly title: string;
  readonly lines: number;
  readonly sentLines: number;
  /** UTF-8, framed. */
  readonly segment: Uint8Array;
  readonly tokens: number;
}

/** Of a known limit, what all texts of a question may take together. */
const share = 0.25;

/**
 * Frames the texts of a question, each cut to its part of a quarter of `limit` (tokens; null where there is none).
 * Whoever shows the question says what was cut: see {@link describeCuts}.
 */
export async function frameTexts(
  texts: readonly AttachedText[],
  limit: number | null,
  count: (text: string) => Promise<number>,
): Promise<SentText[]> {
  const most = limit === null ? Infinity : Math.floor((limit * share) / Math.max(1, texts.length));
  return Promise.all(texts.map(text => frameText(text, most, count)));
}

async function frameText(
  { title, text }: AttachedText,
  most: number,
  count: (text: string) => Promise<number>,
): Promise<SentText> {
  const { lines } = splitLines(text);
  let sentLines = lines.length;
  for (;;) {
    const segment = textSegment(title, text, sentLines);
    const tokens = await count(segment);
    if (tokens <= most || sentLines === 0)
      return { title, lines: lines.length, sentLines, segment: new TextEncoder().encode(segment), tokens };
    // Lines differ in length, so a little less than their share, and again where that is still too much.
    sentLines = Math.floor(sentLines * Math.min(0.9, (most / tokens) * 0.98));
  }
}

export function textTokens(texts: readonly SentText[]): number {
  return texts.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** One sentence for each text that was cut. */
export function describeCuts(texts: readonly SentText[]): string[] {
  return texts
    .filter(({ lines, sentLines }) => sentLines < lines)
    .map(
      ({ title, lines, sentLines }) =>
        `Only the first ${sentLines} of ${lines} lines of the ${title} are in the prompt: there is no room for more.`,
    );
}
