/** A message of a chat-completions request. */
export interface WireMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** The messages of a request; undefined where they are none. */
export function messagesOf(value: unknown): WireMessage[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const messages = value.flatMap((entry: unknown): WireMessage[] => {
    const { role, content } = (entry ?? {}) as Record<string, unknown>;
    if (role !== 'system' && role !== 'user' && role !== 'assistant') return [];
    return typeof content === 'string' ? [{ role, content }] : [];
  });
  return messages.length === value.length ? messages : undefined;
}

export function chunkEvent(model: string, content: string, finishReason: 'stop' | null): string {
  const delta = content === '' ? {} : { content };
  return event({
    object: 'chat.completion.chunk',
    model,
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  });
}

/** An error inside a stream that had begun. */
export function errorEvent(message: string): string {
  return event({ error: { message } });
}

export const doneEvent = 'data: [DONE]\n\n';

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** A refusal as servers write it. */
export function refusalResponse(status: number, message: string, code: string | null = null): Response {
  return Response.json({ error: { message, code } }, { status });
}
