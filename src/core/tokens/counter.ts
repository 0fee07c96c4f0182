/** Counts the tokens of text. Text like `<|endoftext|>` is ordinary text to every counter. */
export interface TokenCounter {
  /** E.g. `o200k`; part of every cache key. */
  readonly id: string;
  /** True where the count is the endpoint's own to the token. */
  readonly exact: boolean;
  countText(text: string): number;
  /** `bytes` is UTF-8. */
  countUtf8(bytes: Uint8Array): number;
}
