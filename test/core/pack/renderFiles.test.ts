import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';

import { spareBlock } from '../../../src/core/pack/arena.ts';
import { fileSegment } from '../../../src/core/pack/frame.ts';
import type { RenderFile } from '../../../src/core/pack/measureProtocol.ts';
import { redactFile } from '../../../src/core/pack/redact.ts';
import { renderFiles } from '../../../src/core/pack/renderFiles.ts';
import { apart } from '../../../src/core/pack/segments.ts';
import { contentHash, describeContent } from '../../../src/core/workspace/readSource.ts';

const salt = 'salt';
const deps = { salt, parser: { lines: () => Promise.resolve([]) }, scratch: [] as ArrayBuffer[] };

describe('rendered files', () => {
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'longview-render-'))));
  after(() => rmSync(folder, { recursive: true }));

  function written(contents: readonly Buffer[]): RenderFile[] {
    return contents.map((content, i) => {
      const absolutePath = join(folder, String(i));
      writeFileSync(absolutePath, content);
      return { path: `src/${i}.ts`, absolutePath, hash: contentHash(content) };
    });
  }
  const rendered = async (files: readonly RenderFile[], maxBytes = 1e6) =>
    apart(await renderFiles(files, maxBytes, deps)).map(s => s && Buffer.from(s).toString());

  it('law: made of bytes or of text, segments are the same; a batch keeps files apart', async () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        '\n',
        '\r\n',
        '\r',
        '@@@',
        '@',
        '<|eot|>',
        '<',
        '|',
        '\\',
        '｜',
        '\uFEFF',
        'é漢😀',
        '\0',
        'line\n'.repeat(40),
      ],
    );
    const text = fc.array(piece, { maxLength: 40 }).map(parts => parts.join(''));
    const encoded = fc.oneof(
      { weight: 5, arbitrary: text.map(t => Buffer.from(t)) },
      text.map(t => Buffer.from(`\uFEFF${t}`, 'utf16le')),
      text.map(t => Buffer.from(`${t} abcdefgh`, 'utf16le')),
      fc.uint8Array({ maxLength: 30 }).map(bytes => Buffer.from(bytes)),
      fc
        .constant(
          Buffer.from('x'.repeat(99) + '\n')
            .toString('utf8')
            .repeat(3000),
        )
        .map(t => Buffer.from(t)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(encoded, { minLength: 1, maxLength: 8 }), async contents => {
        const files = written(contents);
        const expected = contents.map((content, i) => {
          const source = describeContent(files[i]?.path ?? '', content);
          return source.kind === 'text' ? fileSegment(files[i]?.path ?? '', source.text) : undefined;
        });
        const segments = await rendered(files);
        for (const [i, text] of expected.entries()) {
          if (text !== undefined) assert.equal(segments[i], text);
          // What is no text was never planned; the planner is told so.
          else assert.ok(segments[i] === null || contents[i]?.includes(0) === false);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps what it gave, whatever it renders next', async () => {
    const files = written([Buffer.from('one\n'), Buffer.from('two\n'.repeat(20_000))]);
    const first = await renderFiles(files, 1e6, deps);
    await renderFiles(written([Buffer.from('other\n'.repeat(30_000))]), 1e6, deps);
    assert.deepEqual(
      apart(first).map(segment => Buffer.from(segment ?? []).toString()),
      [fileSegment('src/0.ts', 'one\n'), fileSegment('src/1.ts', 'two\n'.repeat(20_000))],
    );
  });

  it('gives away no memory that it uses again, whatever the sizes', async () => {
    const sizes = fc.array(fc.constantFrom(10, 100_000, 250_000, 300_000, 700_000), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(sizes, { maxLength: 3 }), async batches => {
        for (const batch of batches) {
          const files = written(batch.map(size => Buffer.from(`${'x'.repeat(99)}\n`.repeat(size / 100))));
          const result = await renderFiles(files, 1e6, deps);
          // As it goes to another thread.
          const sent = structuredClone(result, {
            transfer: [...new Set(result.pieces.map(p => p.buffer as ArrayBuffer))],
          });
          assert.ok(apart(sent).every(segment => segment !== null));
          assert.ok(deps.scratch.every(block => block.byteLength === spareBlock));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is null where the file is not what was planned, is gone, or is too large', async () => {
    const [file, gone] = written([Buffer.from('a\n'), Buffer.from('b\n')]);
    assert.ok(file && gone);
    assert.deepEqual(await rendered([{ ...file, hash: contentHash(Buffer.from('c')) }]), [null]);
    rmSync(gone.absolutePath);
    assert.deepEqual(await rendered([gone]), [null]);
    assert.deepEqual(await rendered([file], 1), [null]);
  });

  it('redacts what was found, though the content is plain UTF-8', async () => {
    const text = 'DB_PASSWORD=hunter2hunter2\nPORT=1\n';
    const [file] = written([Buffer.from(text)]);
    assert.ok(file);
    const { secrets } = redactFile('.env', text, { salt, allowed: [] });
    assert.equal(secrets.length, 1);
    const [segment] = await rendered([{ ...file, path: '.env', secrets }]);
    assert.match(segment ?? '', /\[redacted: /);
    assert.doesNotMatch(segment ?? '', /hunter2/);
  });

  it('shows what an editor has, not what is on disk', async () => {
    const [file] = written([Buffer.from('old\n')]);
    assert.ok(file);
    const content = 'new\n';
    const asked = { ...file, content, hash: contentHash(Buffer.from(content)) };
    assert.deepEqual(await rendered([asked]), [fileSegment(file.path, content)]);
  });
});
