import { performance } from 'node:perf_hooks';

import { streamChat } from '../endpoint/client.ts';
import type { PromptCounter } from '../endpoint/countTokens.ts';
import type { Gates } from '../endpoint/gates.ts';
import type { Endpoint, Usage } from '../endpoint/types.ts';
import { isCancellation, LongviewError } from '../errors.ts';
import type { Measurer } from '../pack/measurer.ts';
import { packText } from '../pack/render.ts';
import { createAnchorStream, type Anchor, type StreamPart } from './anchors.ts';
import { anchorChecker } from './checkAnchors.ts';
import { passOnce, prepareCounted } from './prepareCounted.ts';
import type { Prepared, PrepareRequest } from './prepare.ts';
import { buildMessages } from './prompt.ts';

/** What happens during an ask, in order; `text` and `anchor` parts together are the answer as written. */
export type AskEvent =
  /** The prompt is packed; the gauge can show it before anything is sent. */
  | { readonly kind: 'prepared'; readonly prepared: Prepared }
  | { readonly kind: 'text'; readonly text: string }
  /** `text` is how the model wrote it. */
  | { readonly kind: 'anchor'; readonly anchor: Anchor; readonly text: string }
  | { readonly kind: 'done'; readonly answer: Answer };

export interface Answer {
  /** As the model wrote it. */
  readonly text: string;
  readonly anchors: readonly Anchor[];
  readonly usage: Usage;
  /** `stop`, or why the model ended early, e.g. `length`. */
  readonly finishReason: string;
  /** Set where the answer broke off; `text` holds what arrived. */
  readonly failure?: LongviewError;
  readonly timings: { readonly firstToken: number | null; readonly total: number };
}

export interface AskRequest extends PrepareRequest {
  readonly endpoint: Endpoint;
  readonly signal: AbortSignal;
}

export interface AskDeps {
  readonly measurer: Measurer;
  readonly gates: Gates;
  /** Asks the endpoint to count the final prompt, where it can and that is cheap; its word is final. */
  readonly countPrompt?: PromptCounter;
  /** Told what the endpoint says it read of the prompt, to learn from (`learnFrom`). */
  readonly onUsage?: (usage: Usage, prepared: Prepared) => void;
}

/**
 * The walk of one question: pack, gates, send, verify every anchor while it streams. An answer that breaks off ends
 * in `done` with `failure`, so that nothing that arrived is lost. Throws where nothing arrived, and when cancelled.
 */
export async function* ask(request: AskRequest, deps: AskDeps): AsyncGenerator<AskEvent> {
  const gates = passOnce(deps.gates);
  const prepared = await prepareCounted(request, { ...deps, gates });
  yield { kind: 'prepared', prepared };
  const { pack, budget } = prepared;
  const chat = {
    messages: buildMessages(packText(pack), request.turns ?? [], request.question),
    maxTokens: budget.answer,
    files: pack.manifest.length,
    tokens: prepared.promptTokens,
  };
  const anchors: Anchor[] = [];
  const check = anchorChecker(prepared);
  const stream = createAnchorStream(prepared.inventory.files.map(f => f.path));
  let text = '';
  let usage: Usage = { promptTokens: null, cachedTokens: null, completionTokens: null };
  let finishReason = 'stop';
  let failure: LongviewError | undefined;
  let firstToken: number | null = null;
  const start = performance.now();

  const show = (parts: readonly StreamPart[]): AskEvent[] =>
    parts.map(part => {
      if (part.kind === 'text') return part;
      const anchor = check(part.mention);
      anchors.push(anchor);
      return { kind: 'anchor', anchor, text: part.text };
    });

  try {
    for await (const event of streamChat(request.endpoint, chat, gates, request.signal)) {
      switch (event.kind) {
        case 'text':
          firstToken ??= performance.now() - start;
          text += event.text;
          yield* show(stream.push(event.text));
          break;
        case 'usage':
          usage = event.usage;
          break;
        case 'end':
          finishReason = event.finishReason;
      }
    }
  } catch (error) {
    if (isCancellation(error) || text === '' || !(error instanceof LongviewError)) throw error;
    failure = error;
  }
  if (usage.promptTokens !== null) deps.onUsage?.(usage, prepared);
  yield* show(stream.end());
  const timings = { firstToken, total: performance.now() - start };
  yield {
    kind: 'done',
    answer: { text, anchors, usage, finishReason, timings, ...(failure !== undefined && { failure }) },
  };
}
