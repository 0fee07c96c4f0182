import { LongviewError } from '../errors.ts';
import { streamChat } from './client.ts';
import { RefusalError } from './failure.ts';
import type { Gates } from './gates.ts';
import { waitFor, type Clock } from './retry.ts';
import { canaryHead, canaryTail, readCanary, type Canary } from './truncation.ts';
import type { Endpoint, Usage } from './types.ts';

/** How a request of a chosen size fared. */
export type ProbeOutcome =
  | {
      readonly kind: 'answered';
      /** Tokens the endpoint says it read; null where it does not tell. */
      readonly read: number | null;
      /** Which canaries the answer repeats. */
      readonly seen: { readonly first: boolean; readonly last: boolean };
    }
  | {
      readonly kind: 'refused';
      /** Tokens, where the refusal names them. */
      readonly limitTokens?: number;
      readonly scope?: 'total' | 'input';
      readonly error: RefusalError;
    };

export interface Probe {
  /** Tokens of the prompt by our own count. */
  readonly tokens: number;
  readonly maxTokens: number;
}

/** Filler that no filter minds: the same line over and over, which costs memory once. */
const line = 'Nothing of note.\n';
const blockLines = 16_384;

export interface Prober {
  /** Tokens of the smallest prompt there is. */
  readonly least: number;
  send(probe: Probe): Promise<ProbeOutcome>;
}

export interface ProberDeps {
  readonly gates: Gates;
  readonly countTokens: (text: string) => number | Promise<number>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly maxWaitMs: number;
  readonly onWait: (ms: number) => void;
}

const mostWaits = 5;

/** Sends prompts of any size between two canaries. Rejects for whatever is neither an answer nor about size. */
export async function createProber(endpoint: Endpoint, canary: Canary, deps: ProberDeps): Promise<Prober> {
  const encoder = new TextEncoder();
  const [head, tail] = [canaryHead(canary), canaryTail(canary)];
  // Counted in context: a hundred lines more are a hundred times a line.
  const frame = await deps.countTokens(head + line + tail);
  const perLine = ((await deps.countTokens(head + line.repeat(101) + tail)) - frame) / 100;
  const block = encoder.encode(line.repeat(blockLines));
  const lineBytes = line.length;

  function promptOf(tokens: number): Uint8Array[] {
    const lines = 1 + Math.max(0, Math.floor((tokens - frame) / perLine));
    const blocks = Array.from({ length: Math.floor(lines / blockLines) }, () => block);
    const rest = block.subarray(0, (lines % blockLines) * lineBytes);
    return [encoder.encode(head), ...blocks, rest, encoder.encode(tail)];
  }

  async function once({ tokens, maxTokens }: Probe): Promise<ProbeOutcome> {
    const messages = [{ role: 'user', content: promptOf(tokens) } as const];
    const request = { messages, maxTokens, files: 0, tokens };
    let text = '';
    let usage: Usage | undefined;
    try {
      for await (const event of streamChat(endpoint, request, deps.gates, deps.signal)) {
        if (event.kind === 'text') text += event.text;
        if (event.kind === 'usage') usage = event.usage;
      }
    } catch (error) {
      // Half an answer says as much about the prompt's size as a whole one.
      const answered = error instanceof LongviewError && error.code === 'incomplete-answer' && text !== '';
      if (!answered) throw error;
    }
    return { kind: 'answered', read: usage?.promptTokens ?? null, seen: readCanary(text, canary) };
  }

  return {
    least: Math.ceil(frame),
    async send(probe) {
      for (let waits = 0; ; waits++) {
        try {
          return await once(probe);
        } catch (error) {
          if (!(error instanceof RefusalError)) throw error;
          const wait = waits < mostWaits ? waitFor(error, deps.maxWaitMs) : undefined;
          if (wait === undefined) return refused(error);
          deps.onWait(wait);
          await deps.clock.sleep(wait, deps.signal);
        }
      }
    },
  };
}

/** Refusals about size, by tokens, by the minute's tokens, or by bytes. Throws the others. */
function refused(error: RefusalError): ProbeOutcome {
  const { kind, limitTokens, limitScope, permanent } = error.refusal;
  const aboutSize =
    kind === 'context' ||
    (kind === 'rate' && permanent === true) ||
    (kind === 'other' && error.raw.status === 413);
  if (!aboutSize) throw error;
  return {
    kind: 'refused',
    error,
    ...(limitTokens !== undefined && { limitTokens }),
    ...(limitScope !== undefined && { scope: limitScope }),
  };
}
