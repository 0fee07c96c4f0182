import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { createHttpFetch } from '../../../src/core/endpoint/httpFetch.ts';
import { createCacheWatch } from '../../../src/core/endpoint/prefixCache.ts';
import type { Clock } from '../../../src/core/endpoint/retry.ts';
import type { Endpoint, LimitEvidence } from '../../../src/core/endpoint/types.ts';
import { isCancellation, LongviewError } from '../../../src/core/errors.ts';
import { createMeasurer, type Measurer } from '../../../src/core/pack/measurer.ts';
import {
  ask,
  type Answer,
  type AskDeps,
  type AskEvent,
  type AskRequest,
} from '../../../src/core/review/ask.ts';
import { defaultPromptSettings } from '../../../src/core/review/prepare.ts';
import { startFake, systemNames, type Fake, type FakeOptions, type SystemName } from '../../fakes/index.ts';

describe('an ask that is refused', function () {
  this.timeout(30_000);
  let measurer: Measurer;
  let folder: string;
  let fake: Fake;

  before(async () => {
    measurer = createMeasurer(resolve('dist/measureWorker.js'));
    folder = await mkdtemp(join(tmpdir(), 'longview-refit-'));
    for (let i = 0; i < 12; i++)
      await writeFile(
        join(folder, `f${i}.ts`),
        `export const v${i} = 'some words to fill a line';\n`.repeat(50),
      );
  });
  after(async () => {
    await measurer.dispose();
    await rm(folder, { recursive: true });
  });
  afterEach(() => fake.close());

  const start = async (options: FakeOptions) => (fake = await startFake({ answer: 'Fine.', ...options }));

  /** About 8,000 tokens of files. The user believes in `limit`. */
  interface Run {
    readonly events: AskEvent[];
    readonly evidence: LimitEvidence[];
    readonly answer?: Answer;
    readonly error?: unknown;
    readonly waited: number[];
  }

  async function run(
    limit: number,
    changes: Partial<AskRequest> & Partial<Pick<AskDeps, 'cacheWatch' | 'clock'>> = {},
  ): Promise<Run> {
    const endpoint: Endpoint = {
      config: { id: 'fake', baseUrl: fake.baseUrl, model: fake.model, provider: 'custom' },
      kind: 'server',
      fetch: createHttpFetch(() => 60_000),
      apiKey: async () => undefined,
    };
    const waited: number[] = [];
    const clock: Clock = { now: () => 1_000_000, sleep: async ms => void waited.push(ms) };
    const evidence: LimitEvidence[] = [];
    const request: AskRequest = {
      folders: [{ name: 'project', path: folder }],
      trusted: true,
      endpoint,
      evidence: [{ source: 'served', tokens: limit, at: '2999-01-01T00:00:00Z', detail: 'believed' }],
      question: 'What is here?',
      settings: { ...defaultPromptSettings, answerTokens: 1000 },
      signal: new AbortController().signal,
      ...changes,
    };
    const events: AskEvent[] = [];
    const outcome = { events, evidence, waited };
    const { cacheWatch } = changes;
    try {
      for await (const event of ask(request, {
        measurer,
        gates: { pass: async () => undefined },
        clock: changes.clock ?? clock,
        onEvidence: (_, e) => evidence.push(e),
        ...(cacheWatch && { cacheWatch }),
      }))
        events.push(event);
    } catch (error) {
      return { ...outcome, error };
    }
    const done = events.at(-1);
    assert.ok(done?.kind === 'done');
    return { ...outcome, answer: done.answer };
  }

  const of = <K extends AskEvent['kind']>(events: readonly AskEvent[], kind: K) =>
    events.filter((e): e is Extract<AskEvent, { kind: K }> => e.kind === kind);
  const maxTokens = (n: number) => (fake.chats()[n]?.body as { max_tokens: number }).max_tokens;

  /** The retired one answers nothing; Bedrock’s Converse has a client of its own. */
  const strangers: readonly SystemName[] = ['meta-retired', 'bedrock'];
  /** They refuse without naming the limit. */
  const numberless: readonly SystemName[] = ['groq', 'ollama'];

  for (const system of systemNames.filter(s => !strangers.includes(s))) {
    it(`${system}: the refusal becomes evidence, and a smaller pack is sent once more`, async () => {
      await start({ system, contextTokens: 6000, maxOutputTokens: 2000, silentTruncation: false });
      const { events, evidence, answer, error } = await run(20_000);
      assert.ifError(error);
      assert.equal(answer?.text, 'Fine.');
      assert.equal(answer.failure, undefined);
      assert.equal(fake.chats().length, 2);
      const prepared = of(events, 'prepared').map(e => e.prepared);
      assert.equal(prepared.length, 2);
      assert.ok(prepared[1]!.promptTokens < prepared[0]!.promptTokens);
      const [refit] = of(events, 'refit');
      assert.equal(refit?.part, 'prompt');
      assert.equal(refit.why.code, 'over-limit');
      assert.deepEqual(
        events.map(e => e.kind).slice(0, 3),
        ['prepared', 'refit', 'prepared'],
        'the user is told before the prompt goes out again',
      );
      assert.equal(evidence.length, 1);
      assert.equal(evidence[0]?.source, 'refused');
      const { tokens } = evidence[0];
      if (numberless.includes(system)) {
        assert.ok(tokens <= 6000, String(tokens));
        assert.match(evidence[0].detail, /without naming/);
      } else {
        // DeepInfra names the most a prompt may have; Cloudflare counts in its own way.
        assert.ok(tokens >= 5000 && tokens <= 6000, `${system}: ${tokens}`);
        assert.equal(prepared[1]!.limit.kind === 'known' && prepared[1]!.limit.source, 'refused');
      }
    });
  }

  it('a count far below the endpoint’s is made up for', async () => {
    await start({ system: 'vllm', version: '0.10.0', contextTokens: 8000, tokenRatio: 1.4 });
    const { answer, evidence, events } = await run(12_000);
    assert.equal(answer?.text, 'Fine.');
    assert.equal(evidence[0]?.tokens, 8000);
    const second = of(events, 'prepared')[1]!.prepared;
    assert.ok(second.promptTokens * 1.4 + maxTokens(1) <= 8000);
    assert.ok(second.promptTokens * 1.4 > 4000, 'but no more than is needed is dropped');
  });

  it('the right limit with too low a count: the same window, a smaller pack', async () => {
    await start({ system: 'vllm', version: '0.10.0', contextTokens: 11_000, tokenRatio: 1.3 });
    const { answer, events } = await run(11_000);
    assert.equal(answer?.text, 'Fine.');
    const [first, second] = of(events, 'prepared').map(e => e.prepared);
    assert.ok(second!.promptTokens < first!.promptTokens);
  });

  it('a refusal after the re-fit ends the ask: never a third upload', async () => {
    await start({ system: 'openai', contextTokens: 20_000 });
    fake.failAlways({ kind: 'overflow', limitTokens: 6000 });
    const { error, evidence } = await run(20_000);
    assert.ok(error instanceof LongviewError && error.code === 'over-limit');
    assert.match(error.message, /6000/);
    assert.equal(fake.chats().length, 2);
    assert.equal(evidence.length, 1);
  });

  const outputs: [SystemName, number][] = [
    ['openai', 300],

    ['vertex', 300],
  ];
  for (const [system, most] of outputs) {
    it(`${system}: only the answer was too long, so it shrinks and no file goes`, async () => {
      await start({ system, contextTokens: 50_000, maxOutputTokens: most });
      const { events, answer, evidence } = await run(20_000);
      assert.equal(answer?.failure, undefined);
      assert.deepEqual([maxTokens(0), maxTokens(1)], [1000, most]);
      assert.equal(of(events, 'prepared').length, 1);
      const [refit] = of(events, 'refit');
      assert.deepEqual([refit?.part, refit?.from, refit?.to], ['answer', 1000, most]);
      assert.deepEqual(evidence, []);
      const bodies = fake.chats().map(r => (r.body as { messages: unknown }).messages);
      assert.deepEqual(bodies[0], bodies[1], 'the same prompt');
    });
  }

  it('input alone fits: the answer shrinks, the limit is kept as evidence', async () => {
    await start({ system: 'openrouter', contextTokens: 12_500 });
    const settings = { ...defaultPromptSettings, answerTokens: 5000 };
    const { events, answer, evidence } = await run(40_000, { settings });
    assert.equal(answer?.text, 'Fine.');
    assert.equal(of(events, 'refit')[0]?.part, 'answer');
    assert.ok(maxTokens(1) >= 1024 && maxTokens(1) < 5000);
    assert.equal(evidence[0]?.tokens, 12_500);
  });

  it('a busy endpoint is waited for, visibly, and asked again', async () => {
    await start({ system: 'openai', contextTokens: 50_000 });
    fake.fail({ kind: 'rate', retryAfterSeconds: 7 });
    const { events, answer, waited } = await run(20_000);
    assert.equal(answer?.text, 'Fine.');
    const [waiting] = of(events, 'waiting');
    assert.deepEqual([waiting?.ms, waiting?.untilMs, waiting?.why.code], [7000, 1_007_000, 'rate-limited']);
    assert.deepEqual(waited, [7000]);
  });

  it('waits no third time', async () => {
    await start({ system: 'openai', contextTokens: 50_000 });
    fake.failAlways({ kind: 'rate', retryAfterSeconds: 7 });
    const { error, waited } = await run(20_000);
    assert.ok(error instanceof LongviewError && error.code === 'rate-limited');
    assert.deepEqual(waited, [7000, 7000]);
    assert.equal(fake.chats().length, 3);
  });

  const noWaits: [string, Partial<FakeOptions>, RegExp][] = [
    ['longer than the user allows', { faults: [{ kind: 'rate', retryAfterSeconds: 300 }] }, /5 minutes/],
    ['in vain', { tokensPerMinute: 5000 }, /Waiting does not help/],
  ];
  for (const [name, options, remedy] of noWaits) {
    it(`does not wait ${name}`, async () => {
      await start({ system: 'openai', contextTokens: 50_000, ...options });
      const { error, waited } = await run(20_000);
      assert.ok(error instanceof LongviewError && error.code === 'rate-limited', String(error));
      assert.match(error.remedy, remedy);
      assert.deepEqual(waited, []);
      assert.equal(fake.chats().length, 1);
    });
  }

  it('cancelled while it waits, it sends nothing more', async () => {
    await start({ system: 'openai', contextTokens: 50_000 });
    fake.fail({ kind: 'rate', retryAfterSeconds: 7 });
    const controller = new AbortController();
    const clock: Clock = {
      now: () => 0,
      sleep: async (_, signal) => {
        controller.abort();
        signal.throwIfAborted();
      },
    };
    const { error } = await run(20_000, { signal: controller.signal, clock });
    assert.ok(isCancellation(error), String(error));
    assert.equal(fake.chats().length, 1);
  });

  for (const system of ['ollama', 'lmstudio', 'sglang'] as const) {
    it(`${system}: a prompt that was silently cut is no answer about the workspace`, async () => {
      await start({ system, contextTokens: 4000, silentTruncation: true });
      const first = await run(20_000);
      assert.equal(first.answer?.failure?.code, 'truncated-prompt');
      const { truncation } = first.answer;
      assert.ok(truncation !== undefined && truncation.read <= 4000 && truncation.sent > 7000);
      assert.equal(first.evidence[0]?.source, 'measured');
      const second = await run(20_000, { evidence: first.evidence });
      assert.equal(second.answer?.failure, undefined);
      assert.equal(fake.chats().at(-1)?.readTokens, fake.chats().at(-1)?.promptTokens);
    });
  }

  it('says when a second question over the same pack met no cache', async () => {
    await start({ system: 'openai', contextTokens: 50_000, reportsCache: true });
    let now = 0;
    const cacheWatch = createCacheWatch(() => now);
    assert.equal((await run(20_000, { cacheWatch })).answer?.cacheWarning, undefined);
    now = 60_000;
    const hit = await run(20_000, { cacheWatch, question: 'And now?' });
    assert.ok((hit.answer?.usage.cachedTokens ?? 0) > 5000);
    assert.equal(hit.answer?.cacheWarning, undefined);
    await fake.close();
    await start({ system: 'openai', contextTokens: 50_000, reportsCache: true });
    const missed = await run(20_000, { cacheWatch, question: 'And then?' });
    assert.equal(missed.answer?.usage.cachedTokens, 0);
    assert.equal(missed.answer.cacheWarning?.sinceMs, 0);
  });

  it('a first token that never comes, for length, is no answer', async () => {
    await start({ system: 'vllm', contextTokens: 50_000 });
    fake.fail({ kind: 'empty-length' });
    const { answer } = await run(20_000);
    assert.equal(answer?.failure?.code, 'incomplete-answer');
  });
});
