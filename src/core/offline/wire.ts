import { randomUUID } from 'node:crypto';

/** Never resolved: requests to it end in {@link createOfflineFetch}. `.invalid` cannot exist (RFC 2606). */
export const offlineBaseUrl = 'http://offline.invalid/v1';

export const offlineModel = 'offline-reader';

/** An error reply, in the shape of vLLM 0.14 to 0.17 (data/overflow_errors.json e123, e124). */
export interface Refusal {
  readonly kind: 'refusal';
  readonly status: 400 | 404;
  readonly message: string;
  readonly param: string | null;
}

export function refusal(status: 400 | 404, message: string, param: string | null = null): Refusal {
  return { kind: 'refusal', status, message, param };
}

/**
 * Refuses what does not fit the shared window: the prompt and, when asked for, `maxTokens` of answer. Without
 * `maxTokens` one token of answer must fit.
 */
export function refuseOverLimit(
  contextLimit: number,
  promptTokens: number,
  maxTokens: number | undefined,
): Refusal | undefined {
  const limit = `This model's maximum context length is ${contextLimit} tokens`;
  if (promptTokens >= contextLimit)
    return refusal(
      400,
      `${limit}. However, your request has ${promptTokens} input tokens. ` +
        `Please reduce the length of the input messages. (parameter=input_tokens, value=${promptTokens})`,
      'input_tokens',
    );
  if (maxTokens !== undefined && promptTokens + maxTokens > contextLimit)
    return refusal(
      400,
      `'max_tokens' or 'max_completion_tokens' is too large: ${maxTokens}. ${limit} and your request has ` +
        `${promptTokens} input tokens (${maxTokens} > ${contextLimit} - ${promptTokens}). ` +
        `(parameter=max_tokens, value=${maxTokens})`,
      'max_tokens',
    );
  return undefined;
}

export function refusalResponse({ status, message, param }: Refusal): Response {
  const type = status === 404 ? 'NotFoundError' : 'BadRequestError';
  return Response.json({ error: { message, type, param, code: status } }, { status });
}

export function modelsResponse(contextLimit: number): Response {
  const card = {
    id: offlineModel,
    object: 'model',
    created: 0,
    owned_by: 'longview',
    root: offlineModel,
    parent: null,
    max_model_len: contextLimit,
  };
  return Response.json({ object: 'list', data: [card] });
}

export type FinishReason = 'stop' | 'length';

export interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export function wireUsage(promptTokens: number, completionTokens: number): WireUsage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** Ids and time shared by every chunk of one reply. */
export interface Reply {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
}

export function newReply(): Reply {
  return { id: `chatcmpl-${randomUUID().replaceAll('-', '')}`, created: Math.floor(Date.now() / 1000) };
}

export function completionResponse(
  reply: Reply,
  content: string,
  finishReason: FinishReason,
  usage: WireUsage,
): Response {
  const message = { role: 'assistant', content, refusal: null };
  const choice = { index: 0, message, logprobs: null, finish_reason: finishReason };
  return Response.json({
    ...reply,
    object: 'chat.completion',
    model: offlineModel,
    choices: [choice],
    usage,
  });
}

export function chunkEvent(
  reply: Reply,
  delta: { readonly role?: 'assistant'; readonly content?: string },
  finishReason: FinishReason | null = null,
): string {
  const choice = { index: 0, delta, logprobs: null, finish_reason: finishReason };
  return event({ ...reply, object: 'chat.completion.chunk', model: offlineModel, choices: [choice] });
}

export function usageEvent(reply: Reply, usage: WireUsage): string {
  return event({ ...reply, object: 'chat.completion.chunk', model: offlineModel, choices: [], usage });
}

export const doneEvent = 'data: [DONE]\n\n';

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
