import assert from 'node:assert/strict';

import fc from 'fast-check';

import { createHttpFetch } from '../../../src/core/endpoint/httpFetch.ts';
import {
  measureLimit,
  type MeasureDeps,
  type Measurement,
  type MeasureProgress,
  type MeasureRequest,
} from '../../../src/core/endpoint/measureLimit.ts';
import { planMeasurement } from '../../../src/core/endpoint/measurePlan.ts';
import { isCancellation, LongviewError } from '../../../src/core/errors.ts';
import { startFake, type AnswerRequest, type Fake, type FakeOptions } from '../../fakes/index.ts';

/** A model that does as it is told: repeats the code words it has seen. */
const obedient = ({ prompt }: AnswerRequest) =>
  [...prompt.matchAll(/The (?:first|last) code word is (\w+)\./g)].map(m => m[1]).join(' ');

describe('measureLimit', function () {
  this.timeout(30_000);
  let fake: Fake;
  afterEach(() => fake.close());

  const start = async (options: FakeOptions) =>
    (fake = await startFake({ counter: 'chars4', answer: obedient, ...options }));

  async function measure(
    request: Partial<MeasureRequest>,
    deps: Partial<MeasureDeps> = {},
  ): Promise<Measurement & { readonly told: readonly MeasureProgress[] }> {
    const told: MeasureProgress[] = [];
    const endpoint = {
      config: { id: 'fake', baseUrl: fake.baseUrl, model: fake.model },
      kind: 'server',
      fetch: createHttpFetch(() => 60_000),
      apiKey: async () => undefined,
    } as const;
    const measurement = await measureLimit(
      endpoint,
      { high: 200_000, budgetTokens: 10_000_000, signal: new AbortController().signal, ...request },
      {
        gates: { pass: async () => undefined },
        countTokens: text => Math.ceil(text.length / 4),
        clock: { now: () => 0, sleep: async () => undefined },
        onProgress: p => told.push(p),
        ...deps,
      },
    );
    return { ...measurement, told };
  }

  /** The bracket holds the truth, narrowly. */
  function assertBrackets(m: Measurement, truth: number): void {
    assert.equal(m.stopped, 'precise');
    assert.ok(m.accepted <= truth && m.accepted >= truth * 0.985, `${m.accepted} accepted of ${truth}`);
    assert.ok(m.refused !== null && m.refused > truth && m.refused <= truth * 1.015, `${m.refused} refused`);
  }

  it('a refusal that names the limit settles it in a few requests', async () => {
    await start({ system: 'vllm', version: '0.10.0', contextTokens: 61_234 });
    const m = await measure({});
    assertBrackets(m, 61_234);
    assert.ok(m.requests <= 5, String(m.requests));
    assert.deepEqual(
      m.evidence.map(e => [e.source, e.source === 'refused' ? e.tokens : e.tokens <= 61_234]),
      [
        ['refused', 61_234],
        ['measured', true],
      ],
    );
    assert.match(m.evidence[1]!.detail, /accepted, \d+ refused \(\d+ requests, \d+ tokens\)/);
  });

  const hidden: [string, FakeOptions, number][] = [
    ['without numbers', { system: 'groq', contextTokens: 61_234, maxOutputTokens: 100 }, 61_234],
    ['without numbers, by another count', { system: 'groq', contextTokens: 61_234, tokenRatio: 1.3 }, 61_234],
    ['that counts far fewer', { system: 'groq', contextTokens: 61_234, tokenRatio: 0.7 }, 61_234],
    ['with a long template', { system: 'groq', contextTokens: 61_234, templateTokens: 400 }, 61_234],
    ['by a bucket that it can never pass', { system: 'openai', tokensPerMinute: 30_000 }, 30_000],
  ];
  for (const [name, options, truth] of hidden) {
    it(`a refusal ${name} is bracketed`, async () => {
      await start(options);
      const m = await measure({});
      assertBrackets(m, truth);
      assert.equal(m.evidence.at(-1)?.source, 'measured');
      const plan = planMeasurement({ low: 1000, high: 200_000, precision: 0.01 });
      assert.ok(m.requests <= plan.requests && m.spentTokens <= plan.tokens);
      const outputs = fake.chats().map(r => (r.body as { max_tokens: number }).max_tokens);
      assert.ok(
        outputs.slice(2, -1).every(n => n === 1),
        outputs.join(),
      );
    });
  }

  it('a body that is too large for a proxy is a limit too', async () => {
    await start({ system: 'openai', maxBodyBytes: 200_000, contextTokens: 1_000_000 });
    const m = await measure({});
    assert.equal(m.stopped, 'precise');
    assert.ok(m.accepted > 46_000 && m.accepted < 50_000, String(m.accepted));
  });

  for (const system of ['ollama', 'lmstudio', 'sglang'] as const) {
    it(`${system}: silent truncation is found by what was read`, async () => {
      await start({ system, contextTokens: 20_000, silentTruncation: true });
      const m = await measure({});
      assert.equal(m.truncates, true);
      assert.equal(m.stopped, 'precise');
      assert.ok(m.accepted <= 20_001 && m.accepted > 19_000, String(m.accepted));
      assert.match(m.evidence.at(-1)!.detail, /cut silently/);
    });
  }

  it('silent truncation that lies about what was read is found by the canaries', async () => {
    await start({ system: 'openai', contextTokens: 1_000_000 });
    const limit = 20_000 * 4;
    fake.configure({ answer: request => obedient({ ...request, prompt: request.prompt.slice(-limit) }) });
    const m = await measure({});
    assert.equal(m.truncates, true);
    assert.equal(m.checkedBy, 'canaries');
    assertBrackets(m, 20_000);
    const plan = planMeasurement({ low: 1000, high: 200_000, precision: 0.01 });
    assert.ok(m.requests <= plan.requests && m.spentTokens <= plan.tokens);
  });

  it('a model that repeats nothing proves nothing', async () => {
    await start({ system: 'groq', contextTokens: 61_234, answer: 'I cannot help with that.' });
    const m = await measure({});
    assertBrackets(m, 61_234);
    assert.equal(m.truncates, false);
    assert.equal(m.checkedBy, 'tokens');
  });

  it('the upper end of the range, accepted, is the end', async () => {
    await start({ system: 'openai', contextTokens: 1_000_000 });
    const m = await measure({ high: 50_000 });
    assert.deepEqual([m.stopped, m.refused, m.requests], ['precise', null, 4]);
    assert.ok(m.accepted > 49_500 && m.accepted <= 50_000);
    assert.match(m.evidence[0]!.detail, /more was not tried/);
  });

  it('stops by budget, before it is overdrawn, and then claims nothing', async () => {
    await start({ system: 'groq', contextTokens: 61_234 });
    const m = await measure({ budgetTokens: 40_000 });
    assert.equal(m.stopped, 'budget');
    assert.ok(m.spentTokens <= 40_000);
    assert.ok(m.accepted > 1000 && m.accepted <= 40_000, String(m.accepted));
    assert.deepEqual(m.evidence, []);
    const none = await measure({ budgetTokens: 100 });
    assert.deepEqual([none.stopped, none.requests, none.accepted], ['budget', 0, 0]);
  });

  it('keeps the bracket when the server fails', async () => {
    await start({ system: 'groq', contextTokens: 61_234 });
    let sent = 0;
    const m = await measure(
      {},
      { onProgress: p => p.kind === 'sending' && ++sent === 6 && fake.fail({ kind: 'drop' }) },
    );
    assert.equal(m.stopped, 'failed');
    assert.equal(m.failure?.code, 'unreachable');
    assert.ok(m.accepted > 1000 && m.refused !== null);
    assert.deepEqual(m.evidence, []);
  });

  it('waits for a busy server', async () => {
    await start({ system: 'groq', contextTokens: 61_234 });
    const waited: number[] = [];
    fake.fail({ kind: 'rate', retryAfterSeconds: 9 });
    const m = await measure({}, { clock: { now: () => 0, sleep: async ms => void waited.push(ms) } });
    assertBrackets(m, 61_234);
    assert.deepEqual(waited, [9000]);
  });

  it('says at once that the key is wrong', async () => {
    await start({ system: 'openai', apiKey: 'right' });
    await assert.rejects(measure({}), error => error instanceof LongviewError && error.code === 'auth');
  });

  it('can be cancelled', async () => {
    await start({ system: 'groq', contextTokens: 61_234 });
    const controller = new AbortController();
    let sent = 0;
    await assert.rejects(
      measure({ signal: controller.signal }, { onProgress: () => ++sent === 4 && controller.abort() }),
      isCancellation,
    );
  });
});

describe('planMeasurement', () => {
  it('grows with the range and shrinks with the precision', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 1e6 }), fc.integer({ min: 2, max: 1000 }), (low, times) => {
        const plan = (high: number, precision: number) => planMeasurement({ low, high, precision });
        const high = low * times;
        assert.ok(plan(high, 0.01).tokens >= 2 * high);
        assert.ok(plan(high, 0.05).requests <= plan(high, 0.01).requests);
        assert.ok(plan(high * 2, 0.01).tokens > plan(high, 0.01).tokens);
      }),
    );
  });

  it('refuses a range that is none', () => {
    for (const [low, high] of [
      [10, 100],
      [5000, 5000],
      [5000, 4000],
    ] as const)
      assert.throws(() => planMeasurement({ low, high, precision: 0.01 }), LongviewError);
  });
});
