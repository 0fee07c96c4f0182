/**
 * Counts the tokens one vocabulary makes of a text. A counter is stateful only as a cache: the same input gives
 * the same number for ever. It is not re-entrant, which single-threaded JavaScript cannot notice.
 *
 * Counts are of *ordinary text*: what looks like a special token (`<|endoftext|>`, `<|eot|>`) is counted as the
 * characters it is made of, as Meta's `encode` and tiktoken's `encode_ordinary` do. No begin-of-text token, no
 * chat overhead: see `chatOverhead`.
 */
export interface TokenCounter {
  /** Names vocabulary and splitter, e.g. `o200k`; stable, so that counts can be cached under it. */
  readonly id: string;
  /** True where the count is the vocabulary's own, false where it is estimated from another one. */
  readonly exact: boolean;
  /** Tokens of a string. A lone surrogate counts as U+FFFD, which is what UTF-8 encoding makes of it. */
  countText(text: string): number;
  /**
   * Tokens of UTF-8 bytes, byte order mark included as the U+FEFF it is. Invalid sequences count as the U+FFFD a
   * UTF-8 decoder puts in their place, so that `countUtf8(bytes)` equals `countText(decoded bytes)`.
   */
  countUtf8(bytes: Uint8Array): number;
}
