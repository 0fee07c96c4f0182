import type { Answer, AskEvent } from '../../../src/core/review/ask.ts';
import type { Prepared } from '../../../src/core/review/prepare.ts';

/** An ask that came to its end. */
export interface Ran {
  readonly events: readonly AskEvent[];
  readonly prepared: Prepared;
  readonly answer: Answer;
}

/** Source of so many lines, each with some words. */
export const lines = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `export const ${name}${i} = 'some words to fill a line';\n`).join(
    '',
  );
