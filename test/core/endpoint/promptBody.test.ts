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

  it('stops when cancelled', async () => {
    const { messages, texts } = nameContents([{ role: 'user', content: [encoder.encode('x')] }]);
    await assert.rejects(streamBody(JSON.stringify(messages), texts, AbortSignal.abort()), {
      name: 'AbortError',
    });
  });
});
