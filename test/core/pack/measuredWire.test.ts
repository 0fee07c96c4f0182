import assert from 'node:assert/strict';

import fc from 'fast-check';

import { packFiles, unpackFiles } from '../../../src/core/pack/measuredWire.ts';
import type { ListedFile, SourceFile } from '../../../src/core/workspace/types.ts';

const secret = { rule: 'env-value', line: 3, id: 'x', allowed: false };

const measured = fc.record({
  name: fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }),
  ending: fc.constantFrom('.ts', '.md', '', '.json'),
  language: fc.constantFrom(undefined, 'python'),
  content: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
  isSkip: fc.boolean(),
  numbers: fc.tuple(fc.maxSafeNat(), fc.nat(), fc.nat()),
  hash: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }),
  some: fc.record(
    {
      letters: fc.constant({ Han: 12 }),
      secrets: fc.constant([secret]),
      shortened: fc.constant({ tokens: 4, reason: '3 of 9 lines' }),
      note: fc.constant('read as GBK'),
    },
    { requiredKeys: [] },
  ),
});

describe('measured files on their way to another thread', () => {
  it('law: arrive as they were, with the names that the receiver has', () => {
    fc.assert(
      fc.property(fc.uniqueArray(measured, { maxLength: 20, selector: m => m.name + m.ending }), all => {
        const asked: ListedFile[] = [];
        const files: SourceFile[] = [];
        for (const { name, ending, language, content, isSkip, numbers, hash, some } of all) {
          const path = `${name}${ending}`;
          const listed = { path, absolutePath: `/w/${path}`, ...(content !== undefined && { content }) };
          asked.push(listed);
          const [bytes, lines, tokens] = numbers;
          const own = ending === '.ts' ? 'typescript' : ending === '.md' ? 'markdown' : 'plaintext';
          const facts = { bytes, lines, tokens, hash, language: language ?? own };
          if (!isSkip) files.push({ ...listed, ...facts, ...some });
        }
        const sent = structuredClone(packFiles(files, asked));
        const arrived = unpackFiles(sent, asked);
        assert.deepEqual(arrived, files);
        for (const file of arrived) assert.ok(asked.some(({ path }) => path === file.path));
      }),
    );
  });
});
