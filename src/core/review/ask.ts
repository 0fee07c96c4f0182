import { defaultMaxWaitMs, nextStep, noTries, systemClock, type NextStep } from '../endpoint/retry.ts';
import { truncationEvidence } from '../endpoint/truncation.ts';
import { LongviewError } from '../errors.ts';
import type { Answer, AskDeps, AskEvent, AskRequest } from './askTypes.ts';
import { attempt } from './attempt.ts';
import { prepare, refit, type Prepared } from './prepare.ts';

export type { Answer, AskDeps, AskEvent, AskRequest } from './askTypes.ts';

/**
 * The walk of one question: pack, gates, send, verify every anchor while it streams. An answer that breaks off ends
 * in `done` with `failure`, so that nothing that arrived is lost. Throws where nothing arrived, and when cancelled.
 *
 * A prompt is sent again only after a `waiting` or `refit` event has said so, and passes the gates again.
 */
export async function* ask(request: AskRequest, deps: AskDeps): AsyncGenerator<AskEvent> {
  const clock = deps.clock ?? systemClock;
  let prepared = await prepare(request, deps.measurer);
  yield { kind: 'prepared', prepared };
  let maxTokens = prepared.budget.answer;
  for (let tries = noTries; ;) {
    let refused: LongviewError;
    try {
      const answer = yield* attempt(request, prepared, maxTokens, deps);
      yield { kind: 'done', answer: concluded(answer, request, prepared, deps) };
      return;
    } catch (error) {
      if (!(error instanceof LongviewError)) throw error;
      refused = error;
    }
    const sent = { promptTokens: prepared.promptTokens, maxTokens, evidence: prepared.limit.evidence };
    const policy = { maxWaitMs: request.maxWaitMs ?? defaultMaxWaitMs, now: clock.now() };
    const step = nextStep(refused, sent, tries, policy);
    tell(step, request, deps);
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
      case 'refit': {
        tries = { ...tries, refits: tries.refits + 1 };
        const from = prepared.promptTokens;
        prepared = await refit(request, prepared, step, deps.measurer);
        maxTokens = Math.min(maxTokens, prepared.budget.answer);
        const to = prepared.promptTokens;
        yield { kind: 'refit', part: 'prompt', from, to, limit: step.evidence, why: refused };
        yield { kind: 'prepared', prepared };
      }
    }
  }
}

/** What was learned is told even where the ask fails. */
function tell(step: NextStep, { endpoint }: AskRequest, { onEvidence, onOutputLimit }: AskDeps): void {
  if ((step.kind === 'refit' || step.kind === 'shorten') && step.evidence !== undefined)
    onEvidence?.(endpoint, step.evidence);
  if (step.kind === 'shorten' && step.outputLimitTokens !== undefined)
    onOutputLimit?.(endpoint, step.outputLimitTokens);
}

function concluded(answer: Answer, { endpoint }: AskRequest, { pack }: Prepared, deps: AskDeps): Answer {
  const now = (deps.clock ?? systemClock).now();
  if (answer.truncation !== undefined)
    deps.onEvidence?.(endpoint, truncationEvidence(answer.truncation, now));
  const cacheWarning = deps.cacheWatch?.note(endpoint.config, pack.sha256, pack.tokens, answer.usage);
  return cacheWarning === undefined ? answer : { ...answer, cacheWarning };
}
