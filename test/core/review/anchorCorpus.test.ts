import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import {
  buildTrials,
  figuresByState,
  kinds,
  runTrial,
  type Outcome,
  type SourceText,
} from '../../bench/anchorCorpus.ts';

const root = new URL('../../../src/core/', import.meta.url);

function sources(): SourceText[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map(path => path.replaceAll('\\', '/'))
    .filter(path => path.endsWith('.ts'))
    .sort()
    .map(path => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));
}

describe('perturbed citations of this checkout', () => {
  const files = sources();
  const paths = files.map(file => file.path);
  let outcomes: Outcome[] = [];

  before(function () {
    this.timeout(60_000);
    outcomes = buildTrials(files, 6, 3).map(trial => runTrial(trial, paths));
  });

  it('has trials of every kind', () => {
    for (const kind of kinds) assert.ok(outcomes.filter(o => o.trial.kind === kind).length >= 30, kind);
  });

  it('never shows a line as verified where the quote does not stand', () => {
    const lies = outcomes.filter(o => o.lie && o.anchor?.state === 'verified');
    assert.deepEqual(
      lies.map(o => [o.trial.markdown, o.anchor]),
      [],
    );
  });

  it('relocates at least 95 % of off-by-n anchors rightly', () => {
    const moved = outcomes.filter(
      o => o.trial.kind === 'off-by-n' && o.trial.expected.states.includes('relocated'),
    );
    const right = moved.filter(o => o.right).length;
    assert.ok(moved.length >= 50);
    assert.ok(right >= 0.95 * moved.length, `${right} of ${moved.length}`);
  });

  it('gives every state with precision and recall of at least 95 %', () => {
    for (const { state, given, expected, right } of figuresByState(outcomes)) {
      assert.ok(expected > 0, state);
      assert.ok(
        right >= 0.95 * given && right >= 0.95 * expected,
        `${state}: ${right} of ${given}/${expected}`,
      );
    }
  });
});
