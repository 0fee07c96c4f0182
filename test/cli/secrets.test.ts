import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { unpack } from '../../src/core/pack/unpack.ts';
import { createCounter } from '../../src/core/tokens/createCounter.ts';
import { startFake } from '../fakes/index.ts';
import { runCli } from './run.ts';

const secret = 'Zq7rT0xK9mW2bV5nJ8cL';
const o200k = createCounter(readFileSync('dist/o200k.ranks'), 'o200k');

interface Report {
  readonly secrets: { path: string; line: number; rule: string; id: string; allowed: boolean }[];
  readonly files: { path: string; form: string; tokens: number; reason?: string; note?: string }[];
  readonly totals: { tokens: number };
}

describe('longview pack: secrets and data', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-secrets-'));
    folder = join(home, 'project');
    await mkdir(join(folder, 'data'), { recursive: true });
    await writeFile(join(folder, 'client.py'), `# a client\n\ntoken = "${secret}"\nport = 80\n`);
    await writeFile(join(folder, '.env'), 'DATABASE=hunter2\n');
    await writeFile(join(folder, 'legacy.txt'), Buffer.from('na\xefve\n', 'latin1'));
    const rows = Array.from({ length: 3_000 }, (_, i) => `${i},name ${i}`);
    await writeFile(join(folder, 'data/names.csv'), ['id,name', ...rows, ''].join('\n'));
  });
  after(() => rm(home, { recursive: true }));

  async function pack(...options: string[]): Promise<{ report: Report; prompt: string }> {
    const out = join(home, 'prompt.txt');
    const run = await runCli(['pack', folder, '--json', '--out', out, ...options], { home });
    assert.equal(run.code, 0, run.stderr);
    for (const said of [run.stdout, run.stderr])
      assert.ok(!said.includes(secret) && !said.includes('hunter2'));
    return { report: JSON.parse(run.stdout) as Report, prompt: await readFile(out, 'utf8') };
  }

  it('redacts them, lists rule, line and id, and counts what is sent', async () => {
    const { report, prompt } = await pack();
    assert.ok(!prompt.includes(secret) && !prompt.includes('hunter2'));
    assert.ok(prompt.includes('token = "[redacted: assigned-secret]"\n'));
    assert.equal(o200k.countText(prompt), report.totals.tokens);
    assert.deepEqual(
      report.secrets.map(({ path, line, rule, allowed }) => ({ path, line, rule, allowed })),
      [
        { path: '.env', line: 1, rule: 'env-value', allowed: false },
        { path: 'client.py', line: 3, rule: 'assigned-secret', allowed: false },
      ],
    );
    const unpacked = unpack(prompt).find(file => file.path === 'client.py');
    assert.equal(unpacked?.text, '# a client\n\ntoken = "[redacted: assigned-secret]"\nport = 80\n');
  });

  it('lets one through by its id, the same in the next run, and counts it as it is', async () => {
    const id = (await pack()).report.secrets.find(found => found.path === 'client.py')?.id ?? '';
    const { report, prompt } = await (async () => {
      const out = join(home, 'allowed.txt');
      const run = await runCli(['pack', folder, '--json', '--out', out, '--allow-secret', id], { home });
      return { report: JSON.parse(run.stdout) as Report, prompt: await readFile(out, 'utf8') };
    })();
    assert.ok(prompt.includes(`token = "${secret}"`) && !prompt.includes('hunter2'));
    assert.equal(o200k.countText(prompt), report.totals.tokens);
    assert.deepEqual(
      report.secrets.map(found => found.allowed),
      [false, true],
    );
    assert.ok(!(await pack()).prompt.includes(secret));
    const wrong = await runCli(['pack', folder, '--allow-secret', 'client.py'], { home });
    assert.equal(wrong.code, 2);
  });

  it('names them to a person, and keeps them out of the cache', async () => {
    const run = await runCli(['pack', folder], { home });
    assert.match(
      run.stdout,
      /Secrets, redacted unless allowed.* \(2\):\n {2}[0-9a-f]{12} {2}\.env:1: env-value/,
    );
    const cache = join(home, 'cache', 'longview');
    const kept = await Promise.all((await readdir(cache)).map(name => readFile(join(cache, name), 'utf8')));
    for (const text of kept) assert.ok(!text.includes(secret) && !text.includes('hunter2'));
  });

  it('verifies an answer that quotes the marker', async () => {
    const fake = await startFake({
      system: 'vllm',
      contextTokens: 200_000,
      answer:
        'It is set: `client.py:3` `token = "[redacted: assigned-secret]"`, and `client.py:4` `port = 80`.\n',
    });
    try {
      const run = await runCli(
        ['ask', 'Where?', folder, '--base-url', fake.baseUrl, '--model', fake.model, '--json'],
        {
          home,
        },
      );
      assert.equal(run.code, 0, run.stderr);
      const { anchors } = JSON.parse(run.stdout) as { anchors: { state: string; startLine: number }[] };
      assert.deepEqual(
        anchors.map(anchor => anchor.state),
        ['verified', 'verified'],
      );
      assert.match(run.stderr, /2 secrets are redacted/);
    } finally {
      await fake.close();
    }
  });

  it('sends head, shape and tail of data, and all of it where told', async () => {
    const { report, prompt } = await pack();
    const short = report.files.find(file => file.path === 'data/names.csv');
    assert.equal(short?.form, 'shortened');
    assert.match(short.reason ?? '', /16 of 3,001 rows; all of it would take \d+ tokens/);
    assert.ok(prompt.includes('\n13|…[2,985 rows of 2 columns]…\n2998|2996,name 2996\n'));
    assert.match(prompt, /1 shortened: head, shape and tail of data/);
    for (const path of ['data', 'data/names.csv']) {
      const whole = (await pack('--full', path)).report.files.find(file => file.path === 'data/names.csv');
      assert.equal(whole?.form, 'full');
      assert.ok(whole.tokens > short.tokens * 20);
    }
  });

  it('says where the encoding of a file is a guess', async () => {
    const { report, prompt } = await pack();
    const notes = report.files.filter(file => file.note !== undefined).map(({ path, note }) => [path, note]);
    assert.deepEqual(notes, [['legacy.txt', 'read as windows-1252, a guess: the file does not say']]);
    assert.ok(prompt.includes('naïve\n'));
  });
});
