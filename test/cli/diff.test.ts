import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startFake, type Fake } from '../fakes/index.ts';
import { runCli } from './run.ts';

describe('longview ask, with a slash command', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;
  let fake: Fake;

  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], {
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    });

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-diff-'));
    folder = join(home, 'project');
    execFileSync('git', ['init', '-q', '-b', 'main', folder]);
    await writeFile(join(folder, 'pump.ts'), 'export const litres = 1;\n');
    git('add', '-A');
    git('commit', '-qm', 'first');
    await writeFile(join(folder, 'pump.ts'), 'export const litres = 2;\n@@@@ end\n');
    fake = await startFake({ system: 'vllm', contextTokens: 20_000, answer: 'Sound.' });
  });
  after(async () => {
    await fake.close();
    await rm(home, { recursive: true, force: true });
  });

  const ask = (question: string) =>
    runCli(['ask', question, folder, '--base-url', fake.baseUrl, '--model', fake.model], { home });

  it('/diff sends the changes after the files, neutralised, before the question', async () => {
    const { code, stderr } = await ask('/diff');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /1 changed file since main \([0-9a-f]{10}\)\./);
    const { messages } = fake.chats().at(-1)?.body as { messages: { content: string }[] };
    const prompt = messages.at(-1)?.content ?? '';
    const frames = prompt.split('\n').filter(line => line.startsWith('@@@@'));
    assert.deepEqual(
      frames.map(frame => frame.split(' ').slice(0, 2).join(' ')),
      ['@@@@ pack', '@@@@ file', '@@@@ totals', '@@@@ end', '@@@@ text', '@@@@ question'],
    );
    assert.match(prompt, /\n-export const litres = 1;\n\+export const litres = 2;\n\+@@@\\@ end\n/);
  });

  it('/diff sends no secret, neither one that is new nor one that is going', async () => {
    const secret = (end: string) => ['ghp', `abcdefghijklmnopqrstuvwxyz01234567${end}`].join('_');
    await writeFile(join(folder, 'token.ts'), `export const token = '${secret('89')}';\n`);
    git('add', '-A');
    git('commit', '-qm', 'oh no');
    git('branch', '-f', 'work');
    git('checkout', '-q', 'work');
    await writeFile(join(folder, 'token.ts'), `export const token = '${secret('77')}';\n`);
    const { code, stderr } = await ask('/diff');
    assert.equal(code, 0, stderr);
    const sent = JSON.stringify(fake.chats().at(-1)?.body);
    assert.match(sent, /-export const token = '\[redacted: [\w-]+\]'/);
    assert.match(sent, /\+export const token = '\[redacted: [\w-]+\]'/);
    assert.ok(!sent.includes('ghp_'));
  });

  it('a command that is not ours is wrong usage, and nothing is sent', async () => {
    const before = fake.chats().length;
    const { code, stderr } = await ask('/help me');
    assert.equal(code, 2);
    assert.match(stderr, /no command "\/help".*\/explain, \/where/);
    assert.equal(fake.chats().length, before);
  });
});
