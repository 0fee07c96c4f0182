/** Models that share a vocabulary, as far as a model's name tells. */
export const modelFamilies = [
  'o200k',
  'cl100k',
  'llama4',
  'llama3',
  'qwen',
  'mistral',
  'gemma',
  'deepseek',
  'claude',
  'gemini',
  'other',
] as const;
export type ModelFamily = (typeof modelFamilies)[number];

/**
 * First match wins, on the name in lower case. Distilled models carry two names, and the vocabulary of the one that
 * was taught; hosts write `meta-llama/Llama-4-…`, `llama4:scout`, `us.meta.llama4-…-v1:0`, `accounts/…/llama4-…`.
 */
const names: readonly (readonly [ModelFamily, RegExp])[] = [
  ['llama4', /llama[-_. ]?4(?![\db])/],
  // Not the sizes of older models, "codellama-34b" and "open_llama_3b".
  ['llama3', /llama[-_. ]?3(?![\db])|distill-llama/],
  ['qwen', /qwen|qwq|qvq/],
  ['o200k', /\b(?:gpt-4o|gpt-4\.1|gpt-4\.5|gpt-5|gpt-oss|chatgpt-4o|codex-mini)|(?:^|\/)o[134](?:-|:|@|$)/],
  ['cl100k', /\bgpt-(?:4(?![\do.])|3\.5|35)|\btext-embedding-(?:3-|ada-002)/],
  ['deepseek', /deepseek/],
  ['mistral', /mistral|mixtral|codestral|devstral|ministral|magistral|pixtral|voxtral/],
  ['gemma', /gemma/],
  ['gemini', /gemini/],
  ['claude', /claude/],
];

/** `other` where the name says nothing, such as a deployment that its owner named. */
export function modelFamily(model: string): ModelFamily {
  const name = model.toLowerCase();
  return names.find(([, pattern]) => pattern.test(name))?.[0] ?? 'other';
}

/** As a user knows it, for "the tokenizer of …". */
export function familyName(family: ModelFamily): string {
  switch (family) {
    case 'llama4':
      return 'Llama 4';
    case 'llama3':
      return 'Llama 3';
    case 'deepseek':
      return 'DeepSeek';
    case 'o200k':
    case 'cl100k':
      return family;
    case 'other':
      return 'this model';
    default:
      return family.charAt(0).toUpperCase() + family.slice(1);
  }
}
