import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { runCli } from './run.ts';

interface Report {
  readonly preset?: string;
  readonly files: readonly {
    readonly path: string;
    readonly form: string;
    readonly reason?: string;
    readonly chosen?: boolean;
    readonly why?: string;
  }[];
}

describe('longview: presets and selections', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    });
  const run = (...args: string[]) => runCli(args, { home, cwd: folder });
  const packed = async (...args: string[]) => {
    const { code, stdout, stderr } = await run('pack', '--json', ...args);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Report;
  };
  const inFull = ({ files }: Report) => files.filter(f => f.form === 'full').map(f => f.path);

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-selection-'));
    folder = join(home, 'project');
    await write('README.md', '# Garden\n');
    await write('src/pump.ts', "import { open } from './valve.ts';\nexport const pump = open;\n");
    await write('src/valve.ts', 'export const open = 1;\n');
    await write('src/app.ts', "import { pump } from './pump.ts';\nexport const app = pump;\n");
    await write('src/lone.ts', 'export const lone = 1;\n');
    await write('test/pump.test.ts', "import { pump } from '../src/pump.ts';\npump;\n");
    git('init', '-q', '-b', 'main');
    git('add', '-A');
    git('commit', '-qm', 'first');
  });
  afterEach(() => rm(home, { recursive: true }));

  it('--preset changed: an edit that is not staged, what imports it, and what it imports, each with its reason', async () => {
    git('checkout', '-qb', 'topic');
    await write('src/pump.ts', "import { open } from './valve.ts';\nexport const pump = open + 1;\n");
    await write('notes.md', 'new\n');
    const report = await packed('--preset', 'changed');
    assert.equal(report.preset, 'changed');
    assert.deepEqual(inFull(report), [
      'notes.md',
      'src/app.ts',
      'src/pump.ts',
      'src/valve.ts',
      'test/pump.test.ts',
    ]);
    const file = (path: string) => report.files.find(f => f.path === path);
    assert.equal(file('src/app.ts')?.why, 'imports src/pump.ts, which changed');
    assert.equal(file('src/valve.ts')?.why, 'imported by src/pump.ts, which changed');
    assert.deepEqual(file('src/lone.ts'), {
      ...file('src/lone.ts'),
      form: 'listed',
      chosen: false,
      reason: 'not in “Changed on this branch and what it touches”: not changed, nor touched by what did',
    });
    const { stdout } = await run('pack', '--preset', 'changed', '--out', '-');
    assert.match(
      stdout,
      /The user chose “Changed on this branch and what it touches”: the content of 2 other files is not above\./,
    );
    assert.match(stdout, /^src\/lone\.ts$/m);
    assert.ok(!stdout.includes('export const lone'));
  });

  it('--preset changed says why it cannot serve, and makes no empty prompt', async () => {
    const unchanged = await run('pack', '--preset', 'changed');
    assert.equal(unchanged.code, 1);
    assert.match(unchanged.stderr, /No file here has changed on this branch since main\./);
    await rm(join(folder, '.git'), { recursive: true });
    const noGit = await run('ask', 'What is new?', '--preset', 'changed');
    assert.equal(noGit.code, 1);
    assert.match(noGit.stderr, /needs git, and a folder with a commit/);
    assert.match(noGit.stderr, /--preset/);
    await rm(join(folder, 'README.md'));
    assert.match((await run('pack', '--preset', 'docs')).stderr, /“Docs” holds no file of this workspace\./);
  });

  it('--preset tests, source, docs; a wish on a path wins', async () => {
    assert.deepEqual(inFull(await packed('--preset', 'tests')), ['src/pump.ts', 'test/pump.test.ts']);
    assert.deepEqual(inFull(await packed('--preset', 'docs', '--pin', 'src/lone.ts')), [
      'README.md',
      'src/lone.ts',
    ]);
    assert.deepEqual(inFull(await packed('--preset', 'source', '--exclude', 'src/lone.ts')), [
      'src/app.ts',
      'src/pump.ts',
      'src/valve.ts',
    ]);
    const all = await packed('--preset', 'everything');
    assert.equal(all.preset, undefined);
    assert.equal(inFull(all).length, 6);
  });

  it('ask goes by it as well', async () => {
    const { code, stdout, stderr } = await run(
      'ask',
      'What is lone?',
      '--preset',
      'docs',
      '--exclude',
      'docs',
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /1 of 6 files are in the prompt\./);
    assert.ok(!stdout.includes('src/lone.ts:'));
  });

  it('--selection: of the shared file, which says what it holds where there is none of that name', async () => {
    const shared = {
      version: 1,
      selections: {
        'The pump': { paths: { '': 'exclude', 'src/pump.ts': 'pin', 'src/valve.ts': 'include' } },
        'Up\u001b[2J': { paths: { '../x': 'pin' } },
      },
    };
    await write('.longview/selections.json', JSON.stringify(shared));
    const report = await packed('--selection', 'The pump');
    assert.deepEqual(inFull(report), ['src/pump.ts', 'src/valve.ts']);
    assert.equal(report.files.find(f => f.path === 'src/app.ts')?.reason, 'left out by “The pump”');
    const own = await packed('--selection', 'The pump', '--exclude', 'src/valve.ts');
    assert.equal(own.files.find(f => f.path === 'src/valve.ts')?.reason, 'left out by you');
    const { code, stderr } = await run('pack', '--selection', 'The well');
    assert.equal(code, 2);
    assert.match(stderr, /“Up \[2J” cannot be used: .* not a path inside the workspace/);
    assert.match(stderr, /holds no selection “The well”\. It holds: The pump\./);
    assert.ok(!stderr.includes('\u001b'));
  });

  it('--selection of a torn or newer file tells so, and leaves the file', async () => {
    for (const [text, said] of [
      ['{"version":1,"selections":{', /holds no selections/],
      ['{"version":9}', /written by a newer Longview/],
    ] as const) {
      await write('.longview/selections.json', text);
      const { code, stderr } = await run('pack', '--selection', 'A');
      assert.equal(code, 1);
      assert.match(stderr, said);
      assert.equal(await readFile(join(folder, '.longview/selections.json'), 'utf8'), text);
    }
  });

  it('an unknown preset, both at once, or either where it has no place is wrong usage', async () => {
    for (const args of [
      ['pack', '--preset', 'all'],
      ['pack', '--preset', 'docs', '--selection', 'A'],
      ['count', '--preset', 'docs'],
    ])
      assert.equal((await run(...args)).code, 2, args.join(' '));
  });
});
