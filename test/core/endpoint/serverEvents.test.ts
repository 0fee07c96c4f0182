import assert from 'node:assert/strict';

import fc from 'fast-check';

import { readReply, type ReplyPart } from '../../../src/core/endpoint/completion.ts';
import { readServerEvents, type ServerEvent } from '../../../src/core/endpoint/serverEvents.ts';

async function* chunks(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? bytes.length);
    yield bytes.subarray(at, end);
    at = end;
  }
}

async function events(text: string, sizes: readonly number[] = [1 << 20]): Promise<ServerEvent[]> {
  const all: ServerEvent[] = [];
  for await (const event of readServerEvents(ReadableStream.from(chunks(text, sizes)))) all.push(event);
  return all;
}

async function parts(text: string): Promise<ReplyPart[]> {
  const all: ReplyPart[] = [];
  for await (const part of readReply(ReadableStream.from(chunks(text, [7])))) all.push(part);
  return all;
}

describe('readServerEvents', () => {
  const cases: [string, string, ServerEvent[]][] = [
    ['one event', 'data: a\n\n', [{ kind: 'event', name: undefined, data: 'a' }]],
    ['lines joined', 'data: a\ndata:b\n\n', [{ kind: 'event', name: undefined, data: 'a\nb' }]],
    ['a name', 'event: error\ndata: {}\n\n', [{ kind: 'event', name: 'error', data: '{}' }]],
    ['comments, ids and retries', ': OPENROUTER PROCESSING\n\nid: 1\nretry: 5\n\n', []],
    ['no blank line at the end', 'data: a', [{ kind: 'event', name: undefined, data: 'a' }]],
    ['a bare line', '{"error":1}\n', [{ kind: 'stray', text: '{"error":1}' }]],
    ['a printed body', '{\n "a": 1\n}', [{ kind: 'stray', text: '{\n "a": 1\n}' }]],
    [
      'a bare line after an event',
      'data: a\n\n{"x":1}\n\ndata: b\n\n',
      [
        { kind: 'event', name: undefined, data: 'a' },
        { kind: 'stray', text: '{"x":1}' },
        { kind: 'event', name: undefined, data: 'b' },
      ],
    ],
  ];
  for (const [name, text, expected] of cases) {
    it(`reads ${name}`, async () => assert.deepEqual(await events(text), expected));
  }

  it('reads the same however the bytes are cut and the lines end', async () => {
    const text =
      ': hi\n\ndata: {"a":"é😀"}\n\nevent: error\ndata: x\ndata: y\n\n{"bare":1}\n\ndata: [DONE]\n\n';
    const expected = await events(text);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        async (sizes, end) => assert.deepEqual(await events(text.replaceAll('\n', end), sizes), expected),
      ),
    );
  });
});

describe('readReply', () => {
  const cases: [string, string, ReplyPart[]][] = [
    [
      'a whole completion although a stream was asked for',
      '{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}',
      [
        { kind: 'text', text: 'hi' },
        { kind: 'finish', reason: 'stop' },
        { kind: 'usage', usage: { promptTokens: 3, cachedTokens: null, completionTokens: 1 } },
        { kind: 'done' },
      ],
    ],
    ['an error with a null beside choices', 'data: {"error":null,"choices":[]}\n\n', []],
    ['an unknown field', 'vendor: x\n\ndata: [DONE]\n\n', [{ kind: 'done' }]],
    [
      'a flat error',
      'data: {"object":"error","message":"no"}\n\n',
      [{ kind: 'error', body: '{"object":"error","message":"no"}' }],
    ],
    [
      'llama.cpp’s field',
      'error: {"code":400,"message":"no"}\n\n',
      [{ kind: 'error', body: '{"code":400,"message":"no"}' }],
    ],
    [
      'OpenRouter’s choice error',
      'data: {"choices":[{"error":{"code":502}}]}\n\n',
      [{ kind: 'error', body: '{"choices":[{"error":{"code":502}}]}' }],
    ],
    ['broken JSON', 'data: {"cho\n\n', [{ kind: 'unreadable', text: '{"cho' }]],
    [
      'cached tokens, by their various names',
      [
        '{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":4}}',
        '{"prompt_tokens":9,"prompt_cache_hit_tokens":5}',
      ]
        .map(usage => `data: {"choices":[],"usage":${usage}}\n\n`)
        .join(''),
      [
        { kind: 'usage', usage: { promptTokens: 9, cachedTokens: 4, completionTokens: null } },
        { kind: 'usage', usage: { promptTokens: 9, cachedTokens: 5, completionTokens: null } },
      ],
    ],
  ];
  for (const [name, text, expected] of cases) {
    it(`reads ${name}`, async () => assert.deepEqual(await parts(text), expected));
  }
});
