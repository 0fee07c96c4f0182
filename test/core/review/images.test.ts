import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { Gates, Sending } from '../../../src/core/endpoint/gates.ts';
import { createHttpFetch } from '../../../src/core/endpoint/httpFetch.ts';
import type { Endpoint, EndpointConfig } from '../../../src/core/endpoint/types.ts';
import { createOfflineEndpoint } from '../../../src/core/offline/offlineEndpoint.ts';
import { createMeasurer, type Measurer } from '../../../src/core/pack/measurer.ts';
import {
  ask,
  type Answer,
  type AskDeps,
  type AskEvent,
  type AskRequest,
} from '../../../src/core/review/ask.ts';
import { describeImages } from '../../../src/core/review/imagePlan.ts';
import { createPackSession } from '../../../src/core/review/packSession.ts';
import { defaultPromptSettings, prepare, survey, type Prepared } from '../../../src/core/review/prepare.ts';
import { startFake, type Fake } from '../../fakes/index.ts';
import type { FakeOptions } from '../../fakes/types.ts';
import { jpeg, png } from '../../images.ts';

interface Part {
  readonly type: string;
  readonly text?: string;
  readonly image_url?: { readonly url: string };
}

describe('images', function () {
  this.timeout(60_000);
  let measurer: Measurer;
  let folder: string;
  let fake: Fake;
  const sendings: Sending[] = [];
  const gates: Gates = {
    pass: async sending => {
      sendings.push(sending);
    },
  };

  before(() => {
    measurer = createMeasurer(resolve('dist/measureWorker.js'));
  });
  after(() => measurer.dispose());
  beforeEach(async () => {
    sendings.length = 0;
    folder = await mkdtemp(join(tmpdir(), 'longview-images-'));
    await mkdir(join(folder, 'docs'));
    const markdown = [
      '# Design\n',
      '![how it hangs together](docs/arch.png) <img src="docs/photo.jpg">',
      '![secret](docs/ignored.png) ![out](../../etc/x.png) ![drawn](docs/drawn.png) ![link](docs/link.png)',
      '![far](https://example.org/x.png)',
    ].join('\n');
    await writeFile(join(folder, 'README.md'), markdown);
    await writeFile(join(folder, 'a.ts'), 'export const a = 1;\n');
    await writeFile(join(folder, 'docs/arch.png'), png(800, 600, 150_001));
    await writeFile(join(folder, 'docs/photo.jpg'), jpeg(640, 480, 3000));
    await writeFile(join(folder, 'docs/unreferred.png'), png(640, 480));
    await writeFile(join(folder, 'docs/ignored.png'), png(640, 480));
    await writeFile(join(folder, 'docs/drawn.png'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    await symlink('/etc/hostname', join(folder, 'docs/link.png'));
    await writeFile(join(folder, '.gitignore'), 'ignored.png\n');
    execFileSync('git', ['init', '-q'], { cwd: folder });
    fake = await startFake({ ...usual, system: 'vllm' });
  });
  afterEach(async () => {
    await fake.close();
    await rm(folder, { recursive: true, force: true });
  });

  const usual = { contextTokens: 100_000, answer: 'It is `a.ts:1` "a = 1".\n' };
  async function restart(options: FakeOptions): Promise<void> {
    await fake.close();
    fake = await startFake({ ...usual, ...options });
  }

  const endpointOf = (changes: Partial<EndpointConfig> = {}): Endpoint => ({
    config: { id: 'fake', baseUrl: fake.baseUrl, model: fake.model, ...changes },
    kind: 'server',
    fetch: createHttpFetch(() => 60_000),
    apiKey: async () => undefined,
  });

  const request = (changes: Partial<AskRequest> = {}): AskRequest => ({
    folders: [{ name: 'project', path: folder }],
    trusted: true,
    endpoint: endpointOf(),
    question: 'What hangs together?',
    settings: { ...defaultPromptSettings, images: true },
    signal: new AbortController().signal,
    ...changes,
  });

  async function run(
    changes: Partial<AskRequest> = {},
    deps: Partial<AskDeps> = {},
  ): Promise<{ events: AskEvent[]; answer: Answer; prepared: Prepared }> {
    const events: AskEvent[] = [];
    for await (const event of ask(request(changes), { measurer, gates, ...deps })) events.push(event);
    const done = events.at(-1);
    assert.ok(done?.kind === 'done');
    const prepared = events.findLast(e => e.kind === 'prepared');
    return { events, answer: done.answer, prepared: prepared?.prepared ?? assert.fail() };
  }

  const contentOf = (n: number) =>
    (fake.chats()[n]?.body as { messages: { content: string | Part[] }[] }).messages[1]?.content;
  const textIn = (content: string | Part[] | undefined) =>
    typeof content === 'string' ? content : (content ?? []).map(part => part.text ?? '').join('');

  it('are off by default: nothing is looked for, and the content is one text', async () => {
    const { prepared } = await run({ settings: defaultPromptSettings });
    assert.equal(prepared.images, undefined);
    assert.equal(typeof contentOf(0), 'string');
    assert.deepEqual(fake.chats()[0]?.images, []);
  });

  it('follow the pack, each behind the line that names it, byte for byte', async () => {
    const { prepared } = await run();
    const images = fake.chats()[0]?.images ?? [];
    assert.deepEqual(
      images.map(i => i.mediaType),
      ['image/png', 'image/jpeg'],
    );
    assert.deepEqual(images[0]?.bytes, png(800, 600, 150_001));
    assert.deepEqual(images[1]?.bytes, jpeg(640, 480, 3000));
    const content = contentOf(0);
    const text = textIn(content);
    const pack = Buffer.concat([...prepared.pack.pieces]).toString();
    assert.ok(Array.isArray(content) && content[0]?.text?.startsWith(pack), 'the pack is the prefix');
    assert.ok(text.slice(0, images[0]?.place).endsWith('@@@@ image docs/arch.png (800 x 600 pixels)\n'));
    assert.ok(text.slice(0, images[1]?.place).endsWith('@@@@ image docs/photo.jpg (640 x 480 pixels)\n'));
    assert.match(content.at(-1)?.text ?? '', /^@@@@ question\nWhat hangs together\?\n$/);
  });

  it('leave the text as it is without them', async () => {
    const { prepared } = await run();
    await run({ settings: defaultPromptSettings });
    assert.ok(textIn(contentOf(1)).startsWith(Buffer.concat([...prepared.pack.pieces]).toString()));
  });

  it('say why the others do not go along', async () => {
    const { prepared } = await run();
    const { others = [], remote } = prepared.images ?? {};
    assert.deepEqual(
      others.map(i => [i.path, i.reason]),
      [
        ['../../etc/x.png', 'outside of the workspace'],
        ['docs/drawn.png', 'text, and no PNG, JPEG or WebP'],
        ['docs/ignored.png', 'not there, or ignored by git'],
        ['docs/link.png', 'symbolic link to /etc/hostname; links are never followed'],
      ],
    );
    assert.equal(remote, 1);
    const told = describeImages(prepared.images).join('\n');
    assert.match(
      told,
      /^2 images are sent: [\d,]+ tokens, 153,001 bytes; docs\/arch\.png, docs\/photo\.jpg\./,
    );
    assert.match(told, /4 images are not sent: \.\.\/\.\.\/etc\/x\.png \(outside of the workspace\)/);
    assert.match(told, /1 image elsewhere is not fetched/);
  });

  it('count in the budget, to the token, by Llama 4’s rule', async () => {
    const surveyed = await survey(request(), measurer);
    const { prepared } = await run();
    const { images, budget } = prepared;
    // Enlarged least: 800 × 600 on 3 × 2 tiles, 640 × 480 on 2 × 2.
    const patches = 6 * 145 + 147 + (4 * 145 + 147);
    const lines = await Promise.all(
      [
        '@@@@ images (2 that Markdown files above refer to, each after the line that names it; cite one by its path alone)\n',
        '@@@@ image docs/arch.png (800 x 600 pixels)\n',
        '@@@@ image docs/photo.jpg (640 x 480 pixels)\n',
      ].map(async line => measurer.count(line)),
    );
    const own = patches + lines.reduce((a, b) => a + b, 0);
    assert.ok(Math.abs((images?.tokens ?? 0) - own) <= 6, `${images?.tokens} and ${own}`);
    assert.equal(budget.images, images?.tokens);
    assert.equal(surveyed.budget?.images, images?.tokens);
    const { limit, room, answer, instructions, question, reserve, margin } = budget;
    const sum = (room ?? 0) + answer + instructions + question + reserve + margin + (budget.images ?? 0);
    assert.equal(limit, sum);
    const without = await prepare(request({ settings: defaultPromptSettings }), measurer);
    assert.equal(prepared.promptTokens, without.promptTokens + (images?.tokens ?? 0));
    assert.deepEqual(
      sendings.map(s => s.images),
      [{ count: 2, bytes: 153_001 }],
    );
  });

  it('a follow-up sends the same bytes first, also after an image has changed', async () => {
    const packs = createPackSession();
    const first = await run({}, { packs });
    await writeFile(join(folder, 'docs/arch.png'), png(800, 601, 150_001));
    const turns = [{ question: 'What hangs together?', answer: first.answer.text }];
    const { prepared } = await run({ question: 'And a?', turns }, { packs });
    assert.deepEqual(prepared.packed, { kind: 'kept' });
    assert.deepEqual(contentOf(1), contentOf(0));
    assert.deepEqual(prepared.images?.tokens, first.prepared.images?.tokens);
    const { messages } = fake.chats()[1]?.body as { messages: { content: unknown }[] };
    assert.equal(messages.at(-1)?.content, 'And a?');
  });

  it('an image whose Markdown file has no room does not travel, and its tokens are room for files', async () => {
    await writeFile(join(folder, 'README.md'), `![a](docs/photo.jpg)\n${'words of prose '.repeat(4000)}`);
    await restart({ system: 'vllm', contextTokens: 14_000 });
    const { prepared } = await run();
    assert.notEqual(prepared.plan.files.find(f => f.path === 'README.md')?.form, 'full');
    assert.deepEqual(prepared.sentImages, []);
    assert.equal(prepared.budget.images, undefined);
    assert.equal(prepared.images?.others[0]?.reason, 'no Markdown file that refers to it is sent in full');
  });

  for (const system of ['vllm', 'ollama', 'openrouter', 'openai'] as const)
    it(`are left out once, and it is said, where ${system} refuses them`, async () => {
      await restart({ system, images: 0, model: 'llama-4-scout' });
      const { events, answer, prepared } = await run({
        endpoint: endpointOf({ contextLimit: 90_000 }),
      });
      const said = events.find(e => e.kind === 'without-images');
      assert.equal(said?.images, 2);
      assert.equal(said.why.code, 'images-refused');
      assert.match(said.why.remedy, /longview\.images/);
      assert.equal(fake.chats().length, 2);
      assert.deepEqual(fake.chats()[1]?.images, []);
      assert.equal(typeof contentOf(1), 'string');
      assert.match(answer.text, /a\.ts:1/);
      assert.equal(prepared.budget.images, undefined);
      assert.match(prepared.images?.why ?? '', /does not take these images/);
      // The next question does not try again.
      const next = await run({ endpoint: endpointOf({ contextLimit: 90_000 }) });
      assert.equal(fake.chats().length, 3);
      assert.match(next.prepared.images?.why ?? '', /refused images since/);
    });

  it('too many for a server are refused, and the question is answered without', async () => {
    await restart({ system: 'vllm', images: 1, model: 'llama-4-scout-one' });
    const { events } = await run();
    const said = events.find(e => e.kind === 'without-images');
    assert.match(said?.why.message ?? '', /At most 1 image\(s\)/);
  });

  it('llama.cpp is asked only where the user says so, and its refusal is understood', async () => {
    await restart({ system: 'llamacpp', images: 0 });
    const undeclared = await run();
    assert.match(undeclared.prepared.images?.why ?? '', /--mmproj/);
    const { events } = await run({ endpoint: endpointOf({ images: true }) });
    assert.ok(events.some(e => e.kind === 'without-images'));
  });

  it('are not taken for a truncation where the host counts fewer', async () => {
    fake.configure({ imageTokens: 10 });
    const { answer } = await run();
    assert.equal(answer.truncation, undefined);
    assert.equal(answer.failure, undefined);
  });

  it('teach nothing about how text is counted', async () => {
    let told = 0;
    await run({}, { onUsage: () => void told++ });
    assert.equal(told, 0);
    await run({ settings: defaultPromptSettings }, { onUsage: () => void told++ });
    assert.equal(told, 1);
  });

  it('are not sent where it is not known that the model reads them, unless the user says so', async () => {
    await restart({ system: 'vllm', model: 'house-model' });
    const { prepared } = await run();
    assert.match(prepared.images?.why ?? '', /Whether the model house-model reads images is not known/);
    assert.deepEqual(fake.chats()[0]?.images, []);
    const { prepared: declared } = await run({ endpoint: endpointOf({ images: true }) });
    assert.equal(fake.chats()[1]?.images.length, 2);
    assert.match(declared.images?.note ?? '', /not known/);
  });

  it('the offline reader takes none, and that is said', async () => {
    const endpoint = createOfflineEndpoint({ countTokens: text => measurer.count(text) });
    const { prepared, answer } = await run({ endpoint });
    assert.equal(prepared.images?.why, 'The offline reader reads text only.');
    assert.match(describeImages(prepared.images)[0] ?? '', /^6 images are not sent: The offline reader/);
    assert.notEqual(answer.text, '');
  });
});
