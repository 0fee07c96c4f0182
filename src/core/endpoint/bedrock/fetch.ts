import { LongviewError } from '../../errors.ts';

/**
 * A `fetch` that speaks chat completions to us and Converse to Amazon Bedrock, through AWS's own client, so that
 * streaming, refusals, cancelling and usage are one code path for every endpoint. Llama has no other way in there.
 *
 * AWS's client is loaded with the first question: the import below is a bundle of its own (`dist/bedrock.js`).
 * Whatever is not a chat completion is answered 404 without asking anybody.
 */
export function createBedrockFetch(
  transport: typeof globalThis.fetch,
  env: NodeJS.ProcessEnv = process.env,
): typeof globalThis.fetch {
  return async (input, init) => {
    const { body, ...rest } = init ?? {};
    const request = new Request(input, rest);
    const [, baseUrl] = /^(.*)\/chat\/completions$/.exec(request.url) ?? [];
    if (baseUrl === undefined || request.method !== 'POST')
      return Response.json({ message: 'Bedrock answers to chat completions only.' }, { status: 404 });
    const { converse } = await import('./converse.ts');
    const authorization = request.headers.get('authorization');
    const asked = converse(
      {
        baseUrl,
        region: regionOf(baseUrl, env),
        // AWS's client takes its variable for a key also where it is set to nothing.
        apiKey:
          authorization?.replace(/^Bearer /, '') ?? (env['AWS_BEARER_TOKEN_BEDROCK']?.trim() || undefined),
        body: bytesOf(body ?? request.body),
        signal: init?.signal ?? request.signal,
      },
      transport,
    );
    return asked.catch((error: unknown) => {
      throw withoutCredentials(error) ?? error;
    });
  };
}

function withoutCredentials(error: unknown): LongviewError | undefined {
  if (!(error instanceof Error) || !/^(?:Credentials|Token)ProviderError$/.test(error.name)) return undefined;
  return new LongviewError(
    'auth',
    `No AWS credentials were found: ${error.message.replace(/[.\s]+$/, '')}.`,
    'Store a Bedrock API key as the endpoint’s key, set AWS_BEARER_TOKEN_BEDROCK, or sign in as for AWS’s own tools (aws configure, aws sso login, AWS_PROFILE).',
    error,
  );
}

/** As its host names it (`bedrock-runtime.eu-west-1.amazonaws.com`), else as AWS's own tools are told. */
export function regionOf(baseUrl: string, env: NodeJS.ProcessEnv): string {
  const [, named] = /\.([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(new URL(baseUrl).hostname) ?? [];
  return named ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'us-east-1');
}

async function* bytesOf(body: RequestInit['body']): AsyncGenerator<Uint8Array> {
  if (body instanceof ReadableStream) yield* body as ReadableStream<Uint8Array>;
  else if (typeof body === 'string') yield Buffer.from(body);
  else yield new Uint8Array(await new Response(body ?? null).arrayBuffer());
}
