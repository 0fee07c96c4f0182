import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

import type { Endpoint } from '../endpoint/types.ts';
import { LongviewError } from '../errors.ts';
import type { Measurer } from '../pack/measurer.ts';
import type { Counting } from '../tokens/counting.ts';
import { modelFamily } from '../tokens/modelFamily.ts';
import type { RatioBook } from '../tokens/ratioStore.ts';
import type { OwnTokenizer } from '../tokens/tokenizerFile.ts';
import { countingFor } from './counting.ts';
import type { PrepareRequest } from './prepareTypes.ts';

/** The user's own tokenizer files, looked at again only where they changed. */
export interface Tokenizers {
  /** `path` is absolute, or starts with `~/`. Throws `bad-settings` with the reason it cannot count. */
  inspect(path: string): Promise<OwnTokenizer>;
}

/** Which file counts for an endpoint: its own, or for a Llama 4 model the one that is set for all of them. */
export function tokenizerPath(endpoint: Endpoint | null, ofLlama4?: string): string | undefined {
  if (endpoint?.kind !== 'server') return undefined;
  const { tokenizer, model } = endpoint.config;
  return tokenizer ?? (modelFamily(model) === 'llama4' ? ofLlama4 : undefined);
}

/**
 * How an endpoint's tokens are counted, with the user's own tokenizer at `path` where that can be done. Where it
 * cannot, the ask goes on with what is known without it, and `problem` says so. Throws only `signal.reason`.
 */
export async function countingWith(
  endpoint: Endpoint | null,
  path: string | undefined,
  { tokenizers, ratios }: { readonly tokenizers: Tokenizers; readonly ratios: Pick<RatioBook, 'samples'> },
  signal?: AbortSignal,
): Promise<Counting> {
  if (path === undefined) return countingFor(endpoint, undefined, ratios);
  try {
    const own = await tokenizers.inspect(path);
    signal?.throwIfAborted();
    return countingFor(endpoint, own, ratios);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof LongviewError)) throw error;
    return { ...countingFor(endpoint, undefined, ratios), problem: describeUnused(error) };
  }
}

function describeUnused({ message, remedy }: LongviewError): string {
  return `${message} So it is not used. ${remedy}`;
}

/**
 * Does work that counts, and where the user's tokenizer vanishes under it, does it again without: each worker loads
 * the file for itself, so it may be there for the first and gone for the next.
 */
export async function goingOn<R extends Pick<PrepareRequest, 'endpoint' | 'counting' | 'signal'>, T>(
  request: R,
  work: (request: R) => Promise<T>,
): Promise<T> {
  try {
    return await work(request);
  } catch (error) {
    request.signal?.throwIfAborted();
    if (!(error instanceof LongviewError) || error.code !== 'tokenizer-gone') throw error;
    const counting = { ...countingFor(request.endpoint), problem: describeUnused(error) };
    return work({ ...request, counting });
  }
}

export function createTokenizers(measurer: Pick<Measurer, 'inspectTokenizer'>): Tokenizers {
  const known = new Map<string, { readonly state: string; readonly looked: Promise<OwnTokenizer> }>();
  return {
    async inspect(path) {
      const absolute = absolutePath(path);
      const state = await stateOf(absolute);
      const before = known.get(absolute);
      if (before?.state === state) return before.looked;
      const looked = measurer.inspectTokenizer(absolute);
      known.set(absolute, { state, looked });
      // A worker that broke says nothing about the file.
      looked.catch((error: unknown) => {
        if (!(error instanceof LongviewError) && known.get(absolute)?.looked === looked)
          known.delete(absolute);
      });
      return looked;
    },
  };
}

function absolutePath(path: string): string {
  const whole = /^~[\\/]/.test(path) ? join(homedir(), path.slice(2)) : path;
  if (isAbsolute(whole)) return whole;
  throw new LongviewError(
    'bad-settings',
    `The tokenizer file ${path} is not named by its whole path.`,
    'Give the path from the root, or from ~/.',
  );
}

async function stateOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    throw new LongviewError(
      'bad-settings',
      `The tokenizer file ${path} could not be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Choose it again where it is now, or remove it from the settings.',
      error,
    );
  }
}
