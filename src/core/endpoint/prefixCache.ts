import { createHash } from 'node:crypto';

import type { EndpointConfig, Usage } from './types.ts';

/** A second question over the same pack was read anew, at full price. */
export interface CacheWarning {
  /** Tokens of the prompt that a cache could have spared. */
  readonly tokens: number;
  /** Since the last question over the same pack, ms. */
  readonly sinceMs: number;
}

/** Remembers which packs endpoints have read lately. */
export interface CacheWatch {
  /**
   * Notes an answer. `prefix` identifies the bytes the prompt begins with, `tokens` is their number. Warns where they
   * were sent not long ago and the endpoint reports a cache, but no hit.
   */
  note(
    config: Pick<EndpointConfig, 'id' | 'model'>,
    prefix: string,
    tokens: number,
    usage: Usage,
  ): CacheWarning | undefined;
}

/** Providers keep a prefix for five minutes at least. */
const keptMs = 5 * 60_000;
/** The smallest prefix that providers cache is about 1,000 tokens. */
const smallestPrefix = 1024;

/** `seen`: when packs were last sent, ms since 1970, by a digest that names nobody's host; kept up to date. */
export function createCacheWatch(
  now: () => number = () => Date.now(),
  seen = new Map<string, number>(),
): CacheWatch {
  return {
    note({ id, model }, prefix, tokens, usage) {
      const key = createHash('sha256')
        .update(JSON.stringify([id, model, prefix]))
        .digest('base64url');
      const at = now();
      for (const [old, time] of seen) if (at - time > keptMs) seen.delete(old);
      const before = seen.get(key);
      seen.set(key, at);
      if (before === undefined || usage.cachedTokens !== 0 || tokens < smallestPrefix) return undefined;
      return { tokens, sinceMs: at - before };
    },
  };
}
