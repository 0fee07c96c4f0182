import assert from 'node:assert/strict';

import { startFake, systemNames } from './index.ts';
import type { Fake, FakeOptions, SystemName } from './index.ts';
import { ask, chat, readEvents, textOf } from './testing.ts';

let fake: Fake;
const start = async (system: SystemName, options: Partial<FakeOptions> = {}) =>
  (fake = await startFake({ system, contextTokens: 1000, answer: 'fine', ...options }));
const words = (count: number) => 'word '.repeat(count).trim();

/** Systems that answer chat completions in OpenAI's shape. */
const chatting = systemNames.filter(name => name !== 'bedrock' && name !== 'meta-retired');

describe('fakes: every system', () => {
  afterEach(() => fake.close());

  for (const name of chatting)
    it(`${name} answers, streamed and whole, and refuses what it should`, async () => {
      await start(name, {
        apiKey: 'key',
        silentTruncation: false,
        models: [{ id: 'old', contextTokens: 1000, dead: true }],
      });
      const events = readEvents(await (await chat(fake, words(20), { stream: true }, 'key')).text());
      assert.equal(textOf(events), 'fine');
      assert.equal(events.at(-1), '[DONE]');
      const body = await (await chat(fake, words(20), {}, 'key')).json();
      assert.equal(body.choices[0].message.content, 'fine');
      assert.equal(body.usage.prompt_tokens, 24);

      assert.equal((await chat(fake, 'x', {}, 'wrong')).status, 401);
      if (name !== 'tgi' && name !== 'llamacpp') {
        const unknown = await chat(fake, 'x', { model: 'nope' }, 'key');
        assert.ok(unknown.status >= 400 && unknown.status < 500, String(unknown.status));
      }
      const dead = await chat(fake, 'x', { model: 'old' }, 'key');
      assert.ok([400, 404, 410].includes(dead.status), String(dead.status));
      const long = await chat(fake, words(1200), {}, 'key');
      assert.ok(long.status >= 400, String(long.status));
    });

  it('meta-retired is gone, whatever is asked', async () => {
    await start('meta-retired');
    assert.equal((await ask(fake, '/models')).status, 410);
    assert.equal((await chat(fake, 'x')).status, 410);
  });
});
