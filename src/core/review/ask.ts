import {
  defaultMaxWaitMs,
  nextStep,
  noTries,
  systemClock,
  type NextStep,
  type SentPrompt,
} from '../endpoint/retry.ts';
import { noteImagesRefused } from '../endpoint/imageSupport.ts';
import { truncationEvidence } from '../endpoint/truncation.ts';
import { LongviewError } from '../errors.ts';
import type { Answer, AskDeps, AskEvent, AskRequest } from './askTypes.ts';
import { attempt } from './attempt.ts';
import { withoutImages } from './imagePlan.ts';
import { refit, type Prepared } from './prepare.ts';
import { passOnce, prepareCounted } from './prepareCounted.ts';

export type { Answer, AskDeps, AskEvent, AskRequest } from './askTypes.ts';

/**
 * The walk of one question: pack, gates, send, verify every anchor while it streams. An answer that breaks off ends
 * in `done` with `failure`, so that nothing that arrived is lost. Throws where nothing arrived, and when cancelled.
 *
 * A prompt is sent again only after a `waiting` or `refit` event has said so, and passes the gates again.
 */
export async function* ask(request: AskRequest, deps: AskDeps): AsyncGenerator<AskEvent> {
  const clock = deps.clock ?? systemClock;
  // Counting and asking are one send to the user.
  const gates = passOnce(deps.gates);
  let prepared = await prepareCounted(request, { ...deps, gates });
  const { packed, droppedTurns } = prepared;
  if (packed.kind === 'fresh' && packed.rebased !== undefined)
    yield { kind: 'rebased', reason: packed.rebased };
  if (droppedTurns > 0) yield { kind: 'dropped', turns: droppedTurns };
  yield { kind: 'prepared', prepared };
  let maxTokens = prepared.budget.answer;
  for (let tries = noTries; ;) {
    let refused: LongviewError;
    try {
      const answer = yield* attempt(request, prepared, maxTokens, { ...deps, gates });
      yield { kind: 'done', answer: await conclude(answer, request, prepared, deps) };
      return;
    } catch (error) {
      if (!(error instanceof LongviewError)) throw error;
      refused = error;
    }
    const sent = { promptTokens: prepared.promptTokens, maxTokens, evidence: prepared.limit.evidence };
    const policy = { maxWaitMs: request.maxWaitMs ?? defaultMaxWaitMs, now: clock.now() };
    const step = nextStep(refused, sent, tries, policy);
    await keep(step, request, deps);
    switch (step.kind) {
      case 'fail':
        throw refused;
      case 'wait':
        tries = { ...tries, waits: tries.waits + 1 };
        yield { kind: 'waiting', ms: step.ms, untilMs: policy.now + step.ms, why: refused };
        await clock.sleep(step.ms, request.signal);
        break;
      case 'shorten':
        tries = { ...tries, shortened: tries.shortened + 1 };
        yield {
          kind: 'refit',
          part: 'answer',
          from: maxTokens,
          to: step.maxTokens,
          ...(step.evidence !== undefined && { limit: step.evidence }),
          why: refused,
        };
        maxTokens = step.maxTokens;
        break;
      case 'without-images':
        tries = { ...tries, plain: true };
        noteImagesRefused(request.endpoint.config);
        yield { kind: 'without-images', images: prepared.sentImages.length, why: refused };
        prepared = withoutImages(prepared, refused.message);
        yield { kind: 'prepared', prepared };
        break;
      case 'refit': {
        tries = { ...tries, refits: tries.refits + 1 };
        const from = prepared.promptTokens;
        prepared = await refit(request, prepared, step, deps.measurer, deps.packs);
        maxTokens = Math.min(maxTokens, prepared.budget.answer);
        const to = prepared.promptTokens;
        yield { kind: 'refit', part: 'prompt', from, to, limit: step.evidence, why: refused };
        yield { kind: 'prepared', prepared };
      }
    }
  }
}

/** For prompts that others write, and that cannot be made smaller here: what their refusal says of the limit is kept. */
export async function learnFromRefusal(
  error: unknown,
  sent: SentPrompt,
  request: Pick<AskRequest, 'endpoint' | 'store'>,
  deps: Pick<AskDeps, 'onEvidence' | 'onOutputLimit'> & { readonly now: number },
): Promise<void> {
  await keep(nextStep(error, sent, noTries, { maxWaitMs: 0, now: deps.now }), request, deps);
}

/** What was learned is kept even where the ask fails. */
async function keep(
  step: NextStep,
  { endpoint, store }: Pick<AskRequest, 'endpoint' | 'store'>,
  deps: Pick<AskDeps, 'onEvidence' | 'onOutputLimit'>,
): Promise<void> {
  if ((step.kind === 'refit' || step.kind === 'shorten') && step.evidence !== undefined) {
    deps.onEvidence?.(endpoint, step.evidence);
    await store?.add(endpoint.config, [step.evidence]);
  }
  if (step.kind === 'shorten' && step.outputLimitTokens !== undefined)
    deps.onOutputLimit?.(endpoint, step.outputLimitTokens);
}

async function conclude(
  answer: Answer,
  { endpoint, store }: AskRequest,
  prepared: Prepared,
  deps: AskDeps,
): Promise<Answer> {
  const { pack } = prepared;
  const now = (deps.clock ?? systemClock).now();
  const { truncation, usage } = answer;
  // What was cut away says nothing about how the endpoint counts.
  // Nor does a prompt with images say how it counts text.
  if (truncation === undefined && usage.promptTokens !== null && prepared.sentImages.length === 0)
    deps.onUsage?.(usage, prepared);
  if (truncation !== undefined) {
    const evidence = truncationEvidence(truncation, now);
    deps.onEvidence?.(endpoint, evidence);
    await store?.add(endpoint.config, [evidence]);
  } else if (usage.promptTokens !== null && answer.text !== '') {
    await store?.accept(endpoint.config, { tokens: usage.promptTokens, at: new Date(now).toISOString() });
  }
  const cacheWarning = deps.cacheWatch?.note(endpoint.config, pack.sha256, pack.tokens, usage);
  return cacheWarning === undefined ? answer : { ...answer, cacheWarning };
}
