import assert from 'node:assert/strict';

import type { Anchor, AnchorState } from '../../../src/core/review/anchors.ts';
import { followupsOf } from '../../../src/core/review/followups.ts';
import { readTyped, typedText } from '../../../src/core/review/commands.ts';

const anchor = (state: AnchorState, quote?: string, path = 'src/a.ts'): Anchor => ({
  path,
  startLine: 3,
  endLine: 5,
  state,
  ...(quote !== undefined && { quote }),
});
const of = (text: string, anchors: readonly Anchor[], finishReason = 'stop') => ({
  text,
  anchors,
  finishReason,
});

describe('follow-ups', () => {
  it('an answer that cites nothing suggests nothing', () => {
    assert.deepEqual(followupsOf(of('I do not know `anything`.', [])), []);
  });

  it('asks after the first anchor that does not hold, with its quote', () => {
    const [first] = followupsOf(
      of('x', [anchor('verified', 'a = 1;'), anchor('missing', 'b `c` d', 'src/ghost.ts')]),
    );
    assert.equal(first?.label, 'Check ghost.ts:3-5');
    assert.match(first.prompt, /`src\/ghost\.ts:3-5` with the quote `` b `c` d ``\. There is no such file/);
    assert.deepEqual(
      (['verified', 'unquoted'] as const).flatMap(state => followupsOf(of('x', [anchor(state)]), 'explain')),
      [],
      'what holds, or what merely proves nothing, is no reason to ask',
    );
  });

  it('takes the first name that is both in the answer and in a quote that holds', () => {
    const text = '`npm run build` calls `invented()`, then `Cache.readAll()`; `string` is no name.';
    const found = followupsOf(of(text, [anchor('verified', 'return cache.readAll(string);')]));
    assert.deepEqual(
      found.map(({ command, prompt }) => [command, prompt]),
      [
        ['impact', 'Cache.readAll'],
        ['where', '`Cache.readAll` is used'],
      ],
    );
  });

  it('a plain word is a name only where a quote declares it', () => {
    const words = 'Words: `frame`, `answer`, `sentinel`.';
    const local = anchor('verified', 'const answer = frame(sentinel);');
    assert.deepEqual(
      followupsOf(of(words, [local])).map(f => f.command),
      ['explain'],
    );
    const [found] = followupsOf(of(words, [local, anchor('verified', 'export const sentinel = 1;')]));
    assert.equal(found?.prompt, 'sentinel');
  });

  it('does not suggest the command that was just run', () => {
    const answer = of('See `readAll`.', [anchor('verified', 'function readAll() {')]);
    assert.deepEqual(
      (['impact', 'where', 'explain'] as const).map(command =>
        followupsOf(answer, command).map(f => f.command),
      ),
      [['where'], ['impact', 'explain'], ['impact', 'where']],
    );
  });

  it('an answer that was cut off can be continued', () => {
    assert.match(followupsOf(of('x', [], 'length'))[0]?.prompt ?? '', /Continue/);
  });

  it('what is suggested can be typed', () => {
    for (const { prompt, command } of followupsOf(
      of('`readAll`', [anchor('relocated', 'export const readAll = 1;')]),
    ))
      assert.equal(readTyped(typedText({ command, text: prompt })).command, command);
  });
});
