import {
  BedrockRuntimeClient,
  ConverseStreamCommand,
  type ConverseStreamOutput,
} from '@aws-sdk/client-bedrock-runtime';

import { handlerOver, type RawReply } from './handler.ts';
import { converseImages } from './images.ts';
import { fillIn, liftStrings } from './liftStrings.ts';
import { toChunks, toConverse } from './wire.ts';

/** One question to Bedrock. */
export interface ConverseRequest {
  /** Where the runtime listens, without path. */
  readonly baseUrl: string;
  readonly region: string;
  /** A Bedrock API key; undefined: the credentials that AWS's own tools find. */
  readonly apiKey: string | undefined;
  /** A chat-completions request as JSON. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Asks through ConverseStream and gives the answer as a chat-completions stream; a refusal with its own status,
 * headers and body. Sends the prompt once. Throws `signal.reason`, what the transport throws, and the SDK's own errors
 * for missing credentials; none of our classes, which another bundle has twice.
 */
export async function converse(
  request: ConverseRequest,
  transport: typeof globalThis.fetch,
): Promise<Response> {
  const { baseUrl, region, apiKey } = request;
  // A reader that drops the stream ends the request as well as one that aborts it.
  const dropped = new AbortController();
  const signal = AbortSignal.any([dropped.signal, ...(request.signal === undefined ? [] : [request.signal])]);
  const lifted = await liftStrings(request.body, signal);
  const images = converseImages(lifted.texts);
  let refusal: RawReply | undefined;
  const client = new BedrockRuntimeClient({
    endpoint: baseUrl,
    region,
    // The prompt is never sent again silently.
    maxAttempts: 1,
    requestHandler: handlerOver(transport, reply => (refusal = reply)),
    ...(apiKey === undefined
      ? { authSchemePreference: ['sigv4'] }
      : { token: { token: apiKey }, authSchemePreference: ['httpBearerAuth'] }),
  });
  client.middlewareStack.add(
    next => async args => {
      const outgoing = args.request as { body: unknown; headers: Record<string, string> };
      if (lifted.texts.size > 0) {
        const { body } = outgoing;
        const json = typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array);
        const texts = new Map([...lifted.texts, ...images.named]);
        const filled = await fillIn({ json, texts }, signal);
        outgoing.body = filled.parts;
        outgoing.headers['content-length'] = String(filled.bytes);
        outgoing.headers['x-amz-content-sha256'] = filled.sha256;
      }
      return next(args);
    },
    // After the body was written and measured, before it is signed.
    { step: 'build', priority: 'low', name: 'longviewPrompt' },
  );
  try {
    const command = new ConverseStreamCommand(toConverse(JSON.parse(lifted.json) as object, images.block));
    const { stream } = await client.send(command, { abortSignal: signal });
    return streamed(events(stream ?? []), dropped);
  } catch (error) {
    signal.throwIfAborted();
    if (refusal !== undefined) return new Response(typed(refusal), refusal);
    const said = exception(error);
    if (said !== undefined) return streamed(last(said), dropped);
    throw error;
  }
}

/** The exception's name stands in a header; in the body, as older AWS services have it, it is read with the rest. */
function typed({ headers, body }: RawReply): string {
  const type = headers.get('x-amzn-errortype')?.split(':')[0];
  if (type === undefined) return body;
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json === 'object' && json !== null && !('__type' in json))
      return JSON.stringify({ __type: type, ...json });
  } catch {
    // A proxy's page: it is kept as it came.
  }
  return body;
}

async function* events(
  stream: AsyncIterable<ConverseStreamOutput> | readonly never[],
): AsyncGenerator<string, void, void> {
  let stopped = false;
  try {
    for await (const event of stream) {
      for (const chunk of toChunks(event)) yield `data: ${JSON.stringify(chunk)}\n\n`;
      stopped ||= event.messageStop !== undefined;
    }
  } catch (error) {
    const said = exception(error);
    if (said === undefined) throw error;
    yield* last(said);
    return;
  }
  if (stopped) yield 'data: [DONE]\n\n';
}

interface Exception {
  readonly type: string;
  readonly message: string;
  readonly code?: number;
}

function* last(error: Exception): Generator<string, void, void> {
  yield `event: error\ndata: ${JSON.stringify({ error })}\n\n`;
}

/** An exception that Bedrock sent inside the stream (Llama reports its overflow so); undefined for a dead connection. */
function exception(error: unknown): Exception | undefined {
  if (!(error instanceof Error) || !('$fault' in error)) return undefined;
  const { originalStatusCode, originalMessage } = error as {
    originalStatusCode?: number;
    originalMessage?: string;
  };
  return {
    type: error.name,
    message: [error.message, originalMessage].filter(Boolean).join(' '),
    ...(originalStatusCode !== undefined && { code: originalStatusCode }),
  };
}

function streamed(
  source: AsyncGenerator<string, void, void> | Generator<string, void, void>,
  dropped: AbortController,
): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await source.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel(reason) {
      dropped.abort(reason);
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
}
