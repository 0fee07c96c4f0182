import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';

import {
  chunkOf,
  codeIdOf,
  loadMeasured,
  openMeasured,
  saveMeasured,
} from '../../../src/core/pack/measuredStore.ts';
import { measuredKey, recordOf, type Found } from '../../../src/core/pack/measuredTable.ts';
import { createMeasurer, type Measurer } from '../../../src/core/pack/measurer.ts';
import { stampOf } from '../../../src/core/workspace/stamp.ts';
import type { SourceFile } from '../../../src/core/workspace/types.ts';

const code = codeIdOf(Buffer.from('this build'));
const listed = (n: number) => ({
  path: `src/secret-name-${n}.ts`,
  absolutePath: `/w/src/secret-name-${n}.ts`,
});
const key = (n: number) => measuredKey('o200k', listed(n));
const source = (n: number, more: Partial<SourceFile> = {}): SourceFile => ({
  ...listed(n),
  bytes: 10 + n,
  lines: n,
  language: 'typescript',
  hash: n.toString(16).padStart(64, 'a'),
  tokens: 7 * n,
  ...more,
});
const file = (n: number, more?: Partial<SourceFile>): Found => ({ kind: 'file', file: source(n, more) });
const chunk = (...entries: readonly (readonly [number, string, Found])[]) =>
  chunkOf(
    entries.map(([n, stamp, found]) => {
      const record = recordOf(stamp, found);
      assert.ok(record);
      return { key: key(n), record };
    }),
  );
const onDay = (day: number) => ({ now: () => day * 86_400_000 });

describe('what was measured, kept', () => {
  let folder: string;
  let store: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'longview-measured-'));
    store = join(folder, 'measured', 'workspace');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const find = (n: number, stamp: string) => {
    const memory = loadMeasured(store, code);
    return memory && openMeasured(memory).find(key(n), stamp, listed(n));
  };

  it('law: what was found comes back as it was, at its own stamp alone', async () => {
    const facts = fc.record(
      {
        letters: fc.dictionary(fc.constantFrom('Han', 'Thai', 'Greek'), fc.nat(1e6), {
          minKeys: 1,
          noNullPrototype: true,
        }),
        shortened: fc.record(
          { tokens: fc.nat(1e6), reason: fc.string({ unit: 'grapheme' }) },
          { noNullPrototype: true },
        ),
        note: fc.string(),
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(facts, { minLength: 1, maxLength: 30 }), async all => {
        rmSync(store, { force: true });
        const fresh = chunk(...all.map((more, n) => [n, `stamp ${n}`, file(n, more)] as const));
        await saveMeasured(store, code, undefined, [fresh]);
        for (const [n, more] of all.entries()) {
          assert.deepEqual(find(n, `stamp ${n}`), file(n, more));
          assert.equal(find(n, `stamp ${n + 1}`), undefined);
        }
        assert.equal(find(all.length, `stamp ${all.length}`), undefined);
      }),
      { numRuns: 25 },
    );
  });

  it('keeps that a file is no text', async () => {
    const skip: Found = { kind: 'skip', skip: { path: listed(1).path, reason: { kind: 'binary' } } };
    await saveMeasured(store, code, undefined, [chunk([1, 's', skip])]);
    assert.deepEqual(find(1, 's'), skip);
  });

  it('never keeps files with secrets, what editors show, or what depends on more than the stamp', () => {
    const secrets = [{ rule: 'r', line: 1, id: 'i', allowed: true }];
    assert.equal(recordOf('s', file(1, { secrets })), undefined);
    assert.equal(recordOf('s', file(1, { content: 'unsaved' })), undefined);
    assert.equal(
      recordOf('s', { kind: 'skip', skip: { path: 'a', reason: { kind: 'vanished' } } }),
      undefined,
    );
  });

  it('names no file', async () => {
    await saveMeasured(store, code, undefined, [chunk([1, 's', file(1)])]);
    assert.ok(!readFileSync(store).includes('secret-name'));
  });

  it('is no cache where it is torn, damaged, empty, or another build’s', async () => {
    await saveMeasured(store, code, undefined, [chunk([1, 's', file(1)], [2, 's', file(2)])]);
    const whole = readFileSync(store);
    assert.ok(find(1, 's'));
    assert.equal(loadMeasured(store, codeIdOf(Buffer.from('another build'))), undefined);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(store, whole.subarray(0, length));
      assert.equal(loadMeasured(store, code), undefined, `${length} bytes`);
    }
    for (let at = 32; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      writeFileSync(store, damaged);
      assert.equal(loadMeasured(store, code), undefined, `byte ${at}`);
    }
    // Whatever was there is no reason not to write.
    await saveMeasured(store, code, undefined, [chunk([3, 's', file(3)])]);
    assert.deepEqual(find(3, 's'), file(3));
  });

  it('a forged file with a true checksum gives no nonsense and nothing of other memory', async () => {
    await saveMeasured(store, code, undefined, [chunk([1, 's', file(1, { note: 'n' })], [2, 's', file(2)])]);
    const whole = readFileSync(store);
    const forged = fc.array(fc.tuple(fc.nat(whole.length - 33), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(forged, changes => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[32 + at] = value;
        bytes.writeInt32LE(crc32(bytes.subarray(32)) | 0, 12);
        writeFileSync(store, bytes);
        const found = find(1, 's');
        if (found?.kind === 'file') {
          assert.match(found.file.hash, /^[0-9a-f]{64}$/);
          assert.ok(found.file.note === undefined || typeof found.file.note === 'string');
        }
        const memory = loadMeasured(store, code);
        if (memory !== undefined)
          for (const { record } of openMeasured(memory).entries()) assert.ok(record.length >= 64);
      }),
    );
  });

  it('two that write after each other keep what both found; what is new wins', async () => {
    await saveMeasured(store, code, undefined, [chunk([1, 'a', file(1)])], onDay(100));
    await saveMeasured(store, code, undefined, [chunk([2, 'a', file(2)])], onDay(100));
    await saveMeasured(store, code, undefined, [chunk([1, 'b', file(1, { tokens: 5 })])], onDay(100));
    assert.equal(find(1, 'a'), undefined);
    assert.deepEqual(find(1, 'b'), file(1, { tokens: 5 }));
    assert.deepEqual(find(2, 'a'), file(2));
  });

  it('forgets what nobody used for weeks, and keeps what is used', async () => {
    await saveMeasured(store, code, undefined, [chunk([1, 'a', file(1)], [2, 'a', file(2)])], onDay(100));
    const memory = loadMeasured(store, code);
    assert.ok(memory);
    openMeasured(memory, onDay(115)).find(key(1), 'a', listed(1));
    await saveMeasured(store, code, memory, [chunk([3, 'a', file(3)])], onDay(125));
    assert.ok(find(1, 'a'));
    assert.equal(find(2, 'a'), undefined);
  });

  it('keeps the files of two dozen workspaces', async () => {
    for (let n = 0; n < 30; n++) {
      const other = join(folder, 'measured', `w${n}`);
      await saveMeasured(other, code, undefined, [chunk([n, 'a', file(n)])]);
      utimesSync(other, n + 1000, n + 1000);
    }
    await saveMeasured(store, code, undefined, [chunk([1, 'a', file(1)])]);
    assert.equal(readdirSync(join(folder, 'measured')).length, 24);
    assert.ok(existsSync(store) && !existsSync(join(folder, 'measured', 'w0')));
  });

  describe('by a measurer', function () {
    this.timeout(30_000);
    const options = { maxFileBytes: 1e6 };
    const script = resolve('dist/measureWorker.js');
    const warnings: string[] = [];
    const open = (): Measurer =>
      createMeasurer(script, {
        file: join(folder, 'counts'),
        measuredFolder: join(folder, 'measured'),
        warn: message => warnings.push(message),
      });

    /** Of this checkout: old enough that its stamps count. */
    const sources = resolve('src/core/tokens');

    /** Lists and measures as one process would. */
    async function surveyed(path: string): Promise<readonly SourceFile[]> {
      const measurer = open();
      try {
        const { files } = await measurer.list([{ name: 'w', path }], { trusted: true });
        const measured = await measurer.measure(files, options);
        await measurer.keepCounts();
        return measured.files;
      } finally {
        await measurer.dispose();
      }
    }

    const kept = () => {
      const at = join(folder, 'measured');
      return existsSync(at) ? readdirSync(at).map(name => join(at, name)) : [];
    };

    it('knows files by their stamps after a restart, and reads them where it is told to', async () => {
      const first = await surveyed(sources);
      assert.ok(first.length > 20);
      assert.deepEqual(await surveyed(sources), first);
      // A mark, so that it shows where an answer comes from.
      const [at] = kept();
      assert.ok(at);
      const build = codeIdOf(readFileSync(script));
      const memory = loadMeasured(at, build);
      assert.ok(memory);
      const asked = { path: 'bpe.ts', absolutePath: join(sources, 'bpe.ts') };
      const [name, stamp] = [measuredKey('o200k false 1000000', asked), stampOf(asked.absolutePath)];
      const found = openMeasured(memory).find(name, stamp, asked);
      assert.ok(found?.kind === 'file');
      const record = recordOf(stamp, { kind: 'file', file: { ...found.file, tokens: 4242 } });
      assert.ok(record);
      await saveMeasured(at, build, undefined, [chunkOf([{ key: name, record }])]);
      const marked = await surveyed(sources);
      assert.deepEqual(
        marked.filter((f, i) => f.tokens !== first[i]?.tokens).map(f => [f.path, f.tokens]),
        [['bpe.ts', 4242]],
      );
      const measurer = open();
      await measurer.list([{ name: 'w', path: sources }], { trusted: true });
      const afresh = await measurer.measure([asked], { ...options, afresh: true });
      await measurer.dispose();
      assert.equal(afresh.files[0]?.tokens, found.file.tokens);
      assert.deepEqual(warnings, []);
    });

    it('keeps nothing of a file that changed just now: it may change again unseen', async () => {
      const fresh = join(folder, 'w');
      mkdirSync(fresh);
      writeFileSync(join(fresh, 'a.ts'), 'const a = 1;\n');
      assert.equal((await surveyed(fresh)).length, 1);
      assert.deepEqual(kept(), []);
    });
  });
});
