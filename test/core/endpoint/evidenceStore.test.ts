import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { createEvidenceStore, isFresh } from '../../../src/core/endpoint/evidenceStore.ts';
import { learn, recheck } from '../../../src/core/endpoint/learn.ts';
import { resolveLimit } from '../../../src/core/endpoint/limit.ts';
import type { EvidenceSource, LimitEvidence } from '../../../src/core/endpoint/types.ts';
import { startFake } from '../../fakes/index.ts';

const key = { baseUrl: 'http://127.0.0.1:1/v1', model: 'm' };
const at = '2026-11-20T10:00:00.000Z';
const evidence = (source: EvidenceSource, tokens: number, when = at): LimitEvidence => ({
  source,
  tokens,
  at: when,
  detail: 'test',
});
const price = {
  input: 0.1,
  output: 0.3,
  cachedInput: 0.05,
  longContext: [{ fromPromptTokens: 128_000, input: 0.2, output: 0.6 }],
  source: '/v1/models pricing',
};

describe('evidence store', () => {
  let folder: string;
  let file: string;
  const failures: unknown[] = [];
  // On the day the evidence is of, whatever day it is: a limit found by asking does not stand for ever.
  const open = () =>
    createEvidenceStore(
      file,
      e => failures.push(e),
      () => Date.parse(at),
    );
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-evidence-'));
    file = join(folder, 'cache', 'evidence.json');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
    assert.deepEqual(failures.splice(0), []);
  });

  it('remembers across restarts, per endpoint and model, and leaves no torn file', async () => {
    const all = [
      { ...evidence('served', 131_072), maxInputTokens: 120_000, maxOutputTokens: 8192 },
      evidence('refused', 100_000),
    ];
    await open().add(key, all);
    await open().setPrice(key, price);
    const again = open();
    assert.deepEqual(await again.load(key), all);
    assert.deepEqual(await again.price(key), price);
    assert.deepEqual(await again.load({ ...key, model: 'other' }), []);
    assert.deepEqual(await readdir(join(folder, 'cache')), ['evidence.json']);
    await again.forget(key);
    assert.deepEqual(await open().load(key), []);
  });

  it('keeps the latest of a source, and nothing declared or printed', async () => {
    const store = open();
    await store.add(key, [evidence('served', 1), evidence('declared', 5), evidence('advertised', 9)]);
    await store.add(key, [evidence('served', 2)]);
    assert.deepEqual(
      (await store.load(key)).map(e => `${e.source} ${e.tokens}`),
      ['served 2'],
    );
  });

  it('loses no change of ours when many come at once', async () => {
    const store = open();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        store.add({ ...key, model: `m${i}` }, [evidence('served', i + 1)]),
      ),
    );
    for (let i = 0; i < 20; i++)
      assert.equal((await store.load({ ...key, model: `m${i}` }))[0]?.tokens, i + 1);
  });

  const later = '2026-11-20T11:00:00.000Z';
  const standing = async (store = open()) => (await store.load(key)).map(e => `${e.source} ${e.tokens}`);

  it('drops a limit that a larger accepted prompt refutes', async () => {
    const store = open();
    await store.add(key, [evidence('refused', 100_000)]);
    await store.accept(key, { tokens: 90_000, at: later });
    assert.deepEqual(await standing(), ['refused 100000']);
    await store.accept(key, { tokens: 100_001, at: later });
    assert.deepEqual(await standing(), []);
    await store.add(key, [evidence('refused', 80_000, '2026-11-21T00:00:00.000Z')]);
    assert.deepEqual(await standing(), ['refused 80000'], 'a later refusal counts again');
    await store.accept(key, { tokens: 90_000, at: '2026-11-21T00:00:01.000Z' });
    assert.deepEqual(await standing(), [], 'although more was accepted once before');
  });

  describe('a limit found by asking does not stand for ever', () => {
    const daysLater = (days: number) => Date.parse(at) + days * 86_400_000;
    const openAt = (days: number) =>
      createEvidenceStore(
        file,
        e => failures.push(e),
        () => daysLater(days),
      );
    const day = (days: number) => new Date(daysLater(days)).toISOString();

    it('not past a change of the server’s own number, up or down', async () => {
      for (const tokens of [200_000, 20_000]) {
        const store = open();
        await store.forget(key);
        await store.add(key, [evidence('served', 131_072), evidence('refused', 100_000)]);
        await store.add(key, [evidence('measured', 99_000)]);
        await store.add(key, [evidence('served', 131_072, later)]);
        assert.deepEqual(await standing(), ['refused 100000', 'measured 99000', 'served 131072']);
        await store.add(key, [evidence('served', tokens, later)]);
        assert.deepEqual(await standing(), [`served ${tokens}`]);
      }
    });

    it('not past a week, where something newer says more', async () => {
      await open().add(key, [evidence('refused', 8192)]);
      await open().add(key, [evidence('listed', 131_072, day(6))]);
      assert.deepEqual(await standing(openAt(6.9)), ['refused 8192', 'listed 131072']);
      assert.deepEqual(await standing(openAt(7.1)), ['listed 131072']);
    });

    it('but for as long as nothing else tells a limit', async () => {
      await open().add(key, [evidence('refused', 8192)]);
      assert.deepEqual(await standing(openAt(400)), ['refused 8192']);
      await open().release(key);
      assert.deepEqual(await standing(openAt(400)), ['refused 8192']);
    });

    it('not in the very moment in which a server says something new', async () => {
      const fake = await startFake({ system: 'vllm', contextTokens: 50_000 });
      const config = { id: 'v', provider: 'vllm', baseUrl: fake.baseUrl, model: fake.model } as const;
      const endpoint = {
        config,
        kind: 'server',
        fetch: globalThis.fetch,
        apiKey: async () => undefined,
      } as const;
      const store = open();
      await store.add(config, [evidence('served', 131_072), evidence('refused', 100_000)]);
      const deps = { now: () => new Date(daysLater(2)), store };
      const limit = resolveLimit((await learn(endpoint, undefined, [], deps)).evidence);
      assert.deepEqual(limit.kind === 'known' && [limit.tokens, limit.source], [50_000, 'served']);
      await fake.close();
    });

    it('not past a re-check that finds another number', async () => {
      const fake = await startFake({ system: 'vllm', contextTokens: 50_000 });
      const config = { id: 'v', provider: 'vllm', baseUrl: fake.baseUrl, model: fake.model } as const;
      const endpoint = {
        config,
        kind: 'server',
        fetch: globalThis.fetch,
        apiKey: async () => undefined,
      } as const;
      const store = open();
      await store.add(config, [evidence('refused', 4000)]);
      const deps = { now: () => new Date(later), store };
      const before = resolveLimit((await learn(endpoint, undefined, [], deps)).evidence);
      assert.deepEqual(before.kind === 'known' && [before.tokens, before.source], [4000, 'refused']);
      const known = await recheck(endpoint, undefined, deps);
      const limit = resolveLimit(known.evidence);
      assert.deepEqual(limit.kind === 'known' && [limit.tokens, limit.source], [50_000, 'served']);
      assert.deepEqual(
        (await store.load(config)).map(e => e.source),
        ['served'],
      );
      await fake.close();
      await store.add(config, [evidence('refused', 4000, later)]);
      assert.equal(
        (await recheck(endpoint, undefined, deps)).evidence.some(e => e.source === 'refused'),
        false,
        'what the server said last still tells a limit while it is away',
      );
    });

    it('is kept by a re-check where nothing else tells a limit', async () => {
      const fake = await startFake({ system: 'openai' });
      const config = { id: 'o', provider: 'openai', baseUrl: fake.baseUrl, model: fake.model } as const;
      const endpoint = {
        config,
        kind: 'server',
        fetch: globalThis.fetch,
        apiKey: async () => undefined,
      } as const;
      const store = open();
      await store.add(config, [evidence('refused', 4000)]);
      const known = await recheck(endpoint, undefined, { now: () => new Date(later), store });
      assert.ok(known.evidence.some(e => e.source === 'refused' && e.tokens === 4000));
      assert.equal((await store.load(config)).length, 1);
      await fake.close();
    });
  });

  const foreign: [string, string][] = [
    ['torn', '{"schema":"longview.evidence/1","entries":[{"baseUrl":"htt'],
    [
      'another version',
      JSON.stringify({ schema: 'longview.evidence/0', entries: [{ ...key, evidence: [] }] }),
    ],
    ['no object', 'null'],
    [
      'nonsense inside',
      JSON.stringify({
        schema: 'longview.evidence/1',
        entries: [1, null, { ...key, evidence: [{ source: 'served', tokens: -4, at, detail: 'x' }, 3] }],
      }),
    ],
  ];
  for (const [name, text] of foreign)
    it(`takes a foreign file for an empty one: ${name}`, async () => {
      await open().add(key, [evidence('served', 1)]);
      await writeFile(file, text);
      assert.deepEqual(await open().load(key), []);
      await open().add(key, [evidence('listed', 7)]);
      assert.deepEqual(
        (await open().load(key)).map(e => e.tokens),
        [7],
      );
    });

  it('law: any JSON in the file gives evidence of whole numbers above 0, or none', async () => {
    await open().add(key, [evidence('served', 1)]);
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (a, b) => {
        const entry = {
          ...key,
          evidence: [a, { source: 'served', tokens: b, at, detail: 'x' }],
          accepted: a,
          price: b,
        };
        await writeFile(file, JSON.stringify({ schema: 'longview.evidence/1', entries: [a, entry] }));
        for (const e of await open().load(key)) assert.ok(Number.isSafeInteger(e.tokens) && e.tokens > 0);
      }),
      { numRuns: 50 },
    );
  });

  it('tells when the disk fails, and goes on', async () => {
    await writeFile(join(folder, 'cache'), 'a file where the folder should be');
    await open().add(key, [evidence('served', 1)]);
    assert.deepEqual(await open().load(key), []);
    assert.ok(failures.splice(0).length > 0);
  });

  it('asks a server again after a day, and not before', async () => {
    const hours = (n: number) => new Date(Date.parse(at) + n * 3_600_000);
    assert.ok(isFresh(evidence('served', 1), hours(23)) && !isFresh(evidence('listed', 1), hours(24)));
    assert.ok(!isFresh(evidence('refused', 1), hours(1)) && !isFresh(evidence('served', 1), hours(-1)));

    const fake = await startFake({ system: 'groq', contextTokens: 4000, price: { input: 1, output: 2 } });
    const config = { id: 'g', provider: 'groq', baseUrl: fake.baseUrl, model: fake.model } as const;
    const endpoint = {
      config,
      kind: 'server',
      fetch: globalThis.fetch,
      apiKey: async () => undefined,
    } as const;
    const ask = async (now: Date) => {
      const known = await learn(endpoint, undefined, [], { now: () => now, store: open() });
      const limit = resolveLimit(known.evidence);
      return [limit.kind === 'known' ? limit.tokens : null, known.price?.output];
    };
    assert.deepEqual(await ask(hours(0)), [4000, 2]);
    fake.configure({ contextTokens: 9000 });
    assert.deepEqual(await ask(hours(1)), [4000, 2]);
    assert.equal(fake.requests.length, 1);
    assert.deepEqual(await ask(hours(25)), [9000, 2]);
    await fake.close();
    assert.deepEqual(await ask(hours(60)), [9000, 2], 'what is stale is better than nothing');
    assert.ok(!(await readFile(file, 'utf8')).includes('marker'));
  });
});
