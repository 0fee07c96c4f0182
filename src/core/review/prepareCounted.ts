import { countRedacted } from '../pack/secretsReport.ts';
import { cheapBytes, type PromptCounter } from '../endpoint/countTokens.ts';
import type { Gates } from '../endpoint/gates.ts';
import { textOf, type PromptMessage } from '../endpoint/promptBody.ts';
import type { ChatMessage, Endpoint } from '../endpoint/types.ts';
import { LongviewError } from '../errors.ts';
import type { Measurer } from '../pack/measurer.ts';
import type { PackSession } from './packSession.ts';
import { sendingImages } from './imagePlan.ts';
import { prepare, type Prepared, type PrepareRequest } from './prepare.ts';
import { buildMessages } from './prompt.ts';

export interface CountedDeps {
  readonly measurer: Measurer;
  readonly gates: Gates;
  readonly countPrompt?: PromptCounter;
  /** Packs of earlier asks, to be used again. */
  readonly packs?: PackSession;
}

/** Each round fits the plan to what the endpoint said of the one before; the second fits but for a hair. */
const mostRounds = 3;
/** Files differ in how far their estimates are off, so a smaller pack may have a slightly other ratio. */
const spare = 0.005;

/**
 * Prepares, and asks the endpoint to count the prompt, where it can and that is cheap. Its word is final: it is what
 * `promptTokens` says, and where the prompt would overflow by it, the plan is made anew. Throws as `prepare` does.
 */
export async function prepareCounted(
  request: PrepareRequest & { readonly endpoint: Endpoint; readonly signal: AbortSignal },
  { measurer, gates, countPrompt, packs }: CountedDeps,
): Promise<Prepared> {
  let counting = request.counting;
  for (let round = 1; ; round++) {
    const anew = round === 1 ? undefined : ({ kind: 'limit' } as const);
    const prepared = await prepare({ ...request, ...(counting && { counting }) }, measurer, packs, anew);
    // Larger prompts are not counted there, so they need not become strings for it.
    if (countPrompt === undefined || prepared.pack.bytes > cheapBytes) return prepared;
    const { promptTokens: ownTokens, budget, pack } = prepared;
    const asked = { question: request.question, before: prepared.addition.segments };
    const messages = buildMessages(pack.pieces, prepared.turns, asked, prepared.sentImages).map(asText);
    const imageTokens = prepared.images?.tokens ?? 0;
    const images = sendingImages(prepared);
    const prompt = {
      endpoint: request.endpoint,
      messages,
      files: pack.manifest.length,
      tokens: ownTokens,
      redacted: countRedacted(prepared.inventory.files, pack.manifest),
      ...(images && { images }),
    };
    const counted = await countPrompt(prompt, gates, request.signal);
    if (counted.kind === 'uncounted') return prepared;
    const { by } = counted;
    // Text alone is counted there, the names of images too.
    const tokens = counted.tokens + imageTokens;
    if (budget.limit === null || tokens + budget.answer <= budget.limit) {
      const note = `Counted by the endpoint itself (${by})${imageTokens > 0 ? ', but for the images' : ''}.`;
      const counter = { id: 'endpoint', exact: imageTokens === 0, errorBound: 0, note };
      return { ...prepared, promptTokens: tokens, ownTokens, counter };
    }
    if (round === mostRounds) throw overLimit(tokens, budget.answer, budget.limit);
    const ratio = counted.tokens / Math.max(1, ownTokens - imageTokens);
    const factor = prepared.counting.factor * ratio * (1 + spare);
    counting = { ...prepared.counting, factor, exact: false };
  }
}

function asText(message: PromptMessage): ChatMessage {
  return { role: message.role, content: textOf(message) };
}

/** Counting and asking are one send to the user: agreed once, unless it has grown by more than a tenth since. */
export function passOnce(gates: Gates): Gates {
  let agreed = 0;
  return {
    async pass(sending, signal) {
      if (agreed > 0 && sending.tokens <= agreed * 1.1) return;
      await gates.pass(sending, signal);
      agreed = sending.tokens;
    },
  };
}

function overLimit(tokens: number, answer: number, limit: number): LongviewError {
  return new LongviewError(
    'over-limit',
    `By the endpoint’s own count the prompt takes ${tokens} tokens, and ${answer} are kept for the answer; the context limit is ${limit}.`,
    'Start a new chat, or choose an endpoint with a larger window.',
  );
}
