import assert from 'node:assert/strict';

import fc from 'fast-check';

import { mostNamedNoRoom, totalsOf } from '../../../src/core/pack/planTotals.ts';
import type { Form, PlannedFile } from '../../../src/core/pack/types.ts';

const forms: readonly Form[] = ['full', 'outline', 'shortened', 'listed', 'left-out'];

const plannedFile: fc.Arbitrary<PlannedFile> = fc
  .record({
    folder: fc.constantFrom('', 'src/', 'src/a/', 'src2/', 'a/src/', 'z/'),
    name: fc.nat(500),
    form: fc.constantFrom(...forms),
    tokens: fc.nat(1000),
    unwanted: fc.boolean(),
    chosen: fc.constantFrom(true, false, undefined),
  })
  .map(({ folder, name, form, tokens, unwanted, chosen }) => ({
    path: `${folder}${name}.ts`,
    form,
    tokens,
    ...(unwanted && form === 'left-out' && { unwanted: true as const }),
    ...(chosen !== undefined && { choice: { in: chosen, why: '' } }),
  }));

describe('totals of a plan', () => {
  it('law: are what looking at each file by itself gives', () => {
    fc.assert(
      fc.property(fc.array(plannedFile, { maxLength: 60 }), fc.boolean(), (files, isSorted) => {
        if (isSorted) files.sort((a, b) => (a.path < b.path ? -1 : 1));
        const totals = totalsOf({ files });
        for (const form of forms)
          assert.equal(totals.forms[form], files.filter(f => f.form === form).length, form);
        const noRoom = files.filter(f => f.form === 'left-out' && f.unwanted !== true).map(f => f.path);
        assert.equal(totals.noRoom, noRoom.length);
        assert.deepEqual(totals.firstNoRoom, noRoom.slice(0, mostNamedNoRoom));
        assert.equal(totals.unwanted, files.filter(f => f.unwanted === true).length);
        assert.equal(totals.unchosen, files.filter(f => f.choice?.in === false).length);
        const folders = new Map<string, number>();
        for (const { path, tokens } of files) {
          const folder = path.includes('/') ? path.slice(0, path.indexOf('/') + 1) : '';
          folders.set(folder, (folders.get(folder) ?? 0) + tokens);
        }
        assert.deepEqual(
          [...totals.folders].sort(([a], [b]) => (a < b ? -1 : 1)),
          [...folders].sort(([a], [b]) => (a < b ? -1 : 1)),
        );
      }),
    );
  });
});
