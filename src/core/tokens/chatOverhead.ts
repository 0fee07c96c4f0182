/**
 * Tokens that Llama 4's chat format adds around contents. From Meta's `chat_format.py` (llama-models a9c89c4), which
 * the Hugging Face template agrees with; `user`, `system`, `assistant` and "\n\n" are one token each.
 */
const llama4 = {
  /** `<|begin_of_text|>`, once per prompt. */
  beginOfText: 1,
  /** `<|header_start|>` role `<|header_end|>` "\n\n" … `<|eot|>`. */
  message: 5,
  /** `<|header_start|>assistant<|header_end|>` "\n\n", which asks for the answer. */
  generation: 4,
} as const;

/**
 * Tokens of a prompt of so many messages besides their contents. Exact for Llama 4: 10 for a question alone, 15 with
 * instructions. Other formats add as much or a little less.
 */
export function chatOverhead(messages: number): number {
  return llama4.beginOfText + messages * llama4.message + llama4.generation;
}
