import assert from 'node:assert/strict';

import { gatherEvidence, resolveLimit, windowToPlan } from '../../../src/core/endpoint/limit.ts';
import type { Endpoint, EvidenceSource, LimitEvidence } from '../../../src/core/endpoint/types.ts';

const evidence = (
  source: EvidenceSource,
  tokens: number,
  at = '2026-01-01T00:00:00.000Z',
): LimitEvidence => ({ source, tokens, at, detail: 'test' });

describe('resolveLimit', () => {
  const cases: [string, LimitEvidence[], string][] = [
    ['nothing', [], 'unknown'],
    ['advertised alone is no limit', [evidence('advertised', 10_485_760)], 'unknown'],
    ['declared stands where none is known', [evidence('declared', 128_000)], '128000 declared'],
    ['declared lowers', [evidence('served', 200_000), evidence('declared', 50_000)], '50000 declared'],
    [
      'declared does not raise',
      [evidence('served', 200_000), evidence('declared', 500_000)],
      '200000 served',
    ],
    ['refused beats served', [evidence('served', 1_310_720), evidence('refused', 131_072)], '131072 refused'],
    [
      'measured beats listed',
      [evidence('listed', 10_485_760), evidence('measured', 900_000)],
      '900000 measured',
    ],
    [
      'the latest of one source',
      [evidence('refused', 10, '2026-02-01'), evidence('refused', 20, '2026-01-01')],
      '10 refused',
    ],
  ];
  for (const [name, given, expected] of cases) {
    it(name, () => {
      const limit = resolveLimit(given);
      assert.equal(limit.kind === 'known' ? `${limit.tokens} ${limit.source}` : 'unknown', expected);
      assert.deepEqual(limit.evidence, given);
    });
  }
});

describe('limits of the prompt and of the answer alone', () => {
  const parts = (source: EvidenceSource, maxInputTokens: number, maxOutputTokens: number, at?: string) => ({
    ...evidence(source, 1000, at),
    maxInputTokens,
    maxOutputTokens,
  });

  it('the smallest counts, whoever states it, the latest of a source', () => {
    const old = parts('served', 1, 1, '2025-01-01');
    const limit = resolveLimit([old, parts('served', 900, 300), parts('advertised', 950, 200)]);
    assert.deepEqual([limit.maxInputTokens, limit.maxOutputTokens], [900, 200]);
    assert.equal(
      resolveLimit([parts('advertised', 9, 8)]).maxOutputTokens,
      8,
      'also where no window is known',
    );
    assert.ok(!('maxInputTokens' in resolveLimit([evidence('served', 5)])));
  });

  it('a prompt limited apart leaves the answer its own room', () => {
    const plan = (known: LimitEvidence, answer: number) => {
      const limit = resolveLimit([known]);
      return limit.kind === 'known' ? windowToPlan(limit, answer) : undefined;
    };
    assert.equal(plan(parts('served', 900, 300), 50), 950);
    assert.equal(plan(parts('served', 900, 300), 300), 1000);
    assert.equal(plan(evidence('served', 1000), 300), 1000);
  });
});

describe('gatherEvidence', () => {
  const endpoint = (body: unknown, status = 200): Endpoint => ({
    config: { id: 'x', baseUrl: 'http://127.0.0.1:1/v1', model: 'scout' },
    kind: 'server',
    fetch: async () => new Response(JSON.stringify(body), { status }),
    apiKey: async () => undefined,
  });
  const cases: [string, unknown, string][] = [
    ['vLLM', { data: [{ id: 'scout', max_model_len: 131_072 }] }, 'served 131072 /v1/models max_model_len'],
    ['a bare array', [{ id: 'scout', context_length: 1000 }], 'listed 1000 /v1/models context_length'],
    [
      'the smallest of several',
      { data: [{ id: 'scout', context_length: 1_048_576, top_provider: { context_length: 262_000 } }] },
      'listed 262000 /v1/models top_provider.context_length',
    ],
    [
      '0, null and negative are no limits',
      { data: [{ id: 'scout', context_length: 0, max_model_len: null, context_window: -1 }] },
      '',
    ],
    ['another model', { data: [{ id: 'other', context_length: 5 }] }, ''],
    [
      'the training window is not the served one',
      { data: [{ id: 'scout', meta: { n_ctx_train: 10_485_760 } }] },
      'advertised 10485760 /v1/models meta.n_ctx_train',
    ],
    ['nonsense', 'hello', ''],
  ];
  for (const [name, body, expected] of cases) {
    it(name, async () => {
      const found = await gatherEvidence(endpoint(body), undefined);
      assert.equal(found.map(e => `${e.source} ${e.tokens} ${e.detail}`).join('; '), expected);
    });
  }

  it('a wrong key is said, unless the user declared a limit', async () => {
    const refused = endpoint({ error: { message: 'bad key' } }, 401);
    await assert.rejects(gatherEvidence(refused, undefined), /no key is stored for .*bad key/);
    const declared = { ...refused, config: { ...refused.config, contextLimit: 5000 } };
    assert.deepEqual(
      (await gatherEvidence(declared, undefined)).map(e => e.tokens),
      [5000],
    );
  });

  it('a list that does not exist is no evidence', async () => {
    assert.deepEqual(await gatherEvidence(endpoint({}, 404), undefined), []);
  });
});
