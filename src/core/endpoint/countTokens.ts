import { LongviewError } from '../errors.ts';
import { findWay, type CountingWay } from './countingWays.ts';
import { sendingOf, type Gates, type Sending } from './gates.ts';
import type { ChatMessage, Endpoint } from './types.ts';

/** A prompt as it would be sent. */
export interface CountedPrompt {
  readonly endpoint: Endpoint;
  readonly messages: readonly ChatMessage[];
  /** For the gates; see `Sending`. */
  readonly files: number | null;
  readonly tokens: number;
  readonly redacted?: number;
  /** What goes along with the question, and not with its count: it is agreed to once. */
  readonly images?: Sending['images'];
}

export type EndpointCount =
  | {
      readonly kind: 'counted';
      /** Tokens of the prompt, chat template included. */
      readonly tokens: number;
      /** Where it was asked, e.g. `/tokenize`. */
      readonly by: string;
    }
  /** The endpoint was not asked, or could not tell; our own count stands. */
  | { readonly kind: 'uncounted'; readonly why: string };

/** Asks an endpoint to count; remembers how each one is asked. */
export type PromptCounter = (
  prompt: CountedPrompt,
  gates: Gates,
  signal: AbortSignal,
) => Promise<EndpointCount>;

/** A prompt is sent a second time to be counted, so only where that costs about as much as a page does. Bytes. */
export const cheapBytes = 1_000_000;
/** A server that takes longer to count than this does not count cheaply. Milliseconds, for finding out and counting. */
const patience = 20_000;

/**
 * Sending a prompt to be counted is sending source: the gates are passed first. How the endpoint counts is found
 * out once, with a prompt of one letter. A failure is no error: the ask itself will meet it, and say it better.
 * Throws what the gates throw, and `signal.reason`.
 */
export function createPromptCounter(): PromptCounter {
  const ways = new Map<string, CountingWay | null>();

  return async (prompt, gates, signal) => {
    const { endpoint, messages } = prompt;
    if (endpoint.kind !== 'server') return uncounted('it is read inside Longview');
    const bytes = messages.reduce((sum, m) => sum + Buffer.byteLength(m.content), 0);
    if (bytes > cheapBytes) return uncounted('the prompt is too large to be sent twice');
    await gates.pass(sendingOf(endpoint, prompt), signal);
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
      const way = await wayOf(endpoint, limited);
      if (way === null) return uncounted('the endpoint counts for nobody');
      if (bytes > way.mostBytes) return uncounted(`the prompt is too large for ${way.name}`);
      const tokens = await way.count(endpoint, messages, limited);
      return tokens === undefined
        ? uncounted(`${way.name} gave no number`)
        : { kind: 'counted', tokens, by: way.name };
    } catch (error) {
      signal.throwIfAborted();
      // A key that is not there, a server that is not there: the ask meets it next.
      return uncounted(error instanceof LongviewError ? error.message : 'the endpoint could not be asked');
    }
  };

  async function wayOf(endpoint: Endpoint, signal: AbortSignal): Promise<CountingWay | null> {
    const key = JSON.stringify([endpoint.config.baseUrl, endpoint.config.model]);
    const known = ways.get(key);
    if (known !== undefined) return known;
    const way = (await findWay(endpoint, signal)) ?? null;
    ways.set(key, way);
    return way;
  }
}

function uncounted(why: string): EndpointCount {
  return { kind: 'uncounted', why };
}
