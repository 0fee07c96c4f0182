import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';

import { startFake } from './index.ts';
import type { Fake, FakeOptions } from './index.ts';
import type { Loose } from './testing.ts';

describe('fakes: bedrock Converse', () => {
  let fake: Fake;
  const start = async (options: Partial<FakeOptions> = {}) =>
    (fake = await startFake({
      system: 'bedrock',
      contextTokens: 100,
      answer: 'abcd',
      chunkChars: 2,
      ...options,
    }));
  afterEach(() => fake.close());
  const converse = (text: string, stream = false, maxTokens = 50) =>
    fetch(`${fake.url}/model/${encodeURIComponent(fake.model)}/converse${stream ? '-stream' : ''}`, {
      method: 'POST',
      body: JSON.stringify({
        system: [{ text: 'rule' }],
        messages: [{ role: 'user', content: [{ text }] }],
        inferenceConfig: { maxTokens },
      }),
    });

  it('answers in Converse’s shape', async () => {
    await start();
    const body: Loose = await (await converse('hello')).json();
    assert.equal(body.output.message.content[0].text, 'abcd');
    assert.equal(body.stopReason, 'end_turn');
    assert.equal(body.usage.inputTokens, 10);
  });

  it('streams event-stream messages with right checksums', async () => {
    await start();
    const response = await converse('hello', true);
    assert.equal(response.headers.get('content-type'), 'application/vnd.amazon.eventstream');
    const messages = decode(Buffer.from(await response.arrayBuffer()));
    assert.deepEqual(
      messages.map(m => m.name),
      [
        'messageStart',
        'contentBlockDelta',
        'contentBlockDelta',
        'contentBlockStop',
        'messageStop',
        'metadata',
      ],
    );
    assert.equal(messages.map(m => m.payload.delta?.text ?? '').join(''), 'abcd');
    assert.equal(messages.at(-1)?.payload.usage.inputTokens, 10);
  });

  it('refuses: plainly, without a number far beyond the limit, and inside a 200 stream', async () => {
    await start();
    const near = await converse('word '.repeat(120));
    assert.equal(near.status, 400);
    assert.deepEqual(await near.json(), { message: 'maximum context length is 100 tokens' });
    const far = await converse('word '.repeat(500));
    assert.deepEqual(await far.json(), { message: 'Input is too long for requested model.' });
    const streamed = await converse('word '.repeat(120), true);
    assert.equal(streamed.status, 200);
    const [message] = decode(Buffer.from(await streamed.arrayBuffer()));
    assert.equal(message?.name, 'modelStreamErrorException');
    assert.match(message.payload.message, /maximum context length is 100 tokens/);
    const output = await converse('x', false, 20_000);
    assert.match(((await output.json()) as Loose).message, /exceeds the model limit of 16384/);
  });

  it('dies in mid-stream', async () => {
    await start({ faults: [{ kind: 'die', afterChunks: 1 }] });
    const response = await converse('hello', true);
    await assert.rejects(response.arrayBuffer());
  });
});

function decode(bytes: Buffer): { name: string; payload: Loose }[] {
  const messages: { name: string; payload: Loose }[] = [];
  for (let at = 0; at < bytes.length;) {
    const total = bytes.readUInt32BE(at);
    const headersLength = bytes.readUInt32BE(at + 4);
    assert.equal(bytes.readUInt32BE(at + 8), crc32(bytes.subarray(at, at + 8)));
    assert.equal(bytes.readUInt32BE(at + total - 4), crc32(bytes.subarray(at, at + total - 4)));
    const headers = bytes.subarray(at + 12, at + 12 + headersLength).toString('latin1');
    const name = /:(?:event|exception)-type\x07..(\w+)/s.exec(headers)?.[1] ?? '';
    messages.push({
      name,
      payload: JSON.parse(bytes.subarray(at + 12 + headersLength, at + total - 4).toString()),
    });
    at += total;
  }
  return messages;
}
