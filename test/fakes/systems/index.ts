import { azure } from './azure.ts';
import { bedrock } from './bedrock.ts';
import { cerebras } from './cerebras.ts';
import { cloudflare } from './cloudflare.ts';
import { databricks } from './databricks.ts';
import { deepinfra } from './deepinfra.ts';
import { fireworks } from './fireworks.ts';
import { groq } from './groq.ts';
import { huggingface } from './huggingface.ts';
import { litellm } from './litellm.ts';
import { llamacpp } from './llamacpp.ts';
import { lmstudio } from './lmstudio.ts';
import { metaRetired } from './meta.ts';
import { mistral } from './mistral.ts';
import { nvidia } from './nvidia.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import { openrouter } from './openrouter.ts';
import { sambanova } from './sambanova.ts';
import { sglang } from './sglang.ts';
import { tgi } from './tgi.ts';
import { together } from './together.ts';
import { vertex } from './vertex.ts';
import { vllm } from './vllm.ts';
import type { System } from '../system.ts';
import type { SystemName } from '../types.ts';

export const systems: Readonly<Record<SystemName, System>> = {
  openai,
  openrouter,
  groq,
  together,
  fireworks,
  cerebras,
  sambanova,
  deepinfra,
  huggingface,
  nvidia,
  azure,
  bedrock,
  vertex,
  databricks,
  cloudflare,
  mistral,
  'meta-retired': metaRetired,
  vllm,
  sglang,
  tgi,
  llamacpp,
  ollama,
  lmstudio,
  litellm,
};
