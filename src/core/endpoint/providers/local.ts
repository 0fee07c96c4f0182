import { llamacppProps, lmstudioV1, ollamaShow, sglangInfo, tgiInfo } from './hostReaders.ts';
import { cards, genericCards } from './readers.ts';
import type { Provider, Quirks } from './types.ts';

const quirks = (...notes: string[]): Quirks => ({
  maxTokensField: 'max_tokens',
  includeUsage: 'supported',
  notes,
});

const server = {
  kind: 'openai',
  hosts: [],
  auth: 'optional',
  modelSources: [],
  listIsComplete: false,
  naming: 'exact',
  models: {
    scout: { id: 'meta-llama/Llama-4-Scout-17B-16E-Instruct' },
    maverick: { id: 'meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8' },
  },
} as const;

const modelLen = [{ path: 'models', read: cards({ windows: { max_model_len: 'served' } }) }] as const;

/** Servers that people run themselves, and what VS Code itself offers (reference/endpoints.md 3). */
export const localProviders: readonly Provider[] = [
  {
    ...server,
    id: 'vllm',
    name: 'vLLM',
    baseUrl: 'http://127.0.0.1:8000/v1',
    ports: [8000],
    sources: [modelLen],
    listIsComplete: true,
    quirks: quirks('Cached tokens are reported only with --enable-prompt-tokens-details.'),
    links: { docs: 'https://docs.vllm.ai' },
  },
  {
    ...server,
    id: 'sglang',
    name: 'SGLang',
    baseUrl: 'http://127.0.0.1:30000/v1',
    ports: [30000, 8000],
    sources: [modelLen, [{ path: '../get_server_info', read: sglangInfo }]],
    listIsComplete: true,
    quirks: quirks('With --allow-auto-truncate it cuts prompts silently.'),
    links: { docs: 'https://docs.sglang.ai' },
  },
  {
    ...server,
    id: 'tgi',
    name: 'Text Generation Inference',
    baseUrl: 'http://127.0.0.1:3000/v1',
    ports: [3000, 8080],
    sources: [[{ path: 'models', read: cards({}) }], [{ path: '../info', read: tgiInfo }]],
    naming: 'any',
    quirks: { ...quirks('--payload-limit refuses bodies by bytes.'), maxBodyBytes: 2_000_000 },
    links: { docs: 'https://huggingface.co/docs/text-generation-inference' },
  },
  {
    ...server,
    id: 'llamacpp',
    name: 'llama.cpp',
    baseUrl: 'http://127.0.0.1:8080/v1',
    ports: [8080],
    sources: [
      [{ path: 'models', read: cards({ windows: { 'meta.n_ctx_train': 'advertised' } }) }],
      [{ path: '../props', read: llamacppProps }],
    ],
    naming: 'any',
    quirks: quirks('The window is one slot’s: --ctx-size divided by --parallel.'),
    images: { unsure: 'llama.cpp reads images only where it was started with --mmproj.' },
    links: { docs: 'https://github.com/ggml-org/llama.cpp/tree/master/tools/server' },
  },
  {
    ...server,
    id: 'ollama',
    name: 'Ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    ports: [11434],
    sources: [
      [{ path: 'models', read: cards({}) }],
      [{ path: '../api/ps', read: cards({ id: ['name', 'model'], windows: { context_length: 'served' } }) }],
    ],
    modelSources: [[{ path: '../api/show', body: { model: '{model}' }, read: ollamaShow }]],
    listIsComplete: true,
    naming: 'tag',
    models: { scout: { id: 'llama4:scout' }, maverick: { id: 'llama4:maverick' } },
    quirks: quirks(
      'It drops the beginning of a prompt that is too long, silently.',
      'The window is known only while the model is loaded; OLLAMA_CONTEXT_LENGTH sets it.',
    ),
    links: { docs: 'https://docs.ollama.com' },
  },
  {
    ...server,
    id: 'lmstudio',
    name: 'LM Studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    ports: [1234],
    sources: [
      [
        { path: '../api/v1/models', read: lmstudioV1 },
        {
          path: '../api/v0/models',
          read: cards({ windows: { loaded_context_length: 'served', max_context_length: 'advertised' } }),
        },
        { path: 'models', read: cards({}) },
      ],
    ],
    models: { scout: { id: 'meta/llama-4-scout-17b-16e-instruct' } },
    quirks: quirks('The window is known only while the model is loaded.'),
    images: { unsure: 'LM Studio reads images only where the model was downloaded with its projector.' },
    links: { docs: 'https://lmstudio.ai/docs' },
  },
  {
    ...server,
    id: 'litellm',
    name: 'LiteLLM proxy',
    baseUrl: 'http://127.0.0.1:4000/v1',
    ports: [4000],
    sources: [
      [
        ...['model/info', '../model/info'].map(path => ({
          path,
          read: cards({
            id: ['model_name'],
            windows: { 'model_info.max_input_tokens': 'listed' },
            maxOutput: ['model_info.max_output_tokens'],
            price: {
              input: 'model_info.input_cost_per_token',
              output: 'model_info.output_cost_per_token',
              cachedInput: 'model_info.cache_read_input_token_cost',
              per: 'token',
            },
          }),
        })),
        { path: 'models', read: cards({}) },
      ],
    ],
    models: {},
    quirks: quirks('Its limits come from a static table and can be wrong.'),
    links: { docs: 'https://docs.litellm.ai' },
  },
  {
    ...server,
    id: 'vscode',
    name: 'VS Code’s language models',
    kind: 'vscode',
    // Requests to it never leave the editor: the models are called as VS Code wants it. RFC 2606: it cannot exist.
    baseUrl: 'http://vscode.invalid/v1',
    hosts: ['vscode.invalid'],
    ports: [],
    auth: 'none',
    sources: [
      [
        {
          path: 'models',
          label: 'vscode.lm',
          read: cards({ windows: { maxInputTokens: 'served' } }),
        },
      ],
    ],
    listIsComplete: true,
    models: {},
    quirks: {
      maxTokensField: 'max_tokens',
      includeUsage: 'refused',
      notes: ['maxInputTokens is the prompt’s limit; the answer is taken from it too, to be safe.'],
    },
    links: { docs: 'https://code.visualstudio.com/docs/copilot/language-models' },
  },
  {
    ...server,
    id: 'custom',
    name: 'OpenAI-compatible server',
    baseUrl: null,
    ports: [],
    sources: [[{ path: 'models', read: cards(genericCards) }]],
    models: {},
    quirks: quirks(),
    links: { docs: 'https://platform.openai.com/docs/api-reference/chat' },
  },
];
