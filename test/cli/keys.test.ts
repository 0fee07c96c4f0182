import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { selfSigned, startFake, type Fake, type FakeOptions, type Fault } from '../fakes/index.ts';
import { runCli } from './run.ts';

/** Long and odd enough to be found in whatever form it is written. */
const marker = 'sk-marker+key/7f3a9c==';
const forms = [
  marker,
  encodeURIComponent(marker),
  Buffer.from(marker).toString('base64').replace(/=+$/, ''),
  Buffer.from(`:${marker}`).toString('base64').slice(4, 24),
  'marker+key',
];

/**
 * Every command, every way to fail, then a search of everything that was written: both streams, files named by
 * --out, and whatever lies in the home folder afterwards (XDG_* all point into it).
 */
describe('the API key', function () {
  this.timeout(120_000);
  let home: string;
  let folder: string;
  let fake: Fake;
  const said: string[] = [];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-keys-'));
    folder = join(home, 'project');
    await mkdir(folder);
    await writeFile(join(folder, 'pump.ts'), 'export const litres = 2;\n');
    said.length = 0;
  });
  afterEach(async () => {
    await fake.close();
    await rm(home, { recursive: true });
  });

  const start = async (options: Partial<FakeOptions> = {}) => {
    fake = await startFake({
      system: 'vllm',
      apiKey: marker,
      contextTokens: 50_000,
      answer: 'Two.',
      ...options,
    });
  };
  const run = async (args: readonly string[], more: Record<string, string> = {}, baseUrl = fake.baseUrl) => {
    const where = ['--base-url', baseUrl, '--model', fake.model, '--api-key-env', 'MARKER_KEY'];
    const env = {
      MARKER_KEY: marker,
      XDG_DATA_HOME: join(home, 'data'),
      XDG_STATE_HOME: join(home, 'state'),
      XDG_RUNTIME_DIR: join(home, 'run'),
      TMPDIR: home,
      APPDATA: join(home, 'config'),
      LOCALAPPDATA: join(home, 'cache'),
      ...more,
    };
    const result = await runCli([...args, ...where], { home, cwd: home, env });
    said.push(result.stdout, result.stderr);
    return result;
  };

  async function searchEverything(): Promise<number> {
    const entries = await readdir(home, { recursive: true, withFileTypes: true });
    const files = entries.filter(e => e.isFile()).map(e => join(e.parentPath, e.name));
    const texts = await Promise.all(files.map(async file => [file, await readFile(file, 'latin1')] as const));
    for (const [where, text] of [...texts, ['the streams', said.join('\n')] as const])
      for (const form of forms) assert.ok(!text.includes(form), `${where} holds the key as ${form}`);
    for (const name of files) assert.ok(!name.includes('marker'), name);
    return files.length;
  }

  const commands: string[][] = [
    ['ask', 'Why?', 'project', '--limit', '9000'],
    ['ask', 'Why?', 'project', '--limit', '9000', '--json'],
    ['ask', 'Why?', 'project', '--limit', '9000', '--out', 'answer.md'],
    ['limit'],
    ['limit', '--json'],
    ['limit', '--measure', '--limit', '9000'],
    ['limit', '--measure', '--limit', '9000', '--json'],
    ['pack', 'project'],
    ['pack', 'project', '--json', '--out', 'prompt.txt'],
    ['count', 'project', '--json'],
  ];

  /** What a failure can be met in: two asks, then the limit. */
  const failing = [
    ['ask', 'Why?', 'project', '--limit', '9000', '--out', 'answer.md'],
    ['ask', 'Why?', 'project', '--limit', '9000', '--json'],
    ['limit', '--json'],
    ['limit', '--measure', '--limit', '9000'],
  ];

  it('is sent, and stands in nothing that is written when all goes well', async () => {
    await start();
    const results = await Promise.all(commands.map(command => run(command)));
    for (const { code, stderr } of results) assert.equal(code, 0, stderr);
    assert.ok(fake.chats().every(c => c.headers['authorization'] === `Bearer ${marker}`));
    assert.ok((await searchEverything()) >= 5, 'evidence, counts, the answer and the prompt were written');
  });

  const echo = `Incorrect key: ${forms.slice(0, 3).join(', ')} (Authorization: Bearer ${marker})`;
  const failures: [string, Fault][] = [
    ['a 401 that repeats it', { kind: 'reply', reply: { status: 401, body: { error: { message: echo } } } }],
    ['a 500 that repeats it as text', { kind: 'reply', reply: { status: 500, body: echo } }],
    [
      'headers that repeat it',
      {
        kind: 'reply',
        reply: { status: 429, headers: { 'x-key': marker, 'retry-after': '9999' }, body: echo },
      },
    ],
    [
      'an error in a stream that repeats it',
      { kind: 'stream-error', afterChunks: 0, body: { error: { message: echo } } },
    ],
    ['an answer that breaks off', { kind: 'die', afterChunks: 1 }],
    [
      'an error after words that repeats it',
      { kind: 'stream-error', afterChunks: 1, body: { error: { message: echo } } },
    ],
    ['a dropped connection', { kind: 'drop' }],
    ['a withdrawn model', { kind: 'dead-model' }],
    ['a page of a proxy', { kind: 'html-413' }],
  ];
  for (const [name, fault] of failures)
    it(`stands in nothing that is written after ${name}`, async () => {
      await start({ answer: 'Two litres are in the pump, as the file says.' });
      fake.failAlways(fault);
      const codes = await Promise.all(failing.map(async command => (await run(command)).code));
      assert.deepEqual(codes.slice(0, 2), [1, 1], said.join('\n'));
      assert.ok(fake.chats().length >= 3);
      await searchEverything();
    });

  it('stands in nothing that is written of an answer that repeats it, whole or broken off', async () => {
    await start({ answer: `Your key ${echo} is ${marker}, and two litres are in the pump.` });
    const [ask = [], json = []] = failing;
    for (const command of [[...ask], [...json]]) assert.equal((await run(command)).code, 0);
    assert.match(said.join('\n'), /Your key .*\[key\].* two litres/);
    assert.match(await readFile(join(home, 'answer.md'), 'utf8'), /is \[key\], and two litres/);
    fake.failAlways({ kind: 'die', afterChunks: 3 });
    for (const command of [[...ask], [...json]]) assert.equal((await run(command)).code, 1);
    await searchEverything();
  });

  it('stands in nothing that is written after a list that repeats it', async () => {
    await start({ apiKey: 'another' });
    await Promise.all(failing.map(command => run(command)));
    await searchEverything();
  });

  it('goes to no other host, by any kind of redirect', async () => {
    await start();
    const other = await startFake({ system: 'vllm' });
    try {
      for (const status of [301, 302, 307, 308] as const) {
        fake.failAlways({ kind: 'redirect', location: `${other.baseUrl}/chat/completions`, status });
        const { code, stderr } = await run(commands[0] ?? []);
        assert.equal(code, 1);
        assert.match(
          stderr,
          new RegExp(`sends the request elsewhere, which is not followed \\(HTTP ${status}`),
        );
      }
      assert.equal(other.requests.length, 0);
      await searchEverything();
    } finally {
      await other.close();
    }
  });

  it('stands in nothing that is written after a certificate that is not trusted', async () => {
    await start({ tls: selfSigned(['127.0.0.1']) });
    for (const { code, stderr } of await Promise.all(failing.map(command => run(command)))) {
      assert.equal(code, 1);
      assert.match(stderr, /signed by the server itself/);
    }
    assert.equal(fake.requests.length, 0);
    await searchEverything();
  });

  it('stands in nothing that is written after a refusal of AWS that repeats it', async () => {
    // Without a key of its own: the fake checks no signatures.
    fake = await startFake({ system: 'bedrock' });
    const file = join(home, 'config', 'longview', 'endpoints.json');
    await mkdir(join(home, 'config', 'longview'), { recursive: true });
    await writeFile(
      file,
      JSON.stringify([
        { id: 'aws', provider: 'bedrock', baseUrl: fake.baseUrl, model: fake.model, apiKeyEnv: 'MARKER_KEY' },
      ]),
    );
    const signed = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: marker };
    for (const more of [['--api-key-env', 'MARKER_KEY'], []]) {
      fake.fail({ kind: 'reply', reply: { status: 403, body: { message: echo } } });
      const env = { MARKER_KEY: marker, ...signed, AWS_CONFIG_FILE: '/nowhere' };
      if (more.length === 0)
        await writeFile(file, (await readFile(file, 'utf8')).replace(/,"apiKeyEnv":"\w+"/, ''));
      const args = ['ask', 'Why?', 'project', '--endpoint', 'aws', '--limit', '9000', ...more];
      const result = await runCli(args, { home, cwd: home, env });
      assert.match(result.stderr, more.length === 0 ? /AWS credentials/ : /did not accept the API key/);
      said.push(result.stdout, result.stderr);
    }
    assert.equal(fake.chats()[1]?.headers['x-amz-security-token'], marker);
    fake.configure({ answer: `The key is ${marker}.` });
    for (const sent of [signed, { AWS_BEARER_TOKEN_BEDROCK: marker }]) {
      const args = ['ask', 'Why?', 'project', '--endpoint', 'aws', '--limit', '9000', '--json'];
      const result = await runCli(args, { home, cwd: home, env: { ...sent, AWS_CONFIG_FILE: '/nowhere' } });
      assert.match(result.stdout, /The key is \[key\]\./, result.stderr);
      said.push(result.stdout, result.stderr);
    }
    await searchEverything();
  });
});
