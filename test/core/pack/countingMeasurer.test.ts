import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { atOnce } from '../../../src/core/pace.ts';
import { inEndpointTokens } from '../../../src/core/pack/countingMeasurer.ts';
import { countingOf } from '../../../src/core/review/counting.ts';
import { chooseCounter } from '../../../src/core/tokens/counters.ts';
import type { SourceFile } from '../../../src/core/workspace/types.ts';

const estimate = countingOf(chooseCounter('meta-llama/llama-4-scout'), null);
const files = (count: number): SourceFile[] =>
  Array.from({ length: count }, (_, i) => ({
    ...{ path: `f${i}`, absolutePath: `/w/f${i}`, bytes: 100, lines: 3, language: 'plaintext' },
    ...{ hash: `${i}`, tokens: 50 },
  }));
const converted = (list: readonly SourceFile[], counting = estimate) =>
  atOnce(inEndpointTokens(list, counting));

describe('an inventory in an endpoint’s tokens', () => {
  it('has the same object for a file that did not change, whatever else did, and others for another counting', () => {
    const before = files(20);
    const first = converted(before);
    const edited = before.with(3, { ...(before[3] ?? assert.fail()), tokens: 90 });
    // A few of them alone do not disturb it.
    converted(edited.slice(3, 4));
    const second = converted(edited);
    second.forEach((file, i) => {
      assert.equal(file === first[i], i !== 3, file.path);
    });
    assert.notEqual(second[3]?.tokens, first[3]?.tokens);
    const other = converted(edited, { ...estimate, factor: 2 });
    assert.ok((other[0]?.tokens ?? 0) > (second[0]?.tokens ?? 0));
    assert.equal(converted([...edited])[0], second[0]);
  });

  it('does so for any number of files', function () {
    this.timeout(20_000);
    const many = files(210_000);
    const first = converted(many);
    const second = converted([...many]);
    assert.equal(
      second.findIndex((file, i) => file !== first[i]),
      -1,
    );
  });

  it('keeps no text of an editor that has another by now', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const texts: WeakRef<SourceFile>[] = [];
    const others = files(5);
    for (let i = 0; i < 4; i++) {
      const typed = { ...(others[0] ?? assert.fail()), hash: `typed ${i}`, content: 'x'.repeat(1000) };
      texts.push(new WeakRef(typed));
      converted([typed, ...others.slice(1)]);
    }
    // What a weak reference was made of, or asked for, stays until the turn ends.
    await new Promise(resolve => setImmediate(resolve));
    collect();
    assert.deepEqual(
      texts.slice(0, 3).map(text => text.deref()),
      [undefined, undefined, undefined],
    );
  });
});
