/** Codes of the failures a user can meet; UI and tests switch on them, never on message text. */
export type ErrorCode =
  | 'no-workspace'
  | 'empty-workspace'
  | 'no-changes'
  | 'nothing-chosen'
  | 'workspace-gone'
  | 'untrusted'
  | 'no-consent'
  | 'limit-unknown'
  | 'over-limit'
  | 'conversation-full'
  | 'too-little-room'
  | 'auth'
  | 'model-not-found'
  | 'bad-url'
  | 'unreachable'
  | 'rate-limited'
  | 'output-limit'
  | 'images-refused'
  | 'payment'
  | 'truncated-prompt'
  | 'refused'
  | 'incomplete-answer'
  | 'bad-reply'
  | 'timeout'
  | 'bad-settings'
  | 'tokenizer-gone'
  | 'bad-usage'
  | 'io'
  | 'internal';

/**
 * A failure told to the user: what happened (`message`) and what to do about it (`remedy`), both whole
 * sentences. Cancellation is not one of these: see {@link isCancellation}.
 */
export class LongviewError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'LongviewError';
    this.code = code;
    this.remedy = remedy;
  }
}

/** True for what `AbortSignal` throws: the user changed their mind, which is an answer, not an error. */
export function isCancellation(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'APIUserAbortError');
}

/** One line for a terminal or a toast; never a stack trace. */
export function describeError(error: unknown): string {
  if (error instanceof LongviewError) return `${error.message} ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}
