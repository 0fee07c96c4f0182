import { performance } from 'node:perf_hooks';

import { gatherEvidence, resolveLimit, windowToPlan } from '../endpoint/limit.ts';
import type { ContextLimit, Endpoint, LimitEvidence } from '../endpoint/types.ts';
import { LongviewError } from '../errors.ts';
import { computeBudget } from '../pack/budget.ts';
import {
  countersOwn,
  countingMeasurer,
  errorBoundOfFiles,
  inEndpointTokens,
} from '../pack/countingMeasurer.ts';
import type { Measurer } from '../pack/measurer.ts';
import { planWorkspace } from '../pack/planWorkspace.ts';
import type { Budget } from '../pack/types.ts';
import { giveWay, inTurns, pacer } from '../pace.ts';
import { takeInventory } from '../workspace/inventory.ts';
import { countSaid } from './conversation.ts';
import { countingFor } from './counting.ts';
import { planImages, settleImages, type ImagePlan } from './imagePlan.ts';
import { goingOn } from './ownTokenizer.ts';
import { packBasis } from './packBasis.ts';
import type { PackSession } from './packSession.ts';
import {
  planOptions,
  type Basis,
  type Prepared,
  type PrepareRequest,
  type RebaseReason,
  type Survey,
} from './prepareTypes.ts';
import { chatOverhead } from '../tokens/chatOverhead.ts';
import { instructions } from './prompt.ts';
import { frameTexts, textTokens, type SentText } from './texts.ts';

export * from './prepareTypes.ts';

/** Inventory, limit, budget and plan, without rendering. */
export async function survey(request: PrepareRequest, workers: Measurer): Promise<Survey> {
  return goingOn(request, async going => surveyOnce(going, workers));
}

async function surveyOnce(request: PrepareRequest, workers: Measurer): Promise<Survey> {
  const basis = await takeBasis(request, workers);
  const start = performance.now();
  const measurer = countingMeasurer(workers, basis.counting);
  const planned = async (budget: Budget | null) =>
    planWorkspace(basis.inventory, planOptions(request, budget?.room ?? null), measurer);
  let { budget, images } = basis;
  let plan = await planned(budget);
  if (budget !== null) {
    const before = budget;
    ({ budget, images } = await settleImages(images, budget, plan, measurer, request.signal));
    if (budget !== before) plan = await planned(budget);
  }
  return {
    ...basis,
    ...(images && { images }),
    budget,
    plan,
    timings: { ...basis.timings, plan: performance.now() - start },
  };
}

async function takeBasis(request: PrepareRequest, workers: Measurer): Promise<Basis> {
  const { endpoint, settings, signal, onProgress } = request;
  const counting = request.counting ?? countingFor(endpoint);
  const measurer = countingMeasurer(workers, counting);
  const take = request.takeInventory ?? takeInventory;
  const [{ inventory: counted, timings }, limit] = await Promise.all([
    take(
      request.folders,
      {
        maxFileBytes: settings.maxFileBytes,
        trusted: request.trusted,
        ...(request.ownOutputs && { ownOutputs: request.ownOutputs }),
        ...(signal && { signal }),
        ...(onProgress && { onProgress }),
      },
      countersOwn(workers, counting),
    ),
    request.limit ?? limitOf(request),
  ]);
  await giveWay(signal);
  const files = await inTurns(inEndpointTokens(counted.files, counting), pacer(signal));
  const inventory = { ...counted, files };
  const errorBound = await inTurns(errorBoundOfFiles(counting, counted.files), pacer(signal));
  const count = (text: string) => measurer.count(text, signal);
  const tokens = {
    instructions: (await count(instructions)) + chatOverhead(2),
    ...(await countSaid(request.turns ?? [], request.question, count)),
  };
  const safe = (request.texts ?? []).map(async ({ title, text }) => {
    return { title, text: (await workers.redact(title, text, signal)).text };
  });
  const texts = await frameTexts(
    await Promise.all(safe),
    limit.kind === 'known' ? limit.tokens : null,
    count,
  );
  const images = await planImages(request, inventory, limit, measurer);
  const budget = budgetFor(request, limit, { ...tokens, texts, images }, errorBound);
  const counter = { id: measurer.counterId, exact: counting.exact, errorBound, note: counting.note };
  return {
    endpoint,
    inventory,
    limit,
    budget,
    counter,
    counting,
    tokens,
    texts,
    ...(images && { images }),
    timings: { ...timings, plan: 0, render: 0 },
  };
}

async function limitOf({ endpoint, evidence, store, signal }: PrepareRequest): Promise<ContextLimit> {
  if (endpoint === null) return resolveLimit(evidence ?? []);
  const deps = { now: () => new Date(), ...(store && { store }) };
  return resolveLimit(await gatherEvidence(endpoint, signal, evidence, deps));
}

/** From the first question alone: what comes later uses the reserve, so that the pack stays the same prefix. */
function budgetFor(
  { endpoint, settings, turns = [] }: PrepareRequest,
  limit: ContextLimit,
  tokens: Basis['tokens'] & { readonly texts: readonly SentText[]; readonly images: ImagePlan | undefined },
  errorBound: number,
): Budget | null {
  if (endpoint !== null && limit.kind === 'unknown') return null;
  const { maxInputTokens, maxOutputTokens = Infinity } = limit;
  const wanted = Math.min(
    settings.answerTokens,
    endpoint?.config.maxOutputTokens ?? Infinity,
    maxOutputTokens,
  );
  // Where the prompt alone is limited, the answer gets a quarter of both together at most.
  const answer = maxInputTokens === undefined ? wanted : Math.min(wanted, Math.floor(maxInputTokens / 3));
  return computeBudget({
    limit: limit.kind === 'known' ? windowToPlan(limit, answer) : null,
    answer,
    instructions: tokens.instructions,
    question: tokens.question + (turns.length === 0 ? textTokens(tokens.texts) : 0),
    reserveShare: settings.reserveShare,
    errorBound,
    ...(tokens.images && { images: tokens.images.tokens }),
  });
}

/**
 * Everything that is sent. With `packs`, the pack of an earlier ask is used again, byte for byte, and what changed
 * follows it; `anew` says why not. Throws `limit-unknown` where there is an endpoint but no limit, `over-limit`,
 * `conversation-full`, and more.
 */
export async function prepare(
  request: PrepareRequest,
  measurer: Measurer,
  packs?: PackSession,
  anew?: RebaseReason,
): Promise<Prepared> {
  return goingOn(request, async going => {
    const basis = await takeBasis(going, measurer);
    if (basis.budget === null) throw limitUnknown(going.endpoint);
    return packBasis(going, { ...basis, budget: basis.budget }, measurer, packs, anew);
  });
}

/** What a refusal taught; see `nextStep`. */
export interface Learned {
  readonly evidence: LimitEvidence;
  /** By how much our count may be below the endpoint's, as a share of the limit. */
  readonly errorBound: number;
}

/** The same inventory, planned and packed anew for what a refusal taught. Throws what {@link prepare} throws. */
export async function refit(
  request: PrepareRequest,
  refused: Prepared,
  { evidence, errorBound }: Learned,
  measurer: Measurer,
  packs?: PackSession,
): Promise<Prepared> {
  const limit = resolveLimit([...refused.limit.evidence, evidence]);
  const bound = Math.max(refused.counter.errorBound, errorBound);
  const { inventory, counting, tokens, texts } = refused;
  const images = await planImages(request, inventory, limit, countingMeasurer(measurer, counting));
  const budget = budgetFor(request, limit, { ...tokens, texts, images }, bound);
  if (budget === null) throw limitUnknown(request.endpoint);
  const basis = { ...refused, limit, budget, ...(images && { images }) };
  return packBasis(request, basis, measurer, packs, { kind: 'limit' });
}

/** Nothing is sent over an unknown limit. */
export function limitUnknown(endpoint: Endpoint | null): LongviewError {
  const name = endpoint?.config.name ?? endpoint?.config.id ?? 'the endpoint';
  return new LongviewError(
    'limit-unknown',
    `The context limit of ${name} is unknown: its model list does not tell it, so nothing was sent.`,
    'Give its "contextLimit" in the endpoint’s settings (CLI: --limit N; "longview limit" shows what is known).',
  );
}
