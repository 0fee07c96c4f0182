import { LongviewError } from '../errors.ts';

/** The one error of a tokenizer file; `why` completes "because …". */
export function unusable(why: string, cause?: unknown): LongviewError {
  return new LongviewError(
    'bad-settings',
    `The tokenizer file cannot be used because ${why}.`,
    "Choose Meta's tokenizer.model of the model you use, or its Hugging Face tokenizer.json.",
    cause,
  );
}
