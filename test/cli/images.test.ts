import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startFake, type Fake } from '../fakes/index.ts';
import type { FakeOptions } from '../fakes/types.ts';
import { png } from '../images.ts';
import { runCli } from './run.ts';

describe('--images', function () {
  this.timeout(60_000);
  let home: string;
  let project: string;
  let fake: Fake | undefined;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-images-'));
    project = join(home, 'project');
    await mkdir(join(project, 'docs'), { recursive: true });
    const markdown =
      '![a](docs/a.png)\n![huge](docs/huge.png)\n![out](../../etc/x.png)\n![n](docs/new%0Aline.png)\n';
    await writeFile(join(project, 'README.md'), markdown);
    await writeFile(join(project, 'docs/a.png'), png(336, 336, 9000));
    await writeFile(join(project, 'docs/huge.png'), png(100_000, 100_000, 9_000_000));
    await writeFile(join(project, 'docs/new\nline.png'), png(336, 336));
  });
  after(() => rm(home, { recursive: true }));
  afterEach(async () => {
    await fake?.close();
    fake = undefined;
  });

  async function ask(options: FakeOptions, ...more: string[]) {
    fake = await startFake({ contextTokens: 100_000, answer: 'An answer.', ...options });
    const named = ['--base-url', fake.baseUrl, '--model', fake.model, '--limit', '90k'];
    return runCli(['ask', 'What is it?', project, ...named, ...more], { home });
  }

  it('pack: lists every image with its size, and why it stays', async () => {
    const { code, stdout } = await runCli(['pack', project, '--images', '--json'], { home });
    assert.equal(code, 0);
    const { images, schema } = JSON.parse(stdout) as { schema: string; images: Record<string, unknown>[] };
    assert.equal(schema, 'longview.pack/1');
    assert.deepEqual(
      images.map(({ path, bytes, width, height, referredBy, reason }) => {
        return { path, bytes, width, height, referredBy, ...(reason !== undefined && { reason }) };
      }),
      [
        {
          path: '../../etc/x.png',
          bytes: null,
          width: null,
          height: null,
          referredBy: ['README.md'],
          reason: 'outside of the workspace',
        },
        { path: 'docs/a.png', bytes: 9000, width: 336, height: 336, referredBy: ['README.md'] },
        {
          path: 'docs/huge.png',
          bytes: 9_000_000,
          width: 100_000,
          height: 100_000,
          referredBy: ['README.md'],
        },
        { path: 'docs/new\nline.png', bytes: 100, width: 336, height: 336, referredBy: ['README.md'] },
      ],
    );
    const without = await runCli(['pack', project, '--json'], { home });
    assert.equal('images' in (JSON.parse(without.stdout) as object), false);
  });

  it('ask: says what leaves, and sends it', async () => {
    const { code, stderr, stdout } = await ask({ system: 'vllm' }, '--images');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /An answer\./);
    assert.match(stderr, /2 images are sent: \d+ tokens, 9,100 bytes/);
    assert.match(stderr, /docs\/huge\.png \(larger than hosts take \(100000 × 100000 pixels\)\)/);
    assert.match(stderr, /Sending 1 file and 2 images \(9\.1 kB\), [\d,]+ tokens, to 127/);
    const [chat] = fake?.chats() ?? [];
    assert.deepEqual(
      chat?.images.map(i => i.bytes.length),
      [9000, 100],
    );
    assert.match(
      JSON.stringify(chat.body),
      /@@@@ image \\"docs\/new\\\\u000aline\.png\\"|@@@@ image \\"docs\/new\\\\nline\.png\\"/,
    );
  });

  it('ask: goes on without, once, where the endpoint refuses', async () => {
    const { code, stderr, stdout } = await ask({ system: 'ollama', images: 0 }, '--images');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /An answer\./);
    assert.match(stderr, /does not take these images \(HTTP 400: this model does not support image input\)/);
    assert.match(stderr, /Asking again, once, without its 2 images/);
    assert.equal(fake?.chats().length, 2);
  });

  it('ask: at Bedrock, image blocks as Converse wants them', async () => {
    fake = await startFake({ system: 'bedrock', answer: 'An answer.' });
    await mkdir(join(home, 'config', 'longview'), { recursive: true });
    const endpoint = { id: 'aws', provider: 'bedrock', baseUrl: fake.baseUrl, model: fake.model };
    await writeFile(join(home, 'config', 'longview', 'endpoints.json'), JSON.stringify([endpoint]));
    const { code, stderr } = await runCli(
      ['ask', 'What is it?', project, '--endpoint', 'aws', '--limit', '90k', '--images'],
      { home, env: { AWS_BEARER_TOKEN_BEDROCK: 'key', AWS_REGION: 'eu-central-1' } },
    );
    assert.equal(code, 0, stderr);
    const [chat] = fake.chats();
    assert.deepEqual(
      chat?.images.map(i => [i.mediaType, i.bytes]),
      [
        ['image/png', png(336, 336, 9000)],
        ['image/png', png(336, 336)],
      ],
    );
  });

  it('ask: the offline reader reads text only, and says so', async () => {
    const { code, stderr } = await runCli(['ask', 'What is in README?', project, '--images'], { home });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /images are not sent: The offline reader reads text only/);
  });

  it('belongs to pack and ask', async () => {
    assert.equal((await runCli(['count', project, '--images'], { home })).code, 2);
  });
});
