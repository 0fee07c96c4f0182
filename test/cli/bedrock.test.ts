import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startFake, type Fake } from '../fakes/index.ts';
import { runCli } from './run.ts';

/** As it ships: AWS's client in a bundle of its own, its credentials found as AWS's own tools find them. */
describe('longview ask, at Bedrock', function () {
  this.timeout(60_000);
  let home: string;
  let fake: Fake;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-bedrock-'));
    await mkdir(join(home, 'project'));
    await writeFile(join(home, 'project', 'a.ts'), 'export const answer = 42;\n');
  });
  after(() => rm(home, { recursive: true }));
  beforeEach(async () => {
    fake = await startFake({ system: 'bedrock', answer: 'It is 42: `a.ts:1` `export const answer = 42;`.' });
    await mkdir(join(home, 'config', 'longview'), { recursive: true });
    const endpoint = { id: 'aws', provider: 'bedrock', baseUrl: fake.baseUrl, model: fake.model };
    await writeFile(join(home, 'config', 'longview', 'endpoints.json'), JSON.stringify([endpoint]));
  });
  afterEach(() => fake.close());

  const alone = {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nowhere/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere/credentials',
    AWS_PROFILE: '',
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_SESSION_TOKEN: '',
    AWS_REGION: 'eu-central-1',
  };
  const ask = (env: Record<string, string> = {}, ...more: string[]) =>
    runCli(
      ['ask', 'What is the answer?', join(home, 'project'), '--endpoint', 'aws', '--limit', '100k', ...more],
      { home, env: { ...alone, ...env } },
    );

  it('signs with credentials of the environment, in the region it names', async () => {
    const { code, stdout, stderr } = await ask({
      AWS_ACCESS_KEY_ID: 'AKIAFAKE',
      AWS_SECRET_ACCESS_KEY: 'marker-secret',
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /It is 42/);
    assert.match(stderr, /1 of 1 verified/);
    assert.ok(!stderr.includes('Warning'), stderr);
    assert.match(
      fake.chats()[0]?.headers['authorization'] ?? '',
      /^AWS4-HMAC-SHA256 Credential=AKIAFAKE\/\d{8}\/eu-central-1\/bedrock\/aws4_request, SignedHeaders=\S*x-amz-content-sha256\S*, Signature=[0-9a-f]{64}$/,
    );
  });

  it('takes a Bedrock API key, from AWS’s own variable or from ours', async () => {
    assert.equal((await ask({ AWS_BEARER_TOKEN_BEDROCK: 'key-one' })).code, 0);
    assert.equal((await ask({ MY_KEY: 'key-two' }, '--api-key-env', 'MY_KEY')).code, 0);
    assert.deepEqual(
      fake.chats().map(c => c.headers['authorization']),
      ['Bearer key-one', 'Bearer key-two'],
    );
  });

  it('takes AWS’s variable for a key as unset where it is empty, and signs', async () => {
    const signing = { AWS_ACCESS_KEY_ID: 'AKIAFAKE', AWS_SECRET_ACCESS_KEY: 'marker-secret' };
    const { code, stderr } = await ask({ AWS_BEARER_TOKEN_BEDROCK: '', ...signing });
    assert.equal(code, 0, stderr);
    assert.match(fake.chats()[0]?.headers['authorization'] ?? '', /^AWS4-HMAC-SHA256 /);
  });

  for (const [name, env] of [
    ['no credentials', {}],
    ['an empty variable for a key', { AWS_BEARER_TOKEN_BEDROCK: '' }],
  ] as const) {
    it(`names the ways in for who has ${name}`, async () => {
      const { code, stderr } = await ask(env);
      assert.equal(code, 1);
      assert.match(stderr, /No AWS credentials were found: .*API key.*aws sso login/);
      assert.equal(fake.chats().length, 0);
    });
  }

  it('is a bundle that nobody else loads', async () => {
    for (const bundle of ['dist/cli.js', 'dist/extension.js'])
      assert.ok(!(await readFile(bundle, 'utf8')).includes('BedrockRuntimeClient'), bundle);
    assert.ok((await readFile('dist/bedrock.js', 'utf8')).includes('BedrockRuntimeClient'));
  });
});
