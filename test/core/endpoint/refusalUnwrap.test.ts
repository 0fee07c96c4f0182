import assert from 'node:assert/strict';
import { unwrapRefusal } from '../../../src/core/endpoint/refusalUnwrap.ts';

const texts = (body: unknown): string[] => unwrapRefusal(body).texts.map(t => t.replace(/\s+/g, ' ').trim());

describe('unwrapRefusal', () => {
  const cases: readonly (readonly [string, unknown, readonly string[]])[] = [
    [
      'JSON in JSON in JSON',
      JSON.stringify({ error: JSON.stringify({ message: JSON.stringify('too long') }) }),
      ['too long'],
    ],
    [
      'a Python dict',
      "Error code: 400 - {'error': {'message': \"model's limit\", 'param': None}}",
      ["model's limit", 'Error code: 400 -'],
    ],
    ['Python bytes', 'Exception - b\'{"message": "model\\\'s limit"}\'', ["model's limit", 'Exception -']],
    ['an unescaped apostrophe', "{'message': 'the model's limit', 'code': 400}", ["the model's limit"]],
    ['a JavaScript inspection', "{ error: { message: 'too long', code: 400 } }", ['too long']],
    ['an object cut off', '{"error":{"message":"too long for', ['too long for']],
    ['SSE', 'event: error\ndata: {"error":{"message":"too long"}}\n\ndata: [DONE]\n\n', ['too long']],
    [
      'escaped JSON in a sentence',
      'failed: {\\"error\\":{\\"message\\":\\"too long\\"}}',
      ['too long', 'failed:'],
    ],
    [
      'escaped JSON with a deeper string, in quotes or without',
      ['"', ''].map(
        q => `[a] ${q}data: {\\"error\\":\\"no {'message': \\\\\\"model's limit\\\\\\"}\\"}\\n${q} (b)`,
      ),
      ["model's limit", 'no', '[a] (b)', '[a] data: (b)'],
    ],
    [
      'escaped quotes of every depth',
      [1, 2, 3, 7].map(
        n =>
          `a${n} {\\n${'\\'.repeat(n)}"message${'\\'.repeat(n)}": ${'\\'.repeat(n)}"b${n}${'\\'.repeat(n)}"}`,
      ),
      ['b1', 'b2', 'b3', 'b7', 'a1', 'a2', 'a3', 'a7'],
    ],
    ['bytes of a body', new TextEncoder().encode('{"detail":"too long"}'), ['too long']],
    ['an Error with a cause', new Error('no', { cause: new Error('too long') }), ['no', 'too long']],
    [
      'an earlier try, last',
      { previous_errors: [{ message: 'first' }], error: { message: 'last' } },
      ['last', 'first'],
    ],
    ['no words', { error: { code: 400 } }, []],
  ];
  for (const [name, body, wanted] of cases) {
    it(name, () => {
      assert.deepEqual(texts(body), wanted);
    });
  }

  it('collects codes, numeric fields and headers', () => {
    const got = unwrapRefusal({
      error: {
        code: 'context_length_exceeded',
        type: 'invalid_request_error',
        n_ctx: 4096,
        n_prompt_tokens: '5000',
      },
      metadata: { headers: { 'Retry-After': 3 } },
    });
    assert.deepEqual(got.codes, ['context_length_exceeded', 'invalid_request_error']);
    assert.deepEqual([got.fields.get('n_ctx'), got.fields.get('n_prompt_tokens')], [4096, 5000]);
    assert.equal(got.headers.get('retry-after'), '3');
  });
});
