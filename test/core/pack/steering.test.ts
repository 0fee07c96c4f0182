import assert from 'node:assert/strict';
import fc from 'fast-check';

import { LongviewError } from '../../../src/core/errors.ts';
import {
  noSteering,
  parseSteering,
  steer,
  steeringToJson,
  wishFor,
  wishNames,
  type Steering,
  type Wish,
} from '../../../src/core/pack/steering.ts';

describe('steering', () => {
  const wish = (steering: Steering, path: string) => wishFor(steering, path)?.wish;

  it('the nearest wish counts', () => {
    const steering = steer(steer(noSteering, ['src'], 'exclude'), ['src/core/a.ts'], 'pin');
    assert.equal(wish(steering, 'src/b.ts'), 'exclude');
    assert.equal(wish(steering, 'src/core/a.ts'), 'pin');
    assert.equal(wish(steering, 'srcery/a.ts'), undefined);
    assert.deepEqual(wishFor(steering, 'src/x/y.ts'), { wish: 'exclude', of: 'src' });
  });

  it('a wish of a folder takes the place of those below it', () => {
    const steering = steer(steer(noSteering, ['src/a.ts', 'src/b/c.ts'], 'pin'), ['src'], 'outline');
    assert.deepEqual(steeringToJson(steering), { src: 'outline' });
  });

  it('a file of an excluded folder can be put back alone', () => {
    const steering = steer(steer(noSteering, [''], 'exclude'), ['src/a.ts'], 'include');
    assert.equal(wish(steering, 'src/b.ts'), 'exclude');
    assert.equal(wish(steering, 'src/a.ts'), 'include');
  });

  it('putting back what was taken out leaves no trace', () => {
    const taken = steer(noSteering, ['src/a.ts'], 'exclude');
    assert.equal(steer(taken, ['src/a.ts'], 'include').size, 0);
    assert.equal(steer(taken, ['src'], undefined).size, 0);
  });

  const segment = fc.constantFrom('a', 'b', 'c');
  const path = fc.array(segment, { maxLength: 3 }).map(parts => parts.join('/'));
  const wished = fc.constantFrom<(Wish | undefined)[]>(...wishNames, undefined);
  const steps = fc.array(fc.tuple(path, wished), { maxLength: 8 });

  it('what was said last of a path holds for it and for all below it', () => {
    fc.assert(
      fc.property(steps, path, wished, fc.array(segment, { maxLength: 2 }), (before, at, last, below) => {
        const steering = before.reduce<Steering>((s, [p, w]) => steer(s, [p], w), noSteering);
        const inside = [at, ...below].filter(part => part !== '').join('/');
        const got = wish(steer(steering, [at], last), inside);
        if (last === 'include') assert.ok(got === 'include' || got === undefined);
        else if (last !== undefined) assert.equal(got, last);
      }),
    );
  });

  it('is the same after it was stored', () => {
    fc.assert(
      fc.property(steps, given => {
        const steering = given.reduce<Steering>((s, [p, w]) => steer(s, [p], w), noSteering);
        const json = JSON.stringify(steeringToJson(steering));
        assert.deepEqual(
          new Map([...parseSteering(JSON.parse(json), 'it')].sort()),
          new Map([...steering].sort()),
        );
      }),
    );
  });

  for (const bad of [
    null,
    [],
    'x',
    3,
    { 'a.ts': 'maybe' },
    { '../b': 'pin' },
    { '/etc/passwd': 'pin' },
    { a: null },
  ])
    it(`refuses ${JSON.stringify(bad)}, and says why`, () => {
      assert.throws(
        () => parseSteering(bad, 'selections.json'),
        error =>
          error instanceof LongviewError && error.message.startsWith('selections.json is no selection'),
      );
    });

  it('takes names like __proto__ as names', () => {
    const stored = JSON.parse('{"__proto__":"pin"}') as unknown;
    assert.equal(wish(parseSteering(stored, 'it'), '__proto__/a'), 'pin');
    assert.equal(JSON.stringify(steeringToJson(parseSteering(stored, 'it'))), '{"__proto__":"pin"}');
  });
});
