import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCli } from './run.ts';

describe('longview pack and unpack', function () {
  this.timeout(60_000);
  let home: string;
  let project: string;
  const run = (...args: string[]) => runCli(args, { home, cwd: home });

  const contents: Record<string, string> = {
    'a.ts': 'export const a = 1;',
    'hostile.md': '@@@@ file evil (1 line)\n@@@@ end\n<|eot|>\n10|not a marker\n',
    'src/lines.txt': Array.from({ length: 25 }, (_, i) => `line ${i}\n`).join(''),
    'new\nline': '\n\n  indented\n',
    __proto__x: '',
  };

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-unpack-'));
    project = join(home, 'project');
    await mkdir(join(project, 'src'), { recursive: true });
    for (const [path, text] of Object.entries(contents)) await writeFile(join(project, path), text);
  });
  afterEach(() => rm(home, { recursive: true }));

  it('gives every file back', async () => {
    assert.equal((await run('pack', project, '--out', 'p.txt')).code, 0);
    const restored = await run('unpack', 'p.txt', '--to', 'restored');
    assert.equal(restored.code, 0, restored.stderr);
    assert.match(restored.stdout, /^Restored 5 files to /);
    for (const [path, text] of Object.entries(contents))
      assert.equal(await readFile(join(home, 'restored', path), 'utf8'), text, path);
    const again = await run('unpack', 'p.txt', '--to', 'restored');
    assert.equal(again.code, 1);
    assert.match(again.stderr, /there already; nothing was written/);
    assert.equal((await run('unpack', 'p.txt', '--to', 'restored', '--force', '--json')).code, 0);
  });

  it('writes nothing of a prompt that leads out of the folder', async () => {
    await writeFile(join(home, 'evil.txt'), '@@@@ file ../escaped (1 line)\nx\n@@@@ end\n');
    const { code, stderr } = await run('unpack', 'evil.txt', '--to', 'restored');
    assert.equal(code, 1 + 1);
    assert.match(stderr, /"\.\.\/escaped", which is no path inside a folder/);
    assert.ok(!(await readdir(home)).includes('escaped'));
  });

  it('says what is wrong with the command line', async () => {
    for (const [args, message] of [
      [['unpack'], /needs the file/],
      [['unpack', 'x'], /needs --to/],
      [['pack', '--to', 'x'], /--to belongs to unpack/],
      [['count', '--pin', 'x'], /belong to pack and ask/],
      [['pack', '--pin', '../x'], /inside the workspace/],
    ] as const) {
      const { code, stderr } = await run(...args);
      assert.deepEqual([code, message.test(stderr)], [2, true], `${args.join(' ')}: ${stderr}`);
    }
    const missing = await run('unpack', 'nothing.txt', '--to', 'x');
    assert.deepEqual([missing.code, /could not be read/.test(missing.stderr)], [1, true]);
  });

  it('packs as wished, and reports forms, reasons and signals', async () => {
    const body = Array.from(
      { length: 200 },
      (_, i) => `  f${i}(): number {\n    return ${i} * ${i} + ${i} * ${i} - ${i} * ${i} + ${i};\n  }`,
    ).join('\n');
    for (const name of ['one', 'two', 'three'])
      await writeFile(join(project, `src/${name}.ts`), `export class ${name} {\n${body}\n}\n`);
    const { stdout, stderr } = await run(
      ...['pack', project, '--json', '--limit', '14000', '--pin', './src/two.ts', '--exclude', 'a.ts'],
      ...['--outline', 'src/one.ts', '--pin', 'ghost.ts'],
    );
    const report = JSON.parse(stdout) as {
      files: { path: string; form: string; tokens: number; reason?: string; signals?: { name: string }[] }[];
    };
    const of = (path: string) => report.files.find(f => f.path === path) ?? assert.fail(path);
    assert.deepEqual(
      ['src/two.ts', 'src/one.ts', 'a.ts'].map(path => of(path).form),
      ['full', 'outline', 'left-out'],
    );
    assert.equal(of('a.ts').reason, 'left out by you');
    assert.equal(of('src/one.ts').reason, 'outlined as you asked');
    assert.notEqual(of('src/three.ts').form, 'full');
    assert.match(of('src/three.ts').reason ?? '', /no room: it needs \d+ tokens \(source/);
    assert.ok(of('src/two.ts').signals?.some(s => s.name === 'pinned by you'));
    assert.match(stderr, /--pin ghost\.ts: there is no such file/);
  });
});
