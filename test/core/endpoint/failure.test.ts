import assert from 'node:assert/strict';

import { streamChat } from '../../../src/core/endpoint/client.ts';
import { RefusalError } from '../../../src/core/endpoint/failure.ts';
import { fetchFor } from '../../../src/core/endpoint/fetchFor.ts';
import { createHttpFetch } from '../../../src/core/endpoint/httpFetch.ts';
import type { ErrorCode } from '../../../src/core/errors.ts';
import { startFake, systemNames, type Fake, type Fault, type SystemName } from '../../fakes/index.ts';

/** The retired one has its own words for everything. */
const systems = systemNames.filter(s => s !== 'meta-retired');

describe('refusals, in every system’s own words', () => {
  let fake: Fake;
  afterEach(() => fake.close());

  async function refusal(fault: Fault, system?: SystemName): Promise<RefusalError> {
    fake.fail(fault);
    const config = {
      id: 'fake',
      baseUrl: fake.baseUrl,
      model: fake.model,
      ...(system === 'bedrock' && { provider: system }),
    };
    const endpoint = {
      config,
      kind: 'server',
      fetch: fetchFor(
        config,
        createHttpFetch(() => 60_000),
      ),
      apiKey: async () => 'key',
    } as const;
    const request = {
      messages: [{ role: 'user', content: 'word '.repeat(200) }],
      maxTokens: 50,
      files: 0,
      tokens: 200,
    } as const;
    try {
      for await (const _ of streamChat(
        endpoint,
        request,
        { pass: async () => undefined },
        new AbortController().signal,
      ));
    } catch (error) {
      assert.ok(error instanceof RefusalError, String(error));
      return error;
    }
    throw new Error('It was not refused.');
  }

  const faults: [Fault, ErrorCode][] = [
    [{ kind: 'dead-model' }, 'model-not-found'],
    [{ kind: 'unauthorized' }, 'auth'],
    [{ kind: 'payment' }, 'payment'],
    [{ kind: 'rate', retryAfterSeconds: 9 }, 'rate-limited'],
    [{ kind: 'overflow', limitTokens: 100 }, 'over-limit'],
  ];
  for (const system of systems) {
    it(system, async () => {
      fake = await startFake({ system });
      const seen: Partial<Record<Fault['kind'], string>> = {};
      for (const [fault, code] of faults) {
        const error = await refusal(fault, system);
        // AWS has no word of its own for an account that does not pay.
        const expected = system === 'bedrock' && code === 'payment' ? 'auth' : code;
        if (error.code !== expected)
          seen[fault.kind] = `${error.code}: ${error.raw.status} ${error.raw.body}`;
        assert.notEqual(error.remedy, '');
      }
      assert.deepEqual(seen, {});
    });
  }

  it('the retired Llama API says that it is gone', async () => {
    fake = await startFake({ system: 'meta-retired' });
    const error = await refusal({ kind: 'dead-model' });
    assert.equal(error.code, 'model-not-found');
    assert.match(error.message, /sunset/);
  });

  it('keeps what the refusal says in numbers', async () => {
    fake = await startFake({ system: 'openai' });
    const { refusal: read } = await refusal({ kind: 'overflow', limitTokens: 100 });
    assert.deepEqual([read.kind, read.limitTokens, read.limitScope], ['context', 100, 'total']);
    const busy = await refusal({ kind: 'rate', retryAfterSeconds: 9 });
    assert.deepEqual([busy.refusal.retryAfterMs, busy.refusal.permanent], [9000, false]);
    assert.match(busy.remedy, /9 seconds/);
    const never = await refusal({ kind: 'rate', permanent: true });
    assert.equal(never.refusal.permanent, true);
  });
});
