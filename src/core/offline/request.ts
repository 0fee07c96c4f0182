import type { ChatMessage } from '../endpoint/types.ts';
import { LongText } from './largeJson.ts';
import { refusal, type Refusal } from './wire.ts';

/** A message whose content was never put together: `slices` joined is the content. */
export interface SlicedMessage {
  readonly role: ChatMessage['role'];
  readonly slices: readonly string[];
}

/** What the offline reader understands of a chat-completions request; other fields are allowed and unused. */
export interface CompletionRequest {
  readonly model: string;
  readonly messages: readonly SlicedMessage[];
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** `undefined`: whatever the window leaves. */
  readonly maxTokens: number | undefined;
}

/** Checks a parsed body; a fault is the 400 a server would send. */
export function readRequest(body: unknown): CompletionRequest | Refusal {
  if (!isRecord(body)) return refusal(400, 'The request body must be a JSON object.');
  const { model, messages, stream, stream_options: streamOptions } = body;
  if (typeof model !== 'string') return refusal(400, "Field 'model' must be a string.", 'model');
  if (!Array.isArray(messages) || messages.length === 0)
    return refusal(400, "Field 'messages' must be a list with at least one message.", 'messages');
  const read: SlicedMessage[] = [];
  for (const [i, message] of messages.entries()) {
    const fine = readMessage(message);
    if (fine === undefined)
      return refusal(400, `Message ${i} must have a role and a text content.`, `messages.${i}`);
    read.push(fine);
  }
  const maxTokens = body['max_completion_tokens'] ?? body['max_tokens'] ?? undefined;
  if (maxTokens !== undefined && (!Number.isInteger(maxTokens) || (maxTokens as number) < 1))
    return refusal(400, `max_tokens must be at least 1, got ${JSON.stringify(maxTokens)}.`, 'max_tokens');
  return {
    model,
    messages: read,
    stream: stream === true,
    includeUsage: isRecord(streamOptions) && streamOptions['include_usage'] === true,
    maxTokens: maxTokens as number | undefined,
  };
}

function readMessage(message: unknown): SlicedMessage | undefined {
  if (!isRecord(message)) return undefined;
  const slices = readContent(message['content']);
  if (slices === undefined) return undefined;
  switch (message['role']) {
    case 'system':
    case 'developer':
      return { role: 'system', slices };
    case 'user':
    case 'assistant':
      return { role: message['role'], slices };
    default:
      return undefined;
  }
}

/** A text, or a list of text parts; images and the like are refused. */
function readContent(content: unknown): readonly string[] | undefined {
  if (!Array.isArray(content)) return readText(content);
  const slices: string[] = [];
  for (const part of content as unknown[]) {
    const text = isRecord(part) && part['type'] === 'text' ? readText(part['text']) : undefined;
    if (text === undefined) return undefined;
    if (slices.length > 0) slices.push('\n');
    slices.push(...text);
  }
  return slices;
}

function readText(text: unknown): readonly string[] | undefined {
  if (typeof text === 'string') return [text];
  return text instanceof LongText ? text.slices : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
