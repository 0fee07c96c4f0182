import { Buffer } from 'node:buffer';

import { frame } from '../eventstream.ts';
import { define, json, listed, openaiErrors } from './shared.ts';
import type { Errors } from '../system.ts';
import type { Reply } from '../types.ts';

function error(status: number, type: string, message: string): Reply {
  return json({ message }, status, { 'x-amzn-errortype': type });
}

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () =>
    error(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.'),
  unknownModel: () => error(400, 'ValidationException', 'The provided model identifier is invalid.'),
  // e108
  deadModel: () =>
    error(
      404,
      'ResourceNotFoundException',
      'Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 30 days. Please upgrade to an active model.',
    ),
  payment: () =>
    error(403, 'AccessDeniedException', 'Your account is not authorized to invoke this API operation.'),
  // e104: throttling in words that look like an overflow
  rate: () => error(429, 'ThrottlingException', 'Too many tokens, please wait before trying again.'),
  // Streamed: inside a 200 (e099). Else e098 near the limit, and numberless e094 far beyond it.
  overflow: ({ stream, model, promptTokens }) => {
    const limit = model.contextTokens;
    if (stream)
      return {
        status: 400,
        inStream: 'event',
        body: {
          message: `The model returned the following errors: This model's maximum context length is ${limit} tokens. Please reduce the length of the prompt`,
        },
      };
    return promptTokens > 2 * limit
      ? error(400, 'ValidationException', 'Input is too long for requested model.')
      : error(400, 'ValidationException', `maximum context length is ${limit} tokens`);
  },
  midStream: () => ({
    body: {
      message: 'The system encountered an unexpected error during processing. Try your request again.',
    },
    form: 'event',
    done: false,
  }),
  notFound: () => error(404, 'UnknownOperationException', 'Unknown operation'),
  images: (_model, _options, most) =>
    error(
      400,
      'ValidationException',
      most === undefined
        ? 'The model returned the following errors: Could not process image'
        : most === 0
          ? "This model doesn't support the image content block that you provided."
          : `too many images: the maximum is ${most}`,
    ),
};

const stopReason = (finish: string) => (finish === 'length' ? 'max_tokens' : 'end_turn');

/** Converse, for Llama: no limit anywhere, and overflow inside a 200 stream. Signatures are not checked. */
export const bedrock = define({
  name: 'bedrock',
  basePath: '',
  chatPath: /^\/model\/([^/]+)\/converse(?:-stream)?$/,
  model: {
    id: 'us.meta.llama4-scout-17b-instruct-v1:0',
    contextTokens: 3_500_000,
    maxOutputTokens: 16_384,
    price: { input: 0.17, output: 0.66 },
  },
  errors,
  streams: path => path.endsWith('/converse-stream'),
  admit: ask => {
    const most = ask.model.maxOutputTokens;
    // e102
    if (most !== undefined && (ask.maxTokens ?? 0) > most)
      return error(
        400,
        'ValidationException',
        `The maximum tokens you requested exceeds the model limit of ${most}. Try again with a maximum tokens value that is lower than ${most}.`,
      );
    return ask.promptTokens > ask.model.contextTokens ? errors.overflow(ask) : undefined;
  },
  usage: a => ({
    inputTokens: a.promptTokens,
    outputTokens: a.completionTokens,
    totalTokens: a.promptTokens + a.completionTokens,
    ...(a.cachedTokens === undefined
      ? {}
      : { cacheReadInputTokens: a.cachedTokens, cacheWriteInputTokens: 0 }),
  }),
  shape: (text, finish, usage) => ({
    metrics: { latencyMs: 100 },
    output: { message: { content: [{ text }], role: 'assistant' } },
    stopReason: stopReason(finish),
    usage,
  }),
  binary: {
    contentType: 'application/vnd.amazon.eventstream',
    start: () => frame('messageStart', { role: 'assistant' }),
    chunk: text => frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text } }),
    end: (finish, usage) =>
      Buffer.concat([
        frame('contentBlockStop', { contentBlockIndex: 0 }),
        frame('messageStop', { stopReason: stopReason(finish) }),
        frame('metadata', { usage, metrics: { latencyMs: 100 } }),
      ]),
    failure: body => frame('modelStreamErrorException', body, 'exception'),
  },
  routes: [
    {
      method: 'GET',
      path: '/foundation-models',
      answer: c =>
        json({
          modelSummaries: listed(c).map(m => ({
            modelArn: `arn:aws:bedrock:us-east-1::foundation-model/${m.id.replace(/^us\./, '')}`,
            modelId: m.id.replace(/^us\./, ''),
            modelName: m.id,
            providerName: 'Meta',
            inputModalities: ['TEXT', 'IMAGE'],
            outputModalities: ['TEXT'],
            responseStreamingSupported: true,
            inferenceTypesSupported: ['INFERENCE_PROFILE'],
            modelLifecycle: { status: 'ACTIVE' },
          })),
        }),
    },
  ],
});
