import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { MapUpdate } from '../../../src/core/pack/budgetMap.ts';
import { decodeUpdate, encodeUpdate } from '../../../src/core/pack/mapWire.ts';

describe('what the host tells the map', () => {
  const text = fc.string({ unit: 'binary', maxLength: 8 });
  const file = fc.record(
    {
      path: text,
      language: text,
      full: fc.nat(),
      form: fc.constantFrom('full' as const, 'outline' as const),
      tokens: fc.nat(),
      reason: text,
    },
    { requiredKeys: ['path', 'language', 'full', 'form', 'tokens'] },
  );
  const mark = fc.record({ kind: fc.constant('real' as const), label: text, tokens: fc.nat() });
  const whatIf = fc.record({
    limit: fc.nat(),
    forms: fc.array(fc.constantFrom('full' as const, 'listed' as const), { maxLength: 3 }),
    tokens: fc.array(fc.nat(), { maxLength: 3 }),
    parts: fc.constant([]),
  });
  const map = fc.record({
    title: text,
    limit: fc.option(fc.nat()),
    files: fc
      .tuple(fc.array(file, { minLength: 1, maxLength: 5 }), fc.constantFrom(1, 120, 700))
      .map(([files, times]) => Array.from({ length: times }, () => files).flat()),
    parts: fc.constant([]),
    marks: fc.array(mark, { maxLength: 2 }),
    whatIf: fc.array(whatIf, { maxLength: 2 }),
  });
  const update: fc.Arbitrary<MapUpdate> = fc.oneof(
    map.map(all => ({ kind: 'map' as const, map: all })),
    whatIf.map(plan => ({ kind: 'what-if' as const, plan })),
    text.map(said => ({ kind: 'message' as const, text: said })),
  );

  it('law: arrives as it was sent', async () => {
    await fc.assert(
      fc.asyncProperty(update, async sent => {
        const message = structuredClone(await encodeUpdate(sent, () => Promise.resolve()));
        assert.deepEqual(decodeUpdate(message), JSON.parse(JSON.stringify(sent)));
      }),
    );
  });

  it('gives way between the parts of a large map', async () => {
    const files = Array.from({ length: 20_000 }, (_, i) => ({
      path: `src/a/long/way/down/file${i}.ts`,
      language: 'typescript',
      full: i,
      form: 'full' as const,
      tokens: i,
    }));
    const map = { title: 'w', limit: 10, files, parts: [], marks: [], whatIf: [] };
    let breaths = 0;
    const { json } = await encodeUpdate({ kind: 'map', map }, () => {
      breaths++;
      return Promise.resolve();
    });
    assert.ok(json.length > 4 && breaths >= json.length - 1);
  });

  it('nothing is read from a message of somebody else', () => {
    for (const other of [null, undefined, 1, 'x', {}, { json: 'x' }, { kind: 'map' }])
      assert.equal(decodeUpdate(other), undefined);
  });
});
