import { knownProvider } from './knownProvider.ts';
import { llamaModel } from './llama.ts';
import type { ImageLimits } from './providers/types.ts';
import type { Endpoint, EndpointConfig } from './types.ts';

export type ImageSupport =
  | { readonly kind: 'takes'; readonly limits: ImageLimits }
  /** `why`: a sentence for the user. */
  | { readonly kind: 'none'; readonly why: string };

/**
 * What nearly all hosts take: Amazon Bedrock allows 20 images of 3.75 MB and 8000 pixels a side (API reference,
 * Message), Groq 33 megapixels (docs, vision).
 */
const usualLimits: ImageLimits = {
  most: 20,
  mostBytes: 3_750_000,
  totalBytes: 20_000_000,
  mostPixels: 33_177_600,
  mostSide: 8000,
};

/** Whether an endpoint takes images: as the user says, as it has refused before, by its provider and its model. */
export function imageSupport({ config, kind }: Pick<Endpoint, 'config' | 'kind'>): ImageSupport {
  const provider = knownProvider(config);
  const none = (why: string): ImageSupport => ({ kind: 'none', why });
  const limits = { ...usualLimits, ...provider.images?.limits };
  if (kind === 'offline') return none('The offline reader reads text only.');
  if (provider.kind === 'vscode') return none('Longview sends no images to VS Code’s language models.');
  if (config.images === true) return { kind: 'takes', limits };
  if (config.images === false) return none('The endpoint’s "images" is false.');
  if (refused.has(keyOf(config))) return none('The endpoint has refused images since Longview was started.');
  const unsure = provider.images?.unsure;
  if (unsure !== undefined) return none(`${unsure} If so, set the endpoint’s "images" to true.`);
  switch (readsImages(config.model)) {
    case 'yes':
      return { kind: 'takes', limits };
    case 'no':
      return none(`The model ${config.model} reads text only.`);
    case 'unknown':
      return none(
        `Whether the model ${config.model} reads images is not known. If it does, set the endpoint’s "images" to true.`,
      );
  }
}

/** By base URL and model, for the life of the process. */
const refused = new Set<string>();
const keyOf = ({ baseUrl, model }: EndpointConfig): string => JSON.stringify([baseUrl, model]);

export function noteImagesRefused(config: EndpointConfig): void {
  refused.add(keyOf(config));
}

const textModels =
  /gpt-3|gpt-oss|o1-mini|o3-mini|llama[-_. ]?[23](?![-_.]?2[-_.]?(?:11b|90b))|mixtral|codestral|devstral|deepseek-(?:v|r|coder|chat|reason)|qwen[\d.]*-?coder|command-r|phi-3(?!\.5-vision)/i;
const imageModels =
  /gpt-4o|gpt-4\.[15]|gpt-4-turbo|gpt-5|(?:^|\/)o[13](?!-mini)(?:-|:|@|$)|(?:^|\/)o4-mini|claude-(?:3|opus|sonnet|haiku|[4-9])|gemini|gemma-?3-?(?:4|12|27)b|pixtral|qwen[\d.]*-?vl|llama-?3[.-]2-(?:11b|90b)|-vision\b|llava|internvl/i;

/** By the model's name: what its makers say of it. A deployment that its owner named says nothing. */
export function readsImages(model: string): 'yes' | 'no' | 'unknown' {
  if (llamaModel(model) !== undefined) return 'yes';
  if (imageModels.test(model)) return textModels.test(model) ? 'unknown' : 'yes';
  return textModels.test(model) ? 'no' : 'unknown';
}
