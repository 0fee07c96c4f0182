import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TokenCounter } from '../../../src/core/tokens/counter.ts';
import { loadTokenizer } from '../../../src/core/tokens/tokenizerFile.ts';
import { counters } from './oracles.ts';

interface Counts {
  readonly o200k: number;
  readonly llama4: number;
}
interface FileEntry extends Counts {
  readonly repo: string;
  readonly path: string;
  readonly sha256: string;
}
interface DerivedEntry extends Counts {
  readonly file_index: number;
  readonly transform: string;
  readonly sha256: string;
}
interface TokenCounts {
  readonly files: readonly FileEntry[];
  readonly derived: readonly DerivedEntry[];
  readonly snippets: readonly (Counts & { readonly name: string; readonly text: string })[];
}

const facts = JSON.parse(
  readFileSync(new URL('data/token_counts.json', import.meta.url), 'utf8'),
) as TokenCounts;

/** Checkouts named `owner+name`, to check the entries whose files they hold. */
const corpus = process.env['LONGVIEW_TOKEN_CORPUS'];
/** The user's own copy of Meta's rank file, to check the llama4 column too. */
const model = process.env['LONGVIEW_TOKENIZER_MODEL'];

/** The file's bytes where the corpus has that very version, else undefined. */
function obtain({ repo, path, sha256 }: FileEntry): Buffer | undefined {
  const file = join(corpus ?? '', repo.replace('/', '+'), path);
  if (corpus === undefined || !existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : undefined;
}

function transform(bytes: Buffer, how: string): Buffer {
  if (how === 'every LF -> CRLF')
    return Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
  if (how === 'leading U+FEFF removed') return bytes.subarray(3);
  throw new Error(`unknown transform ${how}`);
}

const columns: (readonly [keyof Counts, TokenCounter])[] = [['o200k', counters.o200k]];
if (model !== undefined) columns.push(['llama4', loadTokenizer(readFileSync(model)).counter]);

for (const [column, counter] of columns) {
  describe(`recorded counts, ${column}`, () => {
    for (const entry of facts.snippets) {
      it(entry.name, () => assert.equal(counter.countText(entry.text), entry[column]));
    }

    for (const entry of facts.files) {
      it(`${entry.repo} ${entry.path}`, function () {
        const bytes = obtain(entry);
        if (bytes === undefined) this.skip();
        assert.equal(counter.countUtf8(bytes), entry[column]);
      });
    }

    for (const entry of facts.derived) {
      const source = facts.files[entry.file_index]!;
      it(`${source.repo} ${source.path}, ${entry.transform}`, function () {
        const bytes = obtain(source);
        if (bytes === undefined) this.skip();
        const derived = transform(bytes, entry.transform);
        assert.equal(createHash('sha256').update(derived).digest('hex'), entry.sha256);
        assert.equal(counter.countUtf8(derived), entry[column]);
      });
    }
  });
}
