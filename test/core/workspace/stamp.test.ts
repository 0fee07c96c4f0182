import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';

import { noStamp, stampOf } from '../../../src/core/workspace/stamp.ts';
import { sandbox, type Sandbox } from './sandbox.ts';

describe('stampOf', () => {
  let box: Sandbox;
  before(() => {
    box = sandbox();
    box.write('a.ts', 'one');
  });
  after(() => box.remove());

  const file = () => box.at('a.ts');
  /** As if looked at `seconds` after the last change. */
  function later(
    seconds: number,
    change: { mtimeNs?: bigint; size?: bigint; ctimeNs?: bigint } = {},
  ): string {
    const stat = Object.assign(lstatSync(box.at('a.ts'), { bigint: true }), change);
    return stampOf(file(), { lstat: () => stat, now: () => stat.ctimeNs + BigInt(seconds) * 1_000_000_000n });
  }

  it('is the same for a file at rest, and another after any change', () => {
    const stamp = later(10);
    assert.notEqual(stamp, noStamp);
    assert.equal(later(500), stamp);
    assert.notEqual(later(10, { size: 4n }), stamp);
    assert.notEqual(later(10, { mtimeNs: 1n }), stamp, 'a time set back');
    assert.notEqual(later(10, { ctimeNs: 5n }), stamp, 'same size, mtime set back: ctime tells');
  });

  it('does not vouch for what was written a moment ago', () => {
    assert.equal(later(1), noStamp);
    assert.notEqual(later(3), noStamp);
  });

  it('does not vouch for what is not there', () => {
    assert.equal(stampOf(box.at('nowhere')), noStamp);
  });
});
