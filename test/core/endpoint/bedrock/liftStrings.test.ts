import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import fc from 'fast-check';

import { fillIn, liftStrings } from '../../../../src/core/endpoint/bedrock/liftStrings.ts';
import { isCancellation } from '../../../../src/core/errors.ts';

/** Bytes cut at the given places, as a body may come. */
async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (let i = 0; from < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

describe('liftStrings', () => {
  const long = fc
    .string({
      unit: fc.constantFrom('a', '"', '\\', '\n', 'é', '\u{1f600}', '\u0001'),
      minLength: 1,
      maxLength: 40,
    })
    .map(text => text.repeat(Math.ceil(5000 / text.length)));
  const json = fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), long));

  it('law: cut anywhere, what is lifted out and filled in again is the same document', async () => {
    await fc.assert(
      fc.asyncProperty(
        json,
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }),
        async (value, sizes) => {
          const bytes = Buffer.from(JSON.stringify(value));
          const lifted = await liftStrings(cut(bytes, sizes), undefined);
          assert.ok(Buffer.byteLength(lifted.json) <= bytes.length);
          const filled = await fillIn(lifted, undefined);
          const whole = Buffer.concat(filled.parts);
          assert.ok(whole.equals(bytes));
          assert.equal(filled.bytes, bytes.length);
          assert.equal(filled.sha256, createHash('sha256').update(bytes).digest('hex'));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('leaves names and short texts, and takes the prompt', async () => {
    const prompt = 'x"\\'.repeat(5000);
    const body = Buffer.from(JSON.stringify({ role: 'user', content: prompt }));
    const { json: rest, texts } = await liftStrings(cut(body, [777]), undefined);
    assert.match(rest, /^\{"role":"user","content":"lifted-[0-9a-f-]{36}"\}$/);
    const [bytes] = texts.values();
    assert.equal(JSON.parse(`"${Buffer.concat(bytes ?? []).toString()}"`), prompt);
  });

  it('stops when cancelled', async () => {
    const stop = AbortSignal.abort();
    await assert.rejects(liftStrings(cut(Buffer.from('{}'), [1]), stop), isCancellation);
  });
});
