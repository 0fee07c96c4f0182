import assert from 'node:assert/strict';

import { startFake } from './index.ts';
import type { Fake, FakeOptions, Fault } from './index.ts';
import { chat, readEvents, textOf } from './testing.ts';

describe('fakes: faults', () => {
  let fake: Fake;
  const start = async (options: Partial<FakeOptions> = {}) =>
    (fake = await startFake({
      system: 'openai',
      contextTokens: 1000,
      answer: 'abcdef',
      chunkChars: 2,
      ...options,
    }));
  afterEach(() => fake.close());
  const streamed = async (fault: Fault, more: Partial<FakeOptions> = {}) => {
    await start({ faults: [fault], ...more });
    return (await chat(fake, 'x', { stream: true, stream_options: { include_usage: true } })).text();
  };

  const streams: readonly [name: string, fault: Fault, ends: RegExp, text: string][] = [
    ['cut', { kind: 'cut', afterChunks: 2 }, /"cd".*\n\n$/, 'abcd'],
    ['no-done', { kind: 'no-done' }, /"usage":\{[^\n]*\n\n$/, 'abcdef'],
    ['empty-stream', { kind: 'empty-stream' }, /^$/, ''],
    ['empty-length', { kind: 'empty-length' }, /"finish_reason":"length"[^]*\[DONE\]\n\n$/, ''],
    [
      'finish-length',
      { kind: 'finish-length', afterChunks: 1 },
      /"finish_reason":"length"[^]*\[DONE\]\n\n$/,
      'ab',
    ],
    ['broken-json', { kind: 'broken-json', afterChunks: 1 }, /"bro\n\n[^]*\[DONE\]\n\n$/, 'abcdef'],
    [
      'error as data',
      { kind: 'stream-error', afterChunks: 1 },
      /data: \{"error":\{"message"[^\n]*\n\n$/,
      'ab',
    ],
    [
      'error before the first token',
      { kind: 'stream-error', afterChunks: 0, body: { error: 'no' }, done: true },
      /data: \{"error":"no"\}\n\ndata: \[DONE\]\n\n$/,
      '',
    ],
    [
      'error as event',
      { kind: 'stream-error', afterChunks: 1, form: 'event' },
      /event: error\ndata: \{"error"[^\n]*\n\n$/,
      'ab',
    ],
    [
      'error as a bare line',
      { kind: 'stream-error', afterChunks: 1, form: 'bare' },
      /\n\{"error":[^\n]*\n$/,
      'ab',
    ],
    [
      'error in a field nobody knows',
      { kind: 'stream-error', afterChunks: 1, form: 'field' },
      /\nerror: \{"error"[^\n]*\n\n$/,
      'ab',
    ],
  ];
  for (const [name, fault, ends, text] of streams)
    it(`in a stream: ${name}`, async () => {
      const body = await streamed(fault);
      assert.match(body, ends);
      assert.equal(textOf(readEvents(body)), text);
    });

  it('breaks the connection before any header, or resets it in mid-stream', async () => {
    await start({ faults: [{ kind: 'drop' }, { kind: 'die', afterChunks: 1, reset: true }] });
    await assert.rejects(chat(fake, 'x'));
    const response = await chat(fake, 'x', { stream: true });
    await assert.rejects(response.text());
    assert.deepEqual(
      fake.requests.map(r => r.aborted),
      [false, false],
    );
  });

  it('wears a proxy’s page, a redirect, or any reply', async () => {
    await start({
      faults: [
        { kind: 'html-413' },
        { kind: 'redirect', location: 'http://127.0.0.1:1/elsewhere' },
        {
          kind: 'reply',
          reply: { status: 503, headers: { 'retry-after': '7' }, body: { error: { message: 'busy' } } },
        },
      ],
    });
    const page = await chat(fake, 'x');
    assert.equal(page.status, 413);
    assert.match(await page.text(), /nginx/);
    const moved = await chat(fake, 'x');
    assert.equal(moved.status, 307);
    assert.equal(moved.headers.get('location'), 'http://127.0.0.1:1/elsewhere');
    const busy = await chat(fake, 'x');
    assert.equal(busy.status, 503);
    assert.equal(busy.headers.get('retry-after'), '7');
    assert.equal((await chat(fake, 'x')).status, 200);
  });

  it('refuses for rate with Retry-After, and for ever where the request is larger than the bucket', async () => {
    await start({ tokensPerMinute: 50, faults: [{ kind: 'rate', retryAfterSeconds: 3 }] });
    const busy = await chat(fake, 'x');
    assert.equal(busy.status, 429);
    assert.equal(busy.headers.get('retry-after'), '3');
    const never = await chat(fake, 'word '.repeat(60));
    assert.equal(never.status, 429);
    assert.equal(never.headers.get('retry-after'), null);
    assert.match((await never.json()).error.message, /Limit 50, Requested 65/);
  });

  it('counts bytes before it reads', async () => {
    await start({ maxBodyBytes: 200 });
    assert.equal((await chat(fake, 'x'.repeat(300))).status, 413);
    assert.equal((await chat(fake, 'x')).status, 200);
  });

  it('fails always, until told otherwise', async () => {
    await start();
    fake.failAlways({ kind: 'payment' });
    assert.equal((await chat(fake, 'x')).status, 402);
    assert.equal((await chat(fake, 'x')).status, 402);
    fake.failAlways(undefined);
    assert.equal((await chat(fake, 'x')).status, 200);
  });

  it('refuses parameters by name', async () => {
    await start({ rejects: ['stream_options'] });
    assert.equal(
      (await chat(fake, 'x', { stream: true, stream_options: { include_usage: true } })).status,
      400,
    );
    assert.equal((await chat(fake, 'x', { stream: true })).status, 200);
  });

  it('changes its mind between requests', async () => {
    await start();
    fake.configure({ contextTokens: 6, answer: 'other' });
    assert.equal((await chat(fake, 'a b c d e f')).status, 400);
    assert.equal((await (await chat(fake, 'x')).json()).choices[0].message.content, 'ot');
  });
});
