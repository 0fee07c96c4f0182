import assert from 'node:assert/strict';

import { startFake } from './index.ts';
import type { Fake, FakeOptions, SystemName } from './index.ts';
import { chat } from './testing.ts';

let fake: Fake;
const start = async (system: SystemName, options: Partial<FakeOptions> = {}) =>
  (fake = await startFake({ system, contextTokens: 1000, answer: 'fine', ...options }));
const words = (count: number) => 'word '.repeat(count).trim();

interface Overflow {
  readonly system: SystemName;
  readonly options?: Partial<FakeOptions>;
  readonly words?: number;
  readonly request?: object;
  readonly status: number;
  /** Of the whole body. */
  readonly body: RegExp;
}

// 1,200 words are 1,204 tokens with the template's four.
const overflows: readonly Overflow[] = [
  {
    system: 'openai',
    status: 400,
    body: /length is 1000 tokens\. However, your messages resulted in 1204 tokens/,
  },
  {
    system: 'openai',
    request: { max_tokens: 500 },
    words: 600,
    status: 400,
    body: /you requested 1104 tokens \(604 in the messages, 500 in the completion\)/,
  },
  {
    system: 'openai',
    request: { max_tokens: 40_000 },
    words: 1,
    status: 400,
    body: /at most 32768 completion tokens/,
  },
  { system: 'azure', status: 400, body: /"code":"context_length_exceeded"/ },
  {
    system: 'openrouter',
    options: { estimateFactor: 1.25 },
    words: 896,
    request: { max_tokens: 10 },
    status: 400,
    body: /endpoint's maximum context length is 1000 tokens\. However, you requested about 1135 tokens \(1125 of text input, 10 in the output\)/,
  },
  {
    system: 'groq',
    status: 400,
    body: /^\{"error":\{"message":"Please reduce the length of the messages or completion\."/,
  },
  {
    system: 'groq',
    words: 1,
    request: { max_tokens: 9000 },
    status: 400,
    body: /must be less than or equal to 8192/,
  },
  {
    system: 'groq',
    options: { tokensPerMinute: 600 },
    words: 700,
    status: 413,
    body: /Limit 600, Requested 704, please reduce.*"rate_limit_exceeded"/,
  },
  {
    system: 'together',
    status: 400,
    body: /The input \(1204 tokens\) is longer than the model's context length \(1000 tokens\)/,
  },
  { system: 'fireworks', status: 400, body: /1204 in your prompt; 0 for the completion/ },
  {
    system: 'cerebras',
    status: 400,
    body: /^\{"message":"Please reduce.*Current length is 1204 while limit is 1000"/,
  },
  {
    system: 'sambanova',
    status: 400,
    body: /is 1000\. However, answering your request will take 1204 tokens/,
  },
  { system: 'deepinfra', status: 400, body: /Requested input length 1204 exceeds maximum input length 999/ },
  { system: 'deepinfra', options: { version: '2024' }, status: 500, body: /Requested input length 1204/ },
  { system: 'huggingface', status: 400, body: /^\{"object":"error","message":"This model's maximum/ },
  { system: 'nvidia', status: 400, body: /"type":"Bad Request"/ },
  {
    system: 'vertex',
    status: 400,
    body: /^\[\{"error":.*count \(1204\) exceeds the maximum number of tokens allowed \(1000\)/,
  },
  {
    system: 'vertex',
    words: 1,
    request: { max_tokens: 9000 },
    status: 400,
    body: /from 1 \(inclusive\) to 8193/,
  },
  { system: 'databricks', status: 400, body: /"error_code":"BAD_REQUEST"/ },
  {
    system: 'databricks',
    words: 1,
    request: { max_completion_tokens: 9 },
    status: 400,
    body: /max_completion_tokens/,
  },
  {
    system: 'cloudflare',
    status: 413,
    body: /tokens \(1460\) exceeded this model context window limit \(1000\)/,
  },
  {
    system: 'mistral',
    status: 400,
    body: /^\{"object":"error","message":"Prompt contains 1204 tokens and 0 draft tokens/,
  },
  {
    system: 'vllm',
    options: { version: '0.10.0' },
    status: 400,
    body: /^\{"object":"error","message":".*\(1204 in the messages, 0 in the completion\).* None"/,
  },
  {
    system: 'vllm',
    options: { version: '0.10.1' },
    status: 400,
    body: /^\{"error":\{"message":".*or completion\."/,
  },
  {
    system: 'vllm',
    options: { version: '0.14.0' },
    status: 400,
    body: /your request has 1204 input tokens\./,
  },
  {
    system: 'vllm',
    options: { version: '0.17.2' },
    words: 900,
    request: { max_tokens: 200 },
    status: 400,
    body: /\(200 > 1000 - 904\)/,
  },
  {
    system: 'vllm',
    request: { max_tokens: 200 },
    status: 400,
    body: /at least 801 input tokens, for a total of at least 1001 tokens/,
  },
  {
    system: 'vllm',
    words: 1,
    request: { max_tokens: 5000 },
    status: 400,
    body: /max_model_len=max_total_tokens=1000/,
  },
  { system: 'sglang', status: 400, body: /^\{"object":"error","message":"The input \(1204 tokens\)/ },
  {
    system: 'sglang',
    words: 900,
    request: { max_tokens: 200, stream: true },
    status: 200,
    body: /^data: \{"error":.*a total of 1104 tokens: 904 tokens from the input messages and 200.*\n\ndata: \[DONE\]\n\n$/,
  },
  {
    system: 'sglang',
    options: { maxInputTokens: 500 },
    words: 600,
    status: 400,
    body: /Input length \(604 tokens\) exceeds the maximum allowed length \(500 tokens\)/,
  },
  {
    system: 'tgi',
    status: 422,
    body: /^\{"error":"Input validation error: `inputs` must have less than 999 tokens\. Given: 1204"/,
  },
  {
    system: 'tgi',
    words: 900,
    request: { max_tokens: 200 },
    status: 422,
    body: /must be <= 1000\. Given: 904 `inputs` tokens and 200 `max_new_tokens`/,
  },
  {
    system: 'tgi',
    request: { stream: true },
    status: 200,
    body: /^data: \{"error":\{"message":"Input.*"http_status_code":422\}\}\n\ndata: \[DONE\]\n\n$/,
  },
  { system: 'llamacpp', status: 400, body: /request \(1204 tokens\).*"n_prompt_tokens":1204,"n_ctx":1000/ },
  {
    system: 'ollama',
    options: { silentTruncation: false },
    status: 400,
    body: /prompt is longer than the context length/,
  },
  {
    system: 'lmstudio',
    status: 400,
    body: /^\{"error":"The number of tokens to keep.*n_keep: 1204>= n_ctx: 1000/,
  },
  {
    system: 'lmstudio',
    request: { stream: true },
    status: 200,
    body: /^event: error\ndata: \{"error".*1204 tokens, but/,
  },
  {
    system: 'litellm',
    status: 400,
    body: /litellm\.ContextWindowExceededError.*'object': 'error'.*'param': None/,
  },
];

describe('fakes: refusals for length', () => {
  afterEach(() => fake.close());
  for (const { system, options, words: count = 1200, request = {}, status, body } of overflows)
    it(`${system} ${options?.version ?? ''} ${JSON.stringify(request)} → ${status}`, async () => {
      await start(system, options);
      const response = await chat(fake, words(count), request);
      assert.equal(response.status, status);
      assert.match((await response.text()).replaceAll('\\n', ' '), body);
    });
});
