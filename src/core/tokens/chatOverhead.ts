/**
 * Tokens that Llama 4's chat format adds around contents. From Meta's `chat_format.py` (llama-models a9c89c4), which
 * the Hugging Face template agrees with; `user`, `system`, `assistant` and "\n\n" are one token each.
 */
export const llama4ChatOverhead = {
  /** `<|begin_of_text|>`, once per prompt. */
  beginOfText: 1,
  /** `<|header_start|>` role `<|header_end|>` "\n\n" … `<|eot|>` for user, system and assistant. */
  message: 5,
  /** The same for a tool's result, whose role `ipython` is two tokens. */
  toolResult: 6,
  /** `<|header_start|>assistant<|header_end|>` "\n\n", which asks for the answer. */
  generation: 4,
} as const;

export type ChatRole = 'system' | 'user' | 'assistant' | 'tool';

/** Tokens of a whole Llama 4 prompt besides its contents: 10 for a user message alone, 15 with a system message. */
export function llama4Overhead(roles: readonly ChatRole[]): number {
  const { beginOfText, generation, message, toolResult } = llama4ChatOverhead;
  const messages = roles.reduce((sum, role) => sum + (role === 'tool' ? toolResult : message), 0);
  return beginOfText + messages + generation;
}
