import assert from 'node:assert/strict';

import fc from 'fast-check';

import { nameContents, streamBody } from '../../../src/core/endpoint/promptBody.ts';

const encoder = new TextEncoder();

/** Cuts anywhere, inside characters too. */
function cut(text: string, places: readonly number[]): Uint8Array[] {
  const bytes = encoder.encode(text);
  const cuts = [...new Set(places.map(p => p % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i] ?? bytes.length));
}

async function collect(body: ReadableStream<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part.slice());
  return Buffer.concat(parts);
}

describe('streamBody', () => {
  it('writes the bytes that JSON.stringify would, and says how many', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.string({ unit: 'binary', maxLength: 300 }), fc.array(fc.nat(500))), {
          maxLength: 4,
        }),
        fc.string({ unit: 'grapheme' }),
        async (contents, plain) => {
          const { messages, texts } = nameContents([
            { role: 'system', content: plain },
            ...contents.map(([text, places]) => ({ role: 'user', content: cut(text, places) }) as const),
          ]);
          const expected = JSON.stringify({
            messages: [
              { role: 'system', content: plain },
              ...contents.map(([text]) => ({
                role: 'user',
                content: Buffer.from(encoder.encode(text)).toString(),
              })),
            ],
          });
          const { body, bytes } = await streamBody(JSON.stringify({ messages }), texts, undefined);
          const written = await collect(body);
          assert.equal(written.toString(), expected);
          assert.equal(bytes, written.length);
        },
      ),
    );
  });

  it('keeps large contents whole over many chunks', async () => {
    const text = '"quoted"\\\t\u0001 é 😀 line\n'.repeat(40_000);
    const { messages, texts } = nameContents([{ role: 'user', content: cut(text, [1, 333_333, 700_001]) }]);
    const { body, bytes } = await streamBody(JSON.stringify(messages), texts, undefined);
    const written = await collect(body);
    assert.equal(written.toString(), JSON.stringify([{ role: 'user', content: text }]));
    assert.equal(bytes, written.length);
  });

  it('writes images as data URLs, of any length, in chunks that join', async () => {
    const image = fc
      .nat(300_000)
      .map(length => Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 255));
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), image, image, async (text, one, two) => {
        const { messages, texts } = nameContents([
          {
            role: 'user',
            content: [
              { kind: 'text', segments: cut(text, [1, 5]) },
              { kind: 'image', mediaType: 'image/png', bytes: one },
              { kind: 'text', segments: [] },
              { kind: 'image', mediaType: 'image/webp', bytes: two.subarray(1) },
            ],
          },
        ]);
        const { body, bytes } = await streamBody(JSON.stringify(messages), texts, undefined);
        const written = await collect(body);
        const url = (type: string, data: Uint8Array) => ({
          type: 'image_url',
          image_url: { url: `data:${type};base64,${Buffer.from(data).toString('base64')}` },
        });
        const content = [
          { type: 'text', text: Buffer.from(encoder.encode(text)).toString() },
          url('image/png', one),
          { type: 'text', text: '' },
          url('image/webp', two.subarray(1)),
        ];
        assert.equal(written.toString(), JSON.stringify([{ role: 'user', content }]));
        assert.equal(bytes, written.length);
      }),
      { numRuns: 30 },
    );
  });

  it('makes base64 in chunks of at most 128 kB, however large an image is', async () => {
    const bytes = new Uint8Array(20_000_000);
    const { messages, texts } = nameContents([
      { role: 'user', content: [{ kind: 'image', mediaType: 'image/png', bytes }] },
    ]);
    const { body } = await streamBody(JSON.stringify(messages), texts, undefined);
    let chunks = 0;
    for await (const chunk of body) {
      assert.ok(chunk.length <= 128 * 1024);
      chunks++;
    }
    assert.ok(chunks > 200);
  });

  it('stops when cancelled', async () => {
    const { messages, texts } = nameContents([{ role: 'user', content: [encoder.encode('x')] }]);
    await assert.rejects(streamBody(JSON.stringify(messages), texts, AbortSignal.abort()), {
      name: 'AbortError',
    });
  });
});
