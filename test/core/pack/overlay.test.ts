import assert from 'node:assert/strict';

import fc from 'fast-check';

import { atOnce } from '../../../src/core/pace.ts';
import { changesSince, toldBy, toldOfChosen, toldSince, versionOf } from '../../../src/core/pack/overlay.ts';
import type { Form, Plan } from '../../../src/core/pack/types.ts';
import { comparePaths } from '../../../src/core/workspace/byPath.ts';
import type { LeftOutFile, SourceFile } from '../../../src/core/workspace/types.ts';

const forms: readonly Form[] = ['full', 'outline', 'shortened', 'listed', 'left-out'];
const source = (path: string, hash: string): SourceFile => ({
  ...{ path, absolutePath: `/w/${path}`, bytes: 1, lines: 1, language: 'plaintext', hash, tokens: 1 },
});
const ignored = (path: string): LeftOutFile => ({
  ...{ path, absolutePath: `/w/${path}`, leftOutBy: { kind: 'own-output' } },
});

/** A file of the workspace: how it was planned, whether it was there when it was rendered, and what it is by now. */
const file = fc.record({
  form: fc.constantFrom(...forms),
  then: fc.constantFrom('there', 'vanished', 'ignored'),
  now: fc.constantFrom('same', 'edited', 'gone', 'ignored'),
  unchosen: fc.boolean(),
  isChosen: fc.boolean(),
});
const workspace = fc.dictionary(
  fc.string({ unit: fc.constantFrom('a', 'b', '/', '-'), minLength: 1 }),
  file,
  {
    noNullPrototype: true,
    maxKeys: 12,
  },
);

describe('what a prompt has told', () => {
  it('is, of every file, what plan, manifest and inventory say together', () => {
    fc.assert(
      fc.property(workspace, fc.boolean(), (all, isOfPreset) => {
        const files = Object.entries(all)
          .map(([path, one]) => ({ path, ...one }))
          .sort(comparePaths);
        const isPacked = ({ form, then }: (typeof files)[number]) =>
          then === 'there' && form !== 'listed' && form !== 'left-out';
        const plan = {
          files: files.map(({ path, form, then }) => ({
            path,
            form: then === 'ignored' ? 'left-out' : form,
            tokens: 1,
            why: '',
          })),
        } as unknown as Plan;
        const told = toldBy(plan, {
          files: files.filter(f => f.then === 'there').map(({ path }) => source(path, 'then')),
          leftOut: files.filter(f => f.then === 'ignored').map(({ path }) => ignored(path)),
        });
        for (const one of files) {
          const expected = isPacked(one)
            ? { form: one.form, version: versionOf({ hash: 'then' }) }
            : one.then === 'ignored'
              ? undefined
              : { form: one.form, version: '' };
          assert.deepEqual(told.get(one.path), expected);
        }
        assert.equal(told.get('nowhere'), undefined);
        assert.deepEqual(
          [...told],
          files.flatMap(({ path }) => (told.get(path) === undefined ? [] : [[path, told.get(path)]])),
        );

        const inventory = {
          files: files.flatMap(({ path, now }) =>
            now === 'same' || now === 'edited' ? [source(path, now === 'same' ? 'then' : 'edited')] : [],
          ),
          leftOut: files.filter(f => f.now === 'ignored').map(({ path }) => ignored(path)),
        };
        const by = new Map(files.map(one => [one.path, one]));
        const chosen = isOfPreset
          ? toldOfChosen(
              told,
              inventory.files,
              path => by.get(path)?.unchosen === true,
              path => by.get(path)?.isChosen === true,
            )
          : told;
        const changes = atOnce(changesSince(toldSince(chosen, new Map()), inventory));
        const isThere = (now: string) => now === 'same' || now === 'edited';
        const paths = (which: (one: (typeof files)[number]) => boolean) =>
          files.filter(which).map(({ path }) => path);
        assert.deepEqual(
          changes.files.map(({ path }) => path),
          paths(one => {
            if (!isThere(one.now)) return false;
            if (isPacked(one)) return one.now === 'edited';
            // Told of with no content of it, or with one that the model never saw.
            const holds = one.then === 'vanished' && !['listed', 'left-out'].includes(one.form);
            if (holds) return true;
            if (isOfPreset && !one.isChosen) return false;
            return one.then === 'ignored' || (isOfPreset && one.unchosen);
          }),
        );
        const wasTold = (one: (typeof files)[number]) => one.then !== 'ignored' && one.form !== 'left-out';
        const isExcluded = (one: (typeof files)[number]) => one.now === 'ignored' && one.form !== 'listed';
        assert.deepEqual(
          changes.deleted,
          paths(one => !isThere(one.now) && wasTold(one) && !isExcluded(one)),
        );
        assert.deepEqual(
          changes.excluded,
          paths(one => wasTold(one) && isExcluded(one)),
        );
      }),
    );
  });
});
