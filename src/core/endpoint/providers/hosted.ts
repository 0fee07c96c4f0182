import { cloudflareModels, huggingfaceModels, openrouterEndpoints } from './hostReaders.ts';
import { cards, oneCard, openrouterCards, type CardFields } from './readers.ts';
import type { Provider, Quirks } from './types.ts';

const quirks = (more: Partial<Quirks> = {}): Quirks => ({
  maxTokensField: 'max_tokens',
  includeUsage: 'supported',
  notes: [],
  ...more,
});

const host = {
  kind: 'openai',
  ports: [],
  auth: 'bearer',
  sources: [],
  modelSources: [],
  listIsComplete: false,
  naming: 'exact',
  models: {},
  quirks: quirks(),
} as const;

/** OpenAI's four fields and nothing else: good for what is there, silent on limits. */
const bareList = [[{ path: 'models', read: cards({}) }]] as const;

const fireworksCard: CardFields = {
  items: 'models',
  id: ['name'],
  // 0 = not calibrated
  windows: { contextLength: 'listed' },
  gone: ['state', 'DELETING'],
};

/**
 * Inference services by URL. Facts and their sources: reference/endpoints.md 0.1 (who still serves Llama 4), 0.2
 * (windows), 1 and 2, as of November 2026.
 */
export const hostedProviders: readonly Provider[] = [
  {
    ...host,
    id: 'openrouter',
    name: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    hosts: ['openrouter.ai'],
    sources: [[{ path: 'models', read: cards(openrouterCards) }]],
    modelSources: [
      [{ path: 'models/{model}/endpoints', label: '/api/v1/models/…/endpoints', read: openrouterEndpoints }],
    ],
    listIsComplete: true,
    naming: 'suffix',
    models: {
      scout: { id: 'meta-llama/llama-4-scout', windowTokens: 1_310_720, maxOutputTokens: 16_384 },
      maverick: { id: 'meta-llama/llama-4-maverick', windowTokens: 1_048_576, maxOutputTokens: 16_384 },
    },
    quirks: quirks({
      includeUsage: 'ignored',
      notes: [
        'Its check before the request adds an estimate of the prompt to the answer; the estimate ran a third too high once.',
        'The context-compression plugin drops the middle of a prompt silently; keep it off.',
      ],
    }),
    links: { docs: 'https://openrouter.ai/models', keys: 'https://openrouter.ai/keys' },
  },
  {
    ...host,
    id: 'groq',
    name: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    hosts: ['api.groq.com'],
    sources: [
      [
        {
          path: 'models',
          read: cards({
            // The second name of each is the list's shape since July 2026.
            windows: { context_window: 'listed', context_length: 'listed' },
            maxOutput: ['max_completion_tokens', 'max_output_length'],
            price: {
              input: 'pricing.prompt',
              output: 'pricing.completion',
              cachedInput: 'pricing.input_cache_read',
              per: 'token',
            },
            gone: ['active', false],
          }),
        },
      ],
    ],
    listIsComplete: true,
    models: {
      scout: {
        id: 'meta-llama/llama-4-scout-17b-16e-instruct',
        windowTokens: 131_072,
        maxOutputTokens: 8192,
        gone: { since: '2026-07-17', note: 'Groq decommissioned it' },
      },
      maverick: {
        id: 'meta-llama/llama-4-maverick-17b-128e-instruct',
        windowTokens: 131_072,
        maxOutputTokens: 8192,
        gone: { since: '2026-03-09', note: 'Groq decommissioned it' },
      },
    },
    quirks: quirks({
      notes: ['Tokens per minute are the real ceiling; the requested answer counts towards them.'],
    }),
    // Its page on vision: five images, and 4 MB of base64 for the whole request.
    images: { limits: { most: 5, mostBytes: 2_500_000, totalBytes: 2_500_000 } },
    links: { docs: 'https://console.groq.com/docs/models', keys: 'https://console.groq.com/keys' },
  },
  {
    ...host,
    id: 'together',
    name: 'Together AI',
    baseUrl: 'https://api.together.xyz/v1',
    hosts: ['api.together.xyz', 'api.together.ai'],
    sources: [
      [
        {
          path: 'models',
          read: cards({
            windows: { context_length: 'listed' },
            price: { input: 'pricing.input', output: 'pricing.output', per: 'million' },
          }),
        },
      ],
    ],
    models: {
      scout: {
        id: 'meta-llama/Llama-4-Scout-17B-16E-Instruct',
        windowTokens: 1_048_576,
        gone: {
          since: '2026-03-11',
          note: 'Together removed it from serverless; dedicated endpoints remain',
        },
      },
      maverick: {
        id: 'meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8',
        windowTokens: 1_048_576,
      },
    },
    links: {
      docs: 'https://docs.together.ai/docs/serverless-models',
      keys: 'https://api.together.ai/settings/api-keys',
    },
  },
  {
    ...host,
    id: 'fireworks',
    name: 'Fireworks AI',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    hosts: ['api.fireworks.ai'],
    sources: [
      [
        { path: '../../v1/accounts/fireworks/models?pageSize=200', read: cards(fireworksCard) },
        { path: 'models', read: cards({}) },
      ],
    ],
    modelSources: [
      [{ path: '../../v1/{model}', label: '/v1/accounts/…/models/…', read: oneCard(fireworksCard) }],
    ],
    models: {
      scout: { id: 'accounts/fireworks/models/llama4-scout-instruct-basic', windowTokens: 1_048_576 },
      maverick: { id: 'accounts/fireworks/models/llama4-maverick-instruct-basic', windowTokens: 1_048_576 },
    },
    links: { docs: 'https://fireworks.ai/models', keys: 'https://fireworks.ai/account/api-keys' },
  },
  {
    ...host,
    id: 'cerebras',
    name: 'Cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    hosts: ['api.cerebras.ai'],
    sources: [
      [
        {
          path: '../public/v1/models',
          read: cards({
            windows: { 'limits.max_context_length': 'listed' },
            maxOutput: ['limits.max_completion_tokens'],
            price: { input: 'pricing.prompt', output: 'pricing.completion', per: 'token' },
            gone: ['deprecated', true],
          }),
        },
        { path: 'models', read: cards({}) },
      ],
    ],
    listIsComplete: true,
    models: {
      scout: {
        id: 'llama-4-scout-17b-16e-instruct',
        windowTokens: 131_072,
        gone: { since: null, note: 'Cerebras retired it; its list of 2026-08-15 has no Llama 4' },
      },
      maverick: {
        id: 'llama-4-maverick-17b-128e-instruct',
        windowTokens: 131_072,
        gone: { since: null, note: 'Cerebras retired it; its list of 2026-08-15 has no Llama 4' },
      },
    },
    quirks: quirks({
      maxTokensField: 'max_completion_tokens',
      notes: [
        'The list shows the paid tier; a free key gets a smaller window, which nothing but a refusal tells.',
      ],
    }),
    links: { docs: 'https://inference-docs.cerebras.ai/models/overview', keys: 'https://cloud.cerebras.ai' },
  },
  {
    ...host,
    id: 'sambanova',
    name: 'SambaNova',
    baseUrl: 'https://api.sambanova.ai/v1',
    hosts: ['api.sambanova.ai'],
    sources: [
      [
        {
          path: 'models',
          read: cards({
            windows: { context_length: 'listed' },
            maxOutput: ['max_completion_tokens'],
            price: { input: 'pricing.prompt', output: 'pricing.completion', per: 'token' },
          }),
        },
      ],
    ],
    listIsComplete: true,
    models: {
      scout: {
        id: 'Llama-4-Scout-17B-16E-Instruct',
        gone: { since: null, note: 'SambaNova removed it before June 2026' },
      },
      maverick: {
        id: 'Llama-4-Maverick-17B-128E-Instruct',
        windowTokens: 131_072,
        gone: { since: '2026-06', note: 'SambaNova removed it' },
      },
    },
    links: { docs: 'https://docs.sambanova.ai', keys: 'https://cloud.sambanova.ai/apis' },
  },
  {
    ...host,
    id: 'deepinfra',
    name: 'DeepInfra',
    baseUrl: 'https://api.deepinfra.com/v1/openai',
    hosts: ['api.deepinfra.com'],
    sources: [
      [
        {
          path: 'models',
          read: cards({
            windows: { 'metadata.context_length': 'listed' },
            maxOutput: ['metadata.max_tokens'],
            price: {
              input: 'metadata.pricing.input_tokens',
              output: 'metadata.pricing.output_tokens',
              cachedInput: 'metadata.pricing.cache_read_tokens',
              per: 'million',
            },
          }),
        },
      ],
    ],
    listIsComplete: true,
    models: {
      scout: { id: 'meta-llama/Llama-4-Scout-17B-16E-Instruct', windowTokens: 131_072 },
      maverick: { id: 'meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8' },
    },
    links: { docs: 'https://deepinfra.com/models', keys: 'https://deepinfra.com/dash/api_keys' },
  },
  {
    ...host,
    id: 'huggingface',
    name: 'Hugging Face',
    baseUrl: 'https://router.huggingface.co/v1',
    hosts: ['router.huggingface.co'],
    sources: [[{ path: 'models', read: huggingfaceModels }]],
    listIsComplete: true,
    naming: 'suffix',
    models: { scout: { id: 'meta-llama/Llama-4-Scout-17B-16E-Instruct:nscale' } },
    quirks: quirks({
      notes: [
        'Name the provider (model:provider): without it, any provider’s window may be the one that counts.',
      ],
    }),
    links: {
      docs: 'https://huggingface.co/docs/inference-providers',
      keys: 'https://huggingface.co/settings/tokens',
    },
  },
  {
    ...host,
    id: 'nvidia',
    name: 'NVIDIA NIM',
    baseUrl: 'https://integrate.api.nvidia.com/v1',
    hosts: ['integrate.api.nvidia.com'],
    sources: bareList,
    listIsComplete: true,
    listsDead: true,
    models: {
      scout: { id: 'meta/llama-4-scout-17b-16e-instruct' },
      maverick: {
        id: 'meta/llama-4-maverick-17b-128e-instruct',
        windowTokens: 128_000,
        gone: { since: '2026-07-27', note: 'NVIDIA answers 410 Gone, although its list still names it' },
      },
    },
    links: { docs: 'https://build.nvidia.com/models', keys: 'https://build.nvidia.com/settings/api-keys' },
  },
  {
    ...host,
    id: 'cloudflare',
    name: 'Cloudflare Workers AI',
    baseUrl: 'https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1',
    hosts: ['api.cloudflare.com'],
    sources: [
      [{ path: '../models/search?per_page=100', label: '/ai/models/search', read: cloudflareModels }],
    ],
    listIsComplete: true,
    models: {
      scout: {
        id: '@cf/meta/llama-4-scout-17b-16e-instruct',
        windowTokens: 131_000,
        maxOutputTokens: 16_384,
      },
    },
    quirks: quirks({ notes: ['Without max_tokens an answer ends after 256 tokens.'] }),
    links: {
      docs: 'https://developers.cloudflare.com/workers-ai/models/',
      keys: 'https://dash.cloudflare.com/profile/api-tokens',
    },
  },
  {
    ...host,
    id: 'mistral',
    name: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    hosts: ['api.mistral.ai'],
    sources: [[{ path: 'models', read: cards({ windows: { max_context_length: 'listed' } }) }]],
    listIsComplete: true,
    links: {
      docs: 'https://docs.mistral.ai/getting-started/models/',
      keys: 'https://console.mistral.ai/api-keys',
    },
  },
  {
    ...host,
    id: 'meta',
    name: 'Meta Llama API',
    baseUrl: 'https://api.llama.com/compat/v1',
    hosts: ['api.llama.com', 'api.llama.meta.com'],
    models: {
      scout: { id: 'Llama-4-Scout-17B-16E-Instruct-FP8', windowTokens: 128_000, maxOutputTokens: 4028 },
      maverick: {
        id: 'Llama-4-Maverick-17B-128E-Instruct-FP8',
        windowTokens: 128_000,
        maxOutputTokens: 4028,
      },
    },
    retired: { since: '2026-07-06', note: 'Meta ended the whole service' },
    links: { docs: 'https://llama.developer.meta.com/docs' },
  },
  {
    ...host,
    id: 'openai',
    name: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    hosts: ['api.openai.com'],
    sources: bareList,
    listIsComplete: true,
    quirks: quirks({
      maxTokensField: 'max_completion_tokens',
      notes: [
        'A prompt over the account’s tokens per minute is refused as a rate limit, before the window is checked.',
      ],
    }),
    links: { docs: 'https://platform.openai.com/docs/models', keys: 'https://platform.openai.com/api-keys' },
  },
];
