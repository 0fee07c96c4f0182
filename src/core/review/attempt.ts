import { performance } from 'node:perf_hooks';

import { streamChat } from '../endpoint/client.ts';
import { findTruncation } from '../endpoint/truncation.ts';
import type { Usage } from '../endpoint/types.ts';
import { isCancellation, LongviewError } from '../errors.ts';
import { pacer } from '../pace.ts';
import { countRedacted } from '../pack/secretsReport.ts';

import { createAnchorStream, type Anchor, type StreamPart } from './anchors.ts';
import type { Answer, AskDeps, AskEvent, AskRequest } from './askTypes.ts';
import { anchorChecker } from './checkAnchors.ts';
import { sendingImages } from './imagePlan.ts';
import { pathsOf, preparePathIndex } from './pathIndex.ts';
import type { Prepared } from './prepare.ts';
import { buildMessages } from './prompt.ts';

/**
 * Sends a prepared prompt once and verifies every anchor while the answer streams. Throws where nothing arrived, and
 * when cancelled; an answer that breaks off is returned with its `failure`.
 */
export async function* attempt(
  request: AskRequest,
  prepared: Prepared,
  maxTokens: number,
  deps: AskDeps,
): AsyncGenerator<AskEvent, Answer> {
  const { pack, promptTokens, addition } = prepared;
  const asked = { question: request.question, before: addition.segments };
  const added = [...prepared.overlaid.keys()].filter(path => pack.manifest.indexOf(path) === undefined);
  const images = sendingImages(prepared);
  const chat = {
    messages: buildMessages(pack.pieces, prepared.turns, asked, prepared.sentImages),
    maxTokens,
    files: pack.manifest.length + added.length,
    tokens: promptTokens,
    redacted: countRedacted(prepared.inventory.files, pack.manifest),
    ...(images && { images }),
  };
  const anchors: Anchor[] = [];
  const check = anchorChecker(prepared, request.settings.maxFileBytes, deps);
  const paths = pathsOf(prepared.inventory.files);
  await preparePathIndex(paths, pacer(request.signal));
  const stream = createAnchorStream(paths);
  let text = '';
  let usage: Usage = { promptTokens: null, cachedTokens: null, completionTokens: null };
  let finishReason = 'stop';
  let failure: LongviewError | undefined;
  let firstToken: number | null = null;
  const start = performance.now();

  // What arrived at one go is read without the event loop in between: a fast server must not hold it.
  const breathe = pacer(undefined);

  async function* show(parts: readonly StreamPart[]): AsyncGenerator<AskEvent> {
    for (const part of parts) {
      await breathe();
      if (part.kind === 'text') {
        yield part;
        continue;
      }
      const anchor = await check(part.mention);
      anchors.push(anchor);
      yield { kind: 'anchor', anchor, text: part.text };
    }
  }

  try {
    for await (const event of streamChat(request.endpoint, chat, deps.gates, request.signal)) {
      await breathe();
      switch (event.kind) {
        case 'text':
          firstToken ??= performance.now() - start;
          text += event.text;
          for (const piece of piecesOf(event.text)) yield* show(stream.push(piece));
          break;
        case 'usage':
          usage = event.usage;
          break;
        case 'end':
          finishReason = event.finishReason;
      }
    }
  } catch (error) {
    if (isCancellation(error)) yield* show(stream.end());
    if (isCancellation(error) || text === '' || !(error instanceof LongviewError)) throw error;
    failure = error;
  }
  yield* show(stream.end());
  // Images are counted as high as they may be: of those a host scales down, it says so in no other way.
  const surely = promptTokens - (prepared.images?.tokens ?? 0);
  const truncation = findTruncation(surely, usage, prepared.counter.errorBound);
  if (truncation !== undefined) failure ??= truncated(truncation);
  else if (text === '' && finishReason === 'length') failure ??= wordless();
  return {
    text,
    anchors,
    usage,
    finishReason,
    timings: { firstToken, total: performance.now() - start },
    ...(failure !== undefined && { failure }),
    ...(truncation !== undefined && { truncation }),
  };
}

/** UTF-16 units read at a time. */
const longestPiece = 4096;

/** A server that does not stream sends its whole answer as one text. */
function* piecesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    let to = from + longestPiece;
    // A character of two units stays whole.
    if (/[\uD800-\uDBFF]/.test(text.charAt(to - 1))) to++;
    yield text.slice(from, to);
    from = to;
  }
}

function truncated({ sent, read }: { sent: number; read: number }): LongviewError {
  return new LongviewError(
    'truncated-prompt',
    `The endpoint read only ${read} of about ${sent} tokens and threw the rest away without saying so: this is no answer about the whole workspace.`,
    'Ask again, now sized to what it reads; or raise the server’s window (Ollama: num_ctx).',
  );
}

/** Old vLLM's way of saying that the prompt fills the window (reference/endpoints.md 0.5). */
function wordless(): LongviewError {
  return new LongviewError(
    'incomplete-answer',
    'The endpoint ended for length before the first word: the prompt leaves no room in its real window, or the model used up the answer’s tokens for thinking.',
    'Lower the endpoint’s "contextLimit", or raise the tokens kept for the answer.',
  );
}
