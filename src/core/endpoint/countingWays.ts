import type { ChatMessage, Endpoint } from './types.ts';

/** One way in which servers count; which one an endpoint has shows in what it answers, not in its name. */
export interface CountingWay {
  /** The path that is asked, for the user. */
  readonly name: string;
  /** Where the reply holds every token with its text, a large prompt is not cheap. */
  readonly mostBytes: number;
  /** Tokens of the messages, chat template included; undefined where the endpoint gives no number. */
  count(
    endpoint: Endpoint,
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): Promise<number | undefined>;
}

/** vLLM, also with a template of the server's own: `{messages}` gives `count`. */
const vllm: CountingWay = {
  name: '/tokenize',
  mostBytes: Infinity,
  async count(endpoint, messages, signal) {
    const { model } = endpoint.config;
    const body = { model, messages, add_generation_prompt: true };
    return number(await post(endpoint, root('/tokenize'), body, signal), 'count');
  },
};

/** SGLang: `{prompt}` gives `count` of the text alone, so that messages are asked one by one, and the template added. */
const sglang: CountingWay = {
  name: '/tokenize',
  mostBytes: Infinity,
  async count(endpoint, messages, signal) {
    const { model } = endpoint.config;
    let sum = templateTokens(messages.length);
    for (const { content } of messages) {
      const body = { model, prompt: content, add_special_tokens: false };
      const tokens = number(await post(endpoint, root('/tokenize'), body, signal), 'count');
      if (tokens === undefined) return undefined;
      sum += tokens;
    }
    return sum;
  },
};

/** llama.cpp: the template is applied first, then `{content}` gives `tokens`, a list. */
const llamacpp: CountingWay = {
  name: '/apply-template and /tokenize',
  mostBytes: Infinity,
  async count(endpoint, messages, signal) {
    const applied = await post(endpoint, root('/apply-template'), { messages }, signal);
    const prompt = field(applied, 'prompt');
    if (typeof prompt !== 'string') return undefined;
    const body = { content: prompt, add_special: true, parse_special: true };
    const tokens = field(await post(endpoint, root('/tokenize'), body, signal), 'tokens');
    return Array.isArray(tokens) ? tokens.length : undefined;
  },
};

/** TGI: the reply names every token with its text and place, about 60 bytes for each. */
const tgi: CountingWay = {
  name: '/chat_tokenize',
  mostBytes: 100_000,
  async count(endpoint, messages, signal) {
    const { model } = endpoint.config;
    const reply = await post(endpoint, root('/chat_tokenize'), { model, messages }, signal);
    const tokens = field(reply, 'tokenize_response');
    return Array.isArray(tokens) ? tokens.length : undefined;
  },
};

/** OpenAI, and servers that speak its Responses API. */
const openai: CountingWay = {
  name: '/responses/input_tokens',
  mostBytes: Infinity,
  async count(endpoint, messages, signal) {
    const body = { model: endpoint.config.model, input: messages };
    return number(await post(endpoint, base('/responses/input_tokens'), body, signal), 'input_tokens');
  },
};

/** Anthropic, and servers that speak its Messages API; the system message stands apart. */
const anthropic: CountingWay = {
  name: '/messages/count_tokens',
  mostBytes: Infinity,
  async count(endpoint, messages, signal) {
    const system = messages.filter(m => m.role === 'system').map(m => m.content);
    const body = {
      model: endpoint.config.model,
      messages: messages.filter(m => m.role !== 'system'),
      ...(system.length > 0 && { system: system.join('\n') }),
    };
    return number(await post(endpoint, base('/messages/count_tokens'), body, signal), 'input_tokens');
  },
};

/** Nothing of the workspace: one letter. */
const probe: readonly ChatMessage[] = [{ role: 'user', content: 'x' }];

/**
 * Finds out how the endpoint counts, with a prompt of one letter. Rejects where it cannot be reached, which says
 * nothing about how it counts; undefined where it counts in no way we know.
 */
export async function findWay(endpoint: Endpoint, signal: AbortSignal): Promise<CountingWay | undefined> {
  const { model } = endpoint.config;
  const asked = [
    { model, messages: probe, add_generation_prompt: true },
    { model, prompt: 'x', content: 'x', inputs: 'x' },
  ];
  for (const [i, body] of asked.entries()) {
    const reply = await post(endpoint, root('/tokenize'), body, signal);
    if (reply === undefined) continue;
    if (number(reply, 'count') !== undefined) return i === 0 ? vllm : sglang;
    if (Array.isArray(field(reply, 'tokens'))) return llamacpp;
    if (Array.isArray(reply)) return tgi;
  }
  for (const way of [openai, anthropic]) {
    if ((await way.count(endpoint, probe, signal)) !== undefined) return way;
  }
  return undefined;
}

/** What a chat format puts around messages (reference/tokenizer.md 2). */
function templateTokens(messages: number): number {
  return 5 * messages + 5;
}

type Address = (baseUrl: string) => string;

/** Servers keep what is not OpenAI's beside `/v1`, not below it. */
function root(path: string): Address {
  return baseUrl => baseUrl.replace(/\/v1$/, '') + path;
}

function base(path: string): Address {
  return baseUrl => baseUrl + path;
}

/** The reply as JSON; undefined for a refusal, or for what is no JSON. Rejects where nobody answers. */
async function post(
  endpoint: Endpoint,
  address: Address,
  body: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const key = await endpoint.apiKey();
  const response = await endpoint.fetch(address(endpoint.config.baseUrl), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...authorisation(endpoint, key),
    },
    body: JSON.stringify(body),
    signal,
  });
  const text = await response.text();
  if (!response.ok) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Anthropic's own API takes the key in a header of its own, and a bearer token for another kind of account. */
function authorisation({ config }: Endpoint, key: string | undefined): Record<string, string> {
  if (key === undefined) return {};
  return new URL(config.baseUrl).hostname === 'api.anthropic.com'
    ? { 'x-api-key': key, 'anthropic-version': '2023-06-01' }
    : { authorization: `Bearer ${key}` };
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function number(value: unknown, name: string): number | undefined {
  const found = field(value, name);
  return typeof found === 'number' && Number.isInteger(found) && found > 0 ? found : undefined;
}
