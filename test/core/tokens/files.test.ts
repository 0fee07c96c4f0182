import assert from 'node:assert/strict';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { counters, createTiktoken, gptCount, gptIsWrongOn } from './oracles.ts';
import { longRun, readText, walk } from './textFiles.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Every so many files tiktoken itself is asked, which is four times slower than gpt-tokenizer. */
const SAMPLE = 250;
/** The packages that are rank tables in disguise: of each file this much, because oracles are slow on them. */
const rankPackages = ['ai-tokenizer', 'gpt-tokenizer', 'tiktoken'].map(
  name => `node_modules${sep}${name}${sep}`,
);
const RANK_FILE_BYTES = 100_000;
/** Files larger than this are compared up to here. */
const MOST_BYTES = 2_000_000;

function bounded(path: string, text: string): string {
  const most = rankPackages.some(name => path.includes(name)) ? RANK_FILE_BYTES : MOST_BYTES;
  return text.slice(0, most);
}

describe('every text file of node_modules and of this checkout', () => {
  it('counts as gpt-tokenizer does, and as tiktoken where that errs and on a sample', function () {
    this.timeout(180_000);
    const tiktoken = createTiktoken('o200k');
    const mismatches: string[] = [];
    let files = 0;
    let byTiktoken = 0;
    for (const path of walk(root, ['.git', 'dist', '.longview-run', 'test-results'])) {
      const content = readText(path);
      if (content === undefined) continue;
      const text = bounded(path, content.toString('utf8'));
      if (longRun.test(text)) continue;
      const count = counters.o200k.countText(text);
      const gptErrs = gptIsWrongOn.test(text);
      const askTiktoken = text.length < 300_000 && (gptErrs || files % SAMPLE === 0);
      if (!gptErrs && gptCount(text) !== count) mismatches.push(path);
      if (askTiktoken && tiktoken(text) !== count) mismatches.push(`${path} (tiktoken)`);
      if (askTiktoken) byTiktoken++;
      files++;
    }
    assert.deepEqual(mismatches, []);
    assert.ok(files > 5_000, `only ${files} files`);
    assert.ok(byTiktoken > 20, `only ${byTiktoken} files by tiktoken`);
  });
});
