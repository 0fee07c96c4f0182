import { readFileSync } from 'node:fs';

import { createCounter } from '../../src/core/tokens/createCounter.ts';

/** Counts one document; engines that take strings get the text decoded beforehand, outside the clock. */
export type Count = (bytes: Uint8Array, text: string) => number;

export const engineNames = [
  'longview',
  'longview (strings)',
  'gpt-tokenizer',
  'ai-tokenizer',
  'tiktoken',
] as const;
export type EngineName = (typeof engineNames)[number];

/** Every engine is loaded only where it runs, so that none pays for another's memory. */
export async function loadEngine(name: EngineName, ranksFile: string): Promise<Count> {
  switch (name) {
    case 'longview':
    case 'longview (strings)': {
      const counter = createCounter(readFileSync(ranksFile), 'o200k');
      return name === 'longview' ? bytes => counter.countUtf8(bytes) : (_, text) => counter.countText(text);
    }
    case 'gpt-tokenizer': {
      const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
      const ordinary = { disallowedSpecial: new Set<string>() };
      return (_, text) => countTokens(text, ordinary);
    }
    case 'ai-tokenizer': {
      const [{ Tokenizer }, encoding] = await Promise.all([
        import('ai-tokenizer'),
        import('ai-tokenizer/encoding/o200k_base'),
      ]);
      const tokenizer = new Tokenizer(encoding);
      return (_, text) => tokenizer.encode(text, [], []).length;
    }
    case 'tiktoken': {
      const { get_encoding } = await import('tiktoken');
      const encoding = get_encoding('o200k_base');
      return (_, text) => encoding.encode_ordinary(text).length;
    }
  }
}
