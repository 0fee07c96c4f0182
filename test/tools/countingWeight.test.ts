import assert from 'node:assert/strict';
import { build } from 'esbuild';

import { encodings } from '../../src/core/tokens/createCounter.ts';
import { compressRanks, packRanks, rankFileText } from '../../tools/ranks.mjs';

/** Most that counting may weigh in the package: the ranks, and our code for it. Bytes. */
const most = 1_700_000;

describe('what counting weighs', function () {
  this.timeout(60_000);

  it(`is at most ${most} bytes, ranks and code, and no other tokenizer's code`, async () => {
    // As `npm run package` bundles the worker, which is where tokens are counted.
    const { metafile } = await build({
      entryPoints: ['src/core/pack/measureWorker.ts'],
      outfile: 'measureWorker.js',
      bundle: true,
      platform: 'node',
      format: 'cjs',
      minify: true,
      keepNames: true,
      write: false,
      metafile: true,
    });
    const inputs = Object.entries(metafile.outputs['measureWorker.js']?.inputs ?? {});
    const own = inputs.filter(([path]) => path.startsWith('src/core/tokens/'));
    assert.ok(own.some(([path]) => path.endsWith('/fastCounter.ts')));
    assert.deepEqual(
      inputs.map(([path]) => path).filter(path => /tokenizer\/|tiktoken/.test(path)),
      [],
    );
    const code = own.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
    // A package compresses them better (quality 11), which takes seconds.
    const ranks = encodings.map(name => compressRanks(packRanks(rankFileText(name)), 5).length);
    const bytes = ranks.reduce((sum, size) => sum + size, code);
    console.log(`      ${bytes} bytes: ranks ${ranks.join(' + ')}, code ${code}`);
    assert.ok(bytes <= most, String(bytes));
  });
});
