import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { createPromptCounter } from '../../../src/core/endpoint/countTokens.ts';
import type { Gates } from '../../../src/core/endpoint/gates.ts';
import { createHttpFetch } from '../../../src/core/endpoint/httpFetch.ts';
import type { Endpoint, Usage } from '../../../src/core/endpoint/types.ts';
import { isCancellation } from '../../../src/core/errors.ts';
import { createMeasurer, type Measurer } from '../../../src/core/pack/measurer.ts';
import { ask } from '../../../src/core/review/ask.ts';
import { countingFor, learnFrom } from '../../../src/core/review/counting.ts';
import { defaultPromptSettings, prepare, type Prepared } from '../../../src/core/review/prepare.ts';
import { openRatios, type RatioBook } from '../../../src/core/tokens/ratioStore.ts';
import { startFake, type Fake } from '../../fakes/index.ts';

const gates: Gates = { pass: async () => undefined };
/** As close to the edge as can be: nothing is kept that a wrong count could hide in. */
const settings = { ...defaultPromptSettings, answerTokens: 1000, reserveShare: 0 };
const limit = 20_000;

describe('counting by what the endpoint’s replies taught', function () {
  this.timeout(30_000);
  let measurer: Measurer;
  let folder: string;
  let fake: Fake;
  let ratios: RatioBook;

  before(() => {
    measurer = createMeasurer(resolve('dist/measureWorker.js'));
  });
  after(() => measurer.dispose());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-ratio-'));
    await mkdir(join(folder, 'small'));
    await mkdir(join(folder, 'large'));
    for (let i = 0; i < 8; i++) await writeFile(join(folder, `small/${i}.ts`), source(i, 40));
    for (let i = 0; i < 150; i++) await writeFile(join(folder, `large/${i}.ts`), source(i, 40));
    ratios = await openRatios(join(folder, 'ratios'));
  });
  afterEach(async () => {
    await fake.close();
    await rm(folder, { recursive: true });
  });

  function source(seed: number, lines: number): string {
    return Array.from(
      { length: lines },
      (_, i) => `export const value${seed}_${i} = compute(${(seed * 7919 + i * 104729) % 9973}, 'item');\n`,
    ).join('');
  }

  function endpoint(): Endpoint {
    return {
      config: { id: 'fake', baseUrl: fake.baseUrl, model: fake.model },
      kind: 'server',
      fetch: createHttpFetch(() => 60_000),
      apiKey: async () => undefined,
    };
  }

  const request = (of: 'small' | 'large') => ({
    folders: [{ name: of, path: join(folder, of) }],
    trusted: true,
    endpoint: endpoint(),
    counting: countingFor(endpoint(), undefined, ratios),
    question: 'What is here?',
    settings,
    signal: new AbortController().signal,
  });

  /** Asks, learning from the reply; resolves to what was prepared. A refusal is left to the fake's record. */
  async function run(of: 'small' | 'large'): Promise<Prepared | undefined> {
    let prepared: Prepared | undefined;
    const learned: Promise<unknown>[] = [];
    const onUsage = (usage: Usage, sent: Prepared) =>
      learned.push(learnFrom(ratios, sent, usage, Date.now()));
    try {
      for await (const event of ask(request(of), { measurer, gates, onUsage })) {
        if (event.kind === 'prepared') prepared = event.prepared;
      }
    } catch (error) {
      if (isCancellation(error)) throw error;
    }
    await Promise.all(learned);
    return prepared;
  }

  for (const model of ['gpt-4o', 'meta-llama/llama-4-scout', 'my-deployment']) {
    it(`${model}: usage far above the count makes the next ask fit`, async () => {
      // Beyond what is kept for a tokenizer nobody knows, at the one model where anything goes.
      const tokenRatio = model === 'my-deployment' ? 1.7 : 1.3;
      fake = await startFake({ system: 'vllm', model, contextTokens: limit, tokenRatio });
      await run('large');
      const [first] = fake.chats();
      assert.equal(first?.status, 400, 'near the edge, it would have overflowed');
      assert.ok((first.promptTokens ?? 0) + 1000 > limit);

      await run('small');
      const before = fake.chats().length;
      const prepared = await run('large');
      const sent = fake.chats().slice(before);
      assert.deepEqual(
        sent.map(r => r.status),
        [200],
      );
      assert.ok(prepared);
      const { counter, counting, promptTokens, budget } = prepared;
      const used = sent[0]?.promptTokens ?? 0;
      assert.ok(used + budget.answer <= limit, `${used} and the answer`);
      assert.ok(used > limit * 0.7, `${used} makes use of the window`);
      assert.ok(Math.abs(used - promptTokens) <= promptTokens * counter.errorBound, 'within the bound shown');
      // The first ask was refused, re-fitted and answered: its reply taught, and so did the small one's.
      assert.deepEqual([counter.exact, counting.samples], [false, 2]);
      assert.match(counter.note, /learned from 2 replies/);
    });
  }

  it('an endpoint that counts has the last word, before anything is asked', async () => {
    fake = await startFake({ system: 'vllm', model: 'gpt-4o', contextTokens: limit, tokenRatio: 1.3 });
    let prepared: Prepared | undefined;
    let asked = 0;
    const counting: Gates = { pass: async () => void asked++ };
    const deps = { measurer, gates: counting, countPrompt: createPromptCounter() };
    for await (const event of ask(request('large'), deps)) {
      if (event.kind === 'prepared') prepared = event.prepared;
    }
    assert.deepEqual(
      fake.chats().map(r => r.status),
      [200],
      'the first ask fits',
    );
    const used = fake.chats()[0]?.promptTokens ?? 0;
    // The fake's tokenizer endpoint counts the same messages by the same rule.
    assert.equal(prepared?.promptTokens, used);
    assert.ok(used + prepared.budget.answer <= limit && used > limit * 0.85, String(used));
    assert.deepEqual(prepared.counter, {
      id: 'endpoint',
      exact: true,
      errorBound: 0,
      note: 'Counted by the endpoint itself (/tokenize).',
    });
    assert.equal(asked, 1, 'counting and asking are one send to the user');
    const usage: Usage = { promptTokens: used, cachedTokens: null, completionTokens: null };
    await learnFrom(ratios, prepared, usage, 1);
    assert.ok(Math.abs(countingFor(endpoint(), undefined, ratios).factor - 1.3) < 0.01);
  });

  it('an endpoint that counts as its name says keeps its exact count', async () => {
    fake = await startFake({ system: 'openai', model: 'gpt-4o', contextTokens: limit });
    const asked = { ...request('small'), evidence: [] };
    assert.equal(asked.counting.exact, true);
    const usage: Usage = { promptTokens: 4001, cachedTokens: null, completionTokens: 3 };
    const sent = { endpoint: asked.endpoint, counting: asked.counting, promptTokens: 4000 };
    assert.equal(await learnFrom(ratios, sent, usage, 1), undefined);
    assert.deepEqual(countingFor(endpoint(), undefined, ratios), { ...asked.counting, samples: 1 });
  });

  it('estimated or exact, the pack’s tokens are the sum of its files and frames', async () => {
    fake = await startFake({ system: 'vllm', model: 'llama-4-scout', contextTokens: limit });
    for (const counting of [countingFor(endpoint()), { ...countingFor(endpoint()), factor: 1.3 }]) {
      const { pack, plan, promptTokens, tokens } = await prepare({ ...request('small'), counting }, measurer);
      const files = plan.files.reduce((sum, f) => sum + f.tokens, 0);
      const text = Buffer.concat(pack.pieces).toString();
      const frames = text.slice(0, text.indexOf('\n') + 1) + text.slice(text.lastIndexOf('@@@@ totals'));
      assert.equal(pack.tokens, files + Math.ceil((await measurer.count(frames)) * counting.factor));
      assert.equal(promptTokens, pack.tokens + tokens.instructions + tokens.question + tokens.turns);
    }
  });
});
