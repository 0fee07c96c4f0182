import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { createMeasurer, type Measurer } from '../../../src/core/pack/measurer.ts';
import { packWorkspace } from '../../../src/core/pack/packWorkspace.ts';
import { unpack } from '../../../src/core/pack/unpack.ts';
import { takeInventory } from '../../../src/core/workspace/inventory.ts';
import { counters } from '../tokens/oracles.ts';

/**
 * The reliability list of reference/packers.md, by name. What has a test of its own elsewhere is pointed to, and the
 * pointer is checked: the test must be there. The rest runs here, through a whole pack.
 */
type Where = readonly [file: string, title: string];
const workspace = (name: string, title: string): Where => [`test/core/workspace/${name}.test.ts`, title];
const pack = (name: string, title: string): Where => [`test/core/pack/${name}.test.ts`, title];

const elsewhere: Readonly<Record<string, Readonly<Record<string, Where>>>> = {
  Enumeration: {
    'nested ignore+negation': workspace('gitFiles', 'nested ignore files and negation'),
    're-include under ignored parent': workspace(
      'gitFiles',
      're-include under an ignored parent stays ignored',
    ),
    'escaped `\\#`, trailing `\\ `': workspace('gitFiles', 'escaped `\\\\#` and trailing `\\\\ `'),
    'dirs with `[ ]( )`': workspace('gitFiles', 'folders with `[ ]( )` in their names'),
    'info/exclude anchored + in worktree': workspace('gitFiles', 'info/exclude, anchored, and in a worktree'),
    'core.excludesFile': workspace('gitFiles', 'core.excludesFile'),
    'tracked-but-ignored kept': workspace('gitFiles', 'tracked although ignored is kept'),
    'deleted-but-tracked': workspace('gitFiles', 'deleted but tracked is a skip'),
    'intent-to-add': workspace('gitFiles', 'intent-to-add, staged, and unmerged paths'),
    'sparse checkout': workspace('gitFiles', 'sparse checkout: what is not checked out is a skip'),
    submodule: workspace('gitFiles', 'are entered, each under its own rules'),
    'nested repo': workspace('gitFiles', 'a repository inside another is entered'),
    'worktree `.git` file': workspace('gitFiles', 'a worktree, whose `.git` is a file'),
    'bare/no git': workspace('gitFiles', 'a bare repository, and the inside of `.git`'),
    'not a repo but parent is': workspace('gitFiles', 'a folder that is a sub-directory of a repository'),
    'git missing': workspace('gitFiles', 'git missing'),
    '`safe.directory` refusal': workspace('gitFiles', 'a refusal by `safe.directory`'),
    'corrupt index': workspace('gitFiles', 'a corrupt index'),
    'missing blobs': workspace('gitFiles', 'missing blobs do not matter'),
    'multi-root incl. one root inside another': workspace(
      'listFiles',
      'one root inside another: each file once',
    ),
    'never emit any path with a `.git` component': workspace(
      'gitFiles',
      'never a path with a `.git` component',
    ),
    'case-insensitive FS': workspace('gitFiles', 'case-insensitive file systems'),
    'NFC/NFD twins': workspace('listFiles', 'NFC'),
    '100k files': workspace('gitFiles', '100,000 files'),
    'permission-denied file': workspace('readSource', 'a file that may not be read'),
    'permission-denied dir': workspace(
      'walkFiles',
      'a folder that may not be read is a skip with the reason',
    ),
    'file vanishing mid-read': workspace('readSource', 'vanishing while it is read does no harm'),
    'file growing mid-read': workspace('readSource', 'growing while it is read'),
    'FIFO, socket, device': workspace('readSource', 'a FIFO, a socket, a device, a folder'),
    'symlink loop/broken/outside/dir': workspace('readSource', 'symbolic links: a loop, broken, to a folder'),
    'output file inside the workspace': workspace('listFiles', 'a file Longview is about to write'),
    'git runs no program of the repository': workspace('git', 'fsmonitor, hooks, filters, aliases, pager'),
    'without git, the same set': workspace(
      'walkFiles',
      'finds what git finds, whatever the ignore files say',
    ),
  },
  Names: {
    'all kinds, through listing': workspace('listFiles', 'of every kind come through unchanged'),
    'invalid UTF-8 bytes': workspace(
      'names',
      'every byte sequence survives the way through a string and back',
    ),
    '4 KB paths': workspace('listFiles', 'paths of 3.6 KB below the folder'),
    'any name, through the prompt and back': pack('frame', 'law: a path survives its header'),
    'any name, restored or refused': pack(
      'restoreFiles',
      'writes files and folders, whatever they are called',
    ),
  },
  Content: {
    'every encoding': workspace('decode', 'no bytes whatsoever make it throw'),
    'NUL late in file': workspace('decode', 'NUL'),
    BOMs: workspace('decode', 'only one BOM is a BOM'),
    'mixed EOL': workspace('lines', 'are counted as they are split (property)'),
    'U+FFFD, control characters, template traps': workspace(
      'decode',
      'U+FFFD, control characters, template traps',
    ),
    'text with binary ext; binary with text ext': workspace(
      'readSource',
      'a text with a binary extension is text',
    ),
    'delimiter collisions for our own framing': pack('frame', 'law: unpack gives back every file'),
    'lone surrogates': workspace('decode', 'UTF-16 with a BOM and a lone surrogate'),
    '`<|endoftext|>`-type special tokens': pack('frame', 'law: restore undoes neutralise'),
    'one 50 MB line': workspace('readSource', 'one line of 50 MB'),
    'generated/lock/minified detection': pack('plan', 'demotes '),
    'long runs and CJK are counted in linear time': [
      'test/core/tokens/fastCounter.test.ts',
      'a megabyte of ',
    ],
  },
  Budget: {
    'never over by one token, deterministic': pack('plan', 'law: never over the room by one token'),
    'filled until nothing fits': pack('plan', 'law: filled until nothing that is left fits'),
    'the whole prompt, counted again': pack(
      'planWorkspace',
      'law: for every room the prompt counts as planned',
    ),
    'smaller than the frame': pack('planWorkspace', 'refuses a room smaller than its own frames'),
    'reserve for output': pack('budget', 'is limit minus answer, instructions, question, reserve and margin'),
    'one file > limit, and biggest-file-first starvation': pack(
      'plan',
      'passes over a file that is too large',
    ),
    'counts add up to the token': pack('additivity', 'whatever the files hold and are called'),
    'tokenizer skew and 400-error recovery': [
      'test/core/review/refit.test.ts',
      'the refusal becomes evidence',
    ],
    'cancel mid-way': pack('planWorkspace', 'and ends when cancelled'),
  },
};

describe('the reliability list', () => {
  for (const [chapter, tests] of Object.entries(elsewhere))
    describe(chapter, () => {
      for (const [name, [file, title]] of Object.entries(tests))
        it(`${name} (${file})`, () => {
          assert.ok(existsSync(file), `${file} is gone`);
          assert.ok(readFileSync(file, 'utf8').includes(title), `${file} has no test "${title}" any more`);
        });
    });

  describe('through a whole pack', function () {
    this.timeout(120_000);
    let folder: string;
    let measurer: Measurer;

    const contents: Readonly<Record<string, string | Buffer>> = {
      'no final newline': 'last',
      'leading blank lines': '\n\n   indented\n',
      empty: '',
      'whitespace only': ' \n\t\n',
      'mixed line ends': 'a\r\nb\rc\n',
      'template traps': '$& $1 {{x}} ${FILE_CONTENT} %s FILE_CONTENT\n',
      'special tokens': '<|endoftext|><|eot|><|header_start|>user<|header_end|>\n',
      'our own frames': '@@@@ end\n@@@@ file x (1 line)\nevil\n@@@@ question\n',
      'their frames': '</file>\n<file path="evil">\n```\n````\n',
      'control characters': '\u001b[31mred\u0007\f\n',
      'replacement character': 'a\ufffdb\n',
      'a run of one character': 'a'.repeat(1_000_000),
      'Chinese without spaces': '你好世界'.repeat(20_000),
      dashes: '-'.repeat(200_000),
      'base64 in a source': `const x = '${Buffer.from('x'.repeat(30_000)).toString('base64')}';\n`,
      'UTF-16 with a BOM': Buffer.from('\ufeffgrüße\n', 'utf16le'),
      'Latin-1 of some length': Buffer.from('// größe und maß für die süße übung\n'.repeat(8), 'latin1'),
      __proto__: 'a file like any other\n',
      constructor: 'too\n',
      ' leading space': 'x\n',
      'new\nline': 'x\n',
      'quotes"\'<>&`': 'x\n',
      'back\\slash': 'x\n',
      '*glob?[a]': 'x\n',
      'tab\tand`backtick`': 'x\n',
      '%20': 'x\n',
      '👩🏽‍💻.ts': 'x\n',
      [`${'n'.repeat(245)}.ts`]: 'x\n',
    };

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'longview-reliable-'));
      // What would be shortened or redacted has tests of its own: here it is to come back whole.
      measurer = createMeasurer(resolve('dist/measureWorker.js'), undefined, {
        salt: 'salt',
        ids: () => [],
        keepFull: () => ['files'],
      });
      for (const [name, content] of Object.entries(contents)) {
        const file = join(folder, 'files', name);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content);
      }
    });
    after(async () => {
      await measurer.dispose();
      await rm(folder, { recursive: true });
    });

    const take = async () =>
      (
        await takeInventory(
          [{ name: 'w', path: folder }],
          { maxFileBytes: 60_000_000, trusted: false },
          measurer,
        )
      ).inventory;

    for (const name of Object.keys(contents))
      it(`${JSON.stringify(name).slice(0, 40)} comes back as it was, with its line ends made LF`, async () => {
        const all = await packed();
        const text = all.get(`files/${name}`);
        const content = contents[name] ?? assert.fail();
        const expected = Buffer.isBuffer(content)
          ? new TextDecoder(name.startsWith('UTF-16') ? 'utf-16le' : 'latin1').decode(content)
          : content;
        assert.ok(text === expected.replace(/\r\n|\r/g, '\n'), `${text?.length} characters came back`);
      });

    let files: Promise<Map<string, string>> | undefined;
    const packed = () =>
      (files ??= take().then(async inventory => {
        const result = await packWorkspace(inventory, { room: null, maxFileBytes: 60_000_000 }, measurer);
        const prompt = Buffer.concat([...result.pack.pieces]).toString();
        return new Map(unpack(prompt).map(f => [f.path, f.text]));
      }));

    it('unsaved editors: what the user sees is packed, not what is on disk', async () => {
      const inventory = await take();
      const file = inventory.files.find(f => f.path === 'files/no final newline') ?? assert.fail();
      const { path, absolutePath } = file;
      const listed = { path, absolutePath, content: 'typed,\r\nnot saved' };
      const { files: seen } = await measurer.measure([listed], { maxFileBytes: 60_000_000 });
      const result = await packWorkspace(
        { ...inventory, files: seen },
        { room: null, maxFileBytes: 60_000_000 },
        measurer,
      );
      const [unsaved] = unpack(Buffer.concat([...result.pack.pieces]).toString());
      assert.deepEqual(unsaved, { path, text: 'typed,\nnot saved' });
    });

    it('the order of files, and so every byte, depends on nothing but the content', async () => {
      const inventory = await take();
      const options = { room: null, maxFileBytes: 60_000_000 };
      const one = await packWorkspace(inventory, options, measurer);
      const again = { ...inventory, files: [...inventory.files] };
      const two = await packWorkspace(again, options, measurer);
      assert.equal(one.pack.sha256, two.pack.sha256);
    });

    it('for limits tiny, exact, one more, one less, huge: never over, and exact is enough', async () => {
      const inventory = await take();
      const all = await packWorkspace(inventory, { room: null, maxFileBytes: 60_000_000 }, measurer);
      const exact = all.pack.tokens;
      for (const room of [400, exact - 1, exact, exact + 1, exact + 64, exact * 10]) {
        const again = { ...inventory, files: [...inventory.files] };
        const { plan, pack: made } = await packWorkspace(again, { room, maxFileBytes: 60_000_000 }, measurer);
        const counted = counters.o200k.countText(Buffer.concat([...made.pieces]).toString());
        assert.ok(counted <= room, `${counted} of ${room}`);
        assert.equal(counted, made.tokens);
        if (room >= exact) assert.ok(plan.fits, `${room} is enough for ${exact}`);
      }
    });
  });
});
