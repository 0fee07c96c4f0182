import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCli } from './run.ts';

describe('a pack that stands where it would go', function () {
  this.timeout(60_000);
  let home: string;
  let project: string;
  const out = () => join(home, 'p.txt');
  const memory = () => join(home, 'cache', 'longview', 'written');

  /** What a run says of the file, and whether it is another one after it. */
  async function pack(...args: string[]): Promise<readonly [said: string, isNew: boolean]> {
    const before = await stat(out()).catch(() => undefined);
    const { code, stderr } = await runCli(['pack', project, '--out', out(), ...args], { home, cwd: home });
    assert.equal(code, 0, stderr);
    const [, said = stderr] = /(Wrote|is up to date)/.exec(stderr) ?? [];
    return [said, before?.ino !== (await stat(out())).ino];
  }
  const written = ['Wrote', true];
  const upToDate = ['is up to date', false];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-standing-'));
    project = join(home, 'project');
    await mkdir(project);
    await writeFile(join(project, 'a.ts'), 'export const a = 1;\n');
    await writeFile(join(project, 'b.ts'), 'export const b = 2;\n');
    assert.deepEqual(await pack(), written);
  });
  afterEach(() => rm(home, { recursive: true }));

  it('is not made again, and reported as if it were', async () => {
    const report = async () =>
      JSON.parse((await runCli(['pack', project, '--out', out(), '--json'], { home, cwd: home })).stdout) as {
        timingsMs?: unknown;
      };
    const again = await report();
    assert.deepEqual(await pack(), upToDate);
    await rm(memory());
    const afresh = await report();
    delete again.timingsMs;
    delete afresh.timingsMs;
    assert.deepEqual(again, afresh);
  });

  it('is made again when a file changes, comes, or goes', async () => {
    await writeFile(join(project, 'a.ts'), 'export const a = 3;\n');
    assert.deepEqual(await pack(), written);
    assert.match(await readFile(out(), 'utf8'), /a = 3/);
    assert.deepEqual(await pack(), upToDate);
    await writeFile(join(project, 'c.ts'), '');
    assert.deepEqual(await pack(), written);
    await rm(join(project, 'b.ts'));
    assert.deepEqual(await pack(), written);
    assert.doesNotMatch(await readFile(out(), 'utf8'), /b = 2/);
    await rename(join(project, 'a.ts'), join(project, 'd.ts'));
    assert.deepEqual(await pack(), written);
  });

  it('is made again for another choice', async () => {
    assert.deepEqual(await pack('--exclude', 'a.ts'), written);
    assert.deepEqual(await pack('--exclude', 'a.ts'), upToDate);
    assert.deepEqual(await pack(), written);
    await writeFile(join(project, '.env'), 'DATABASE_PASSWORD=c0rrect-h0rse-battery\n');
    assert.deepEqual(await pack(), written);
    const { stdout } = await runCli(['pack', project, '--json'], { home, cwd: home });
    const { secrets } = JSON.parse(stdout) as { secrets: { id: string }[] };
    assert.deepEqual(await pack('--allow-secret', secrets[0]?.id ?? ''), written);
    assert.match(await readFile(out(), 'utf8'), /c0rrect-h0rse-battery/);
    assert.deepEqual(await pack(), written);
    assert.doesNotMatch(await readFile(out(), 'utf8'), /c0rrect-h0rse-battery/);
  });

  it('is made again when somebody has written to it, be it the same number of bytes at once', async () => {
    const whole = await readFile(out(), 'utf8');
    await writeFile(out(), whole.replace('a = 1', 'a = 9'));
    assert.equal((await pack())[0], 'Wrote');
    assert.equal(await readFile(out(), 'utf8'), whole);
    await utimes(out(), 1, 1);
    assert.equal((await pack())[0], 'Wrote');
    await rm(out());
    assert.equal((await pack())[0], 'Wrote');
    assert.deepEqual(await pack(), upToDate);
  });

  it('is found through a link, which stays', async () => {
    await rename(out(), join(home, 'real.txt'));
    await symlink('real.txt', out());
    assert.equal((await pack())[0], 'Wrote');
    assert.deepEqual(await pack(), upToDate);
    assert.equal((await readFile(join(home, 'real.txt'), 'utf8')).includes('a = 1'), true);
  });

  it('is made again where what is remembered is torn, another version’s, or none of ours', async () => {
    const lines = (await readFile(memory(), 'utf8')).split('\n');
    const bad = ['', 'another header\n', lines.join('\n').slice(0, -20), `${lines[0]}\n\t\t\t\n`];
    for (const text of bad) {
      await writeFile(memory(), text);
      assert.deepEqual(await pack(), written, text);
    }
    await writeFile(memory(), (await readFile(memory(), 'utf8')).replace(/[0-9a-f]{64}\n$/, '../../etc\n'));
    assert.deepEqual(await pack(), written);
    assert.deepEqual(await pack(), upToDate);
  });

  it('keeps no name and no content of the repository', async () => {
    assert.doesNotMatch(await readFile(memory(), 'utf8'), /p\.txt|a\.ts|export|project/);
  });
});
