import type { Counter } from './counting.ts';
import type { AnswerRequest, FakeOptions } from './types.ts';

export interface LimitedAnswer {
  readonly pieces: AsyncIterable<string>;
  /** Tokens given so far. */
  tokens(): number;
  reason(): 'stop' | 'length';
}

/** The scripted answer in pieces, stopped at `most` tokens. Nothing is asked of the script before the first piece. */
export function answerOf(
  options: FakeOptions,
  request: AnswerRequest,
  most: number,
  counter: Counter,
): LimitedAnswer {
  let used = 0;
  let full = false;
  async function* take(): AsyncIterable<string> {
    for await (const piece of pieces(options, request)) {
      const size = counter.text(piece);
      if (used + size > most) {
        full = true;
        const rest = counter.head(piece, most - used);
        used = most;
        if (rest !== '') yield rest;
        return;
      }
      used += size;
      yield piece;
    }
  }
  return { pieces: take(), tokens: () => used, reason: () => (full ? 'length' : 'stop') };
}

async function* pieces(options: FakeOptions, request: AnswerRequest): AsyncIterable<string> {
  const { answer = r => `The fake read ${r.promptTokens} tokens.`, chunkChars = 24 } = options;
  const said = typeof answer === 'string' ? answer : await answer(request);
  if (typeof said !== 'string') return yield* said;
  for (let i = 0; i < said.length; i += chunkChars) yield said.slice(i, i + chunkChars);
}
