import { cards } from './readers.ts';
import type { Provider } from './types.ts';

const cloud = { ports: [], sources: [], modelSources: [], listIsComplete: false, naming: 'exact' } as const;

/** The big clouds: none tells a window; what is known is published (reference/endpoints.md 2). */
export const cloudProviders: readonly Provider[] = [
  {
    ...cloud,
    id: 'azure',
    name: 'Azure AI Foundry / Azure OpenAI',
    kind: 'openai',
    baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
    hosts: ['.openai.azure.com', '.services.ai.azure.com', '.models.ai.azure.com', '.inference.ai.azure.com'],
    auth: 'api-key',
    // What could be deployed, not what is: good for checking the key only.
    sources: [[{ path: 'models', read: cards({}) }]],
    models: {
      scout: { id: 'Llama-4-Scout-17B-16E-Instruct' },
      maverick: {
        id: 'Llama-4-Maverick-17B-128E-Instruct-FP8',
        windowTokens: 1_000_000,
        maxOutputTokens: 16_384,
      },
    },
    quirks: {
      maxTokensField: 'max_tokens',
      // OpenAI's models want the newer name (its reasoning models insist); the others refuse what they do not know.
      maxTokensFieldOf: [{ models: /gpt|(?:^|[^a-z])o\d/i, field: 'max_completion_tokens' }],
      includeUsage: 'supported',
      // The address that ends in /openai/v1 needs none.
      query: [
        { paths: /\/openai\/deployments\//, query: { 'api-version': '2024-10-21' } },
        { paths: /\/models$/, query: { 'api-version': '2024-05-01-preview' } },
      ],
      notes: [
        'The model is the name of your deployment.',
        'Serverless deployments refuse parameters they do not know.',
      ],
    },
    links: { docs: 'https://learn.microsoft.com/azure/ai-foundry/', keys: 'https://ai.azure.com' },
  },
  {
    ...cloud,
    id: 'bedrock',
    name: 'Amazon Bedrock',
    kind: 'bedrock',
    baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com',
    // Its OpenAI-compatible paths, which do not reach Llama, are another kind of endpoint; so is a server on EC2.
    hosts: [/^https:\/\/(?:[\w-]+\.)?bedrock-runtime(?:-fips)?\.[\w-]+\.(?:vpce\.)?amazonaws\.com(?:\.cn)?$/],
    auth: 'aws',
    models: {
      // Measured: a call with 2,222,258 input tokens was accepted.
      scout: {
        id: 'us.meta.llama4-scout-17b-instruct-v1:0',
        windowTokens: 3_500_000,
        maxOutputTokens: 16_384,
      },
      maverick: {
        id: 'us.meta.llama4-maverick-17b-instruct-v1:0',
        windowTokens: 1_048_576,
        maxOutputTokens: 16_384,
      },
    },
    quirks: {
      maxTokensField: 'max_tokens',
      includeUsage: 'refused',
      notes: [
        'Llama answers through Converse only; its OpenAI-compatible endpoints do not reach Llama.',
        'An overflow comes inside a stream that began with 200.',
      ],
    },
    links: { docs: 'https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html' },
  },
  {
    ...cloud,
    id: 'vertex',
    name: 'Google Vertex AI',
    kind: 'openai',
    baseUrl:
      'https://{location}-aiplatform.googleapis.com/v1/projects/{project}/locations/{location}/endpoints/openapi',
    hosts: ['-aiplatform.googleapis.com', 'aiplatform.googleapis.com'],
    auth: 'google',
    models: {
      // 1,000,000, 1,310,720 and 10M are all claimed: the smallest.
      scout: {
        id: 'meta/llama-4-scout-17b-16e-instruct-maas',
        windowTokens: 1_000_000,
        maxOutputTokens: 8192,
      },
      maverick: {
        id: 'meta/llama-4-maverick-17b-128e-instruct-maas',
        windowTokens: 524_288,
        maxOutputTokens: 8192,
      },
    },
    quirks: {
      maxTokensField: 'max_tokens',
      includeUsage: 'supported',
      notes: ['The key is an access token that lasts about an hour.', 'Llama 4 answers in us-east5 only.'],
    },
    links: { docs: 'https://cloud.google.com/vertex-ai/generative-ai/docs/maas/use-llama' },
  },
  {
    ...cloud,
    id: 'databricks',
    name: 'Databricks',
    kind: 'openai',
    baseUrl: 'https://{workspace}/serving-endpoints',
    hosts: ['.cloud.databricks.com', '.azuredatabricks.net', '.gcp.databricks.com'],
    auth: 'bearer',
    sources: [[{ path: '../api/2.0/serving-endpoints', read: cards({ items: 'endpoints', id: ['name'] }) }]],
    listIsComplete: true,
    models: { maverick: { id: 'databricks-llama-4-maverick', maxOutputTokens: 25_000 } },
    quirks: {
      maxTokensField: 'max_tokens',
      includeUsage: 'supported',
      maxOutputTokens: 25_000,
      notes: [
        'It does not know max_completion_tokens.',
        'The requested answer is reserved against the output tokens per minute.',
      ],
    },
    links: { docs: 'https://docs.databricks.com/machine-learning/foundation-model-apis/' },
  },
];
