import type {
  ContentBlock,
  ConverseStreamCommandInput,
  ConverseStreamOutput,
  TokenUsage,
} from '@aws-sdk/client-bedrock-runtime';

/** A chat-completions request, as far as Converse has a place for it. */
interface ChatBody {
  readonly model?: unknown;
  readonly messages?: readonly { readonly role?: unknown; readonly content?: unknown }[];
  readonly max_tokens?: unknown;
}

/**
 * The same request in Converse's shape: system texts apart, and roles that alternate, which it insists on. `image` makes
 * a block of an image's URL.
 */
export function toConverse(
  body: ChatBody,
  image: (url: string) => ContentBlock | undefined = () => undefined,
): ConverseStreamCommandInput {
  const system: { text: string }[] = [];
  const messages: { role: 'user' | 'assistant'; content: ContentBlock[] }[] = [];
  for (const { role, content } of body.messages ?? []) {
    const blocks = blocksOf(content, image);
    if (blocks.length === 0) continue;
    if (role === 'system') {
      system.push(...blocks.flatMap(({ text }) => (text === undefined ? [] : [{ text }])));
      continue;
    }
    const speaker = role === 'assistant' ? 'assistant' : 'user';
    const last = messages.at(-1);
    if (last?.role === speaker) last.content.push(...blocks);
    else messages.push({ role: speaker, content: blocks });
  }
  return {
    modelId: typeof body.model === 'string' ? body.model : '',
    messages,
    ...(system.length > 0 && { system }),
    ...(typeof body.max_tokens === 'number' && { inferenceConfig: { maxTokens: body.max_tokens } }),
  };
}

function blocksOf(content: unknown, image: (url: string) => ContentBlock | undefined): ContentBlock[] {
  if (Array.isArray(content)) return content.flatMap((part: unknown) => partBlocks(part, image));
  // It refuses blank texts.
  return typeof content === 'string' && content.trim() !== '' ? [{ text: content }] : [];
}

function partBlocks(part: unknown, image: (url: string) => ContentBlock | undefined): ContentBlock[] {
  const { text, image_url: source } = (part ?? {}) as {
    readonly text?: unknown;
    readonly image_url?: { readonly url?: unknown };
  };
  if (typeof source?.url !== 'string') return typeof text === 'string' ? blocksOf(text, image) : [];
  const block = image(source.url);
  return block === undefined ? [] : [block];
}

/** One event of ConverseStream as chat-completions chunks; none where there is nothing to say. */
export function toChunks(event: ConverseStreamOutput): object[] {
  const { contentBlockDelta, messageStop, metadata } = event;
  const text = contentBlockDelta?.delta?.text;
  if (text !== undefined) return [{ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] }];
  if (messageStop !== undefined)
    return [{ choices: [{ index: 0, delta: {}, finish_reason: finishReason(messageStop.stopReason) }] }];
  return metadata?.usage === undefined ? [] : [{ choices: [], usage: usageOf(metadata.usage) }];
}

function finishReason(stop: string | undefined): string {
  switch (stop) {
    case 'end_turn':
    case 'stop_sequence':
    case undefined:
      return 'stop';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'guardrail_intervened':
    case 'content_filtered':
      return 'content_filter';
    default:
      return stop;
  }
}

/** Where a model has a cache, `inputTokens` may leave out what came from it; the total never does. */
function usageOf({ inputTokens, outputTokens, totalTokens, cacheReadInputTokens }: TokenUsage): object {
  const rest = (totalTokens ?? 0) - (outputTokens ?? 0);
  return {
    prompt_tokens: inputTokens === undefined ? undefined : Math.max(inputTokens, rest),
    completion_tokens: outputTokens,
    ...(cacheReadInputTokens !== undefined && {
      prompt_tokens_details: { cached_tokens: cacheReadInputTokens },
    }),
  };
}
