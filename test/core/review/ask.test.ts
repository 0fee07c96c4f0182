import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { Gates } from '../../../src/core/endpoint/gates.ts';
import { createHttpFetch } from '../../../src/core/endpoint/httpFetch.ts';
import type { Endpoint } from '../../../src/core/endpoint/types.ts';
import { LongviewError } from '../../../src/core/errors.ts';
import { createMeasurer, type Measurer } from '../../../src/core/pack/measurer.ts';
import { packWorkspace } from '../../../src/core/pack/packWorkspace.ts';
import { unpack } from '../../../src/core/pack/unpack.ts';
import { ask, type Answer, type AskEvent, type AskRequest } from '../../../src/core/review/ask.ts';
import { defaultPromptSettings, prepare, survey, type Prepared } from '../../../src/core/review/prepare.ts';
import { startFake, type Fake } from '../../fakes/index.ts';

const open: Gates = { pass: async () => undefined };

describe('ask', function () {
  this.timeout(30_000);
  let measurer: Measurer;
  let folder: string;
  let fake: Fake;

  before(() => {
    // The real worker, as it ships: `npm test` builds it first.
    measurer = createMeasurer(resolve('dist/measureWorker.js'));
  });
  after(() => measurer.dispose());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-ask-'));
    await mkdir(join(folder, 'src'));
    await writeFile(join(folder, 'src/a.ts'), 'export const a = 1;\nexport const veryParticular = 2;\n');
    await writeFile(join(folder, 'src/b.ts'), "import { a } from './a';\n");
    fake = await startFake({
      system: 'vllm',
      contextTokens: 9000,
      answer: 'See `src/a.ts:2` "veryParticular = 2".\n',
    });
  });
  afterEach(async () => {
    await fake.close();
    await rm(folder, { recursive: true, force: true });
  });

  const request = (changes: Partial<AskRequest> = {}): AskRequest => ({
    folders: [{ name: 'project', path: folder }],
    trusted: true,
    endpoint: endpointOf(fake),
    question: 'What is particular?',
    settings: defaultPromptSettings,
    signal: new AbortController().signal,
    ...changes,
  });

  function endpointOf({ baseUrl, model }: Fake): Endpoint {
    return {
      config: { id: 'fake', baseUrl, model },
      kind: 'server',
      fetch: createHttpFetch(() => 60_000),
      apiKey: async () => undefined,
    };
  }

  async function run(changes: Partial<AskRequest> = {}): Promise<{ events: AskEvent[]; answer: Answer }> {
    const events: AskEvent[] = [];
    for await (const event of ask(request(changes), { measurer, gates: open })) events.push(event);
    const done = events.at(-1);
    assert.ok(done?.kind === 'done');
    return { events, answer: done.answer };
  }

  function preparedIn([first]: readonly AskEvent[]): Prepared {
    assert.ok(first?.kind === 'prepared');
    return first.prepared;
  }

  const sent = (n: number) =>
    (fake.chats()[n]?.body as { messages: { role: string; content: string }[] }).messages;

  it('prepares, streams, verifies, and ends with the whole answer', async () => {
    const { events, answer } = await run();
    assert.equal(events[0]?.kind, 'prepared');
    assert.equal(answer.text, 'See `src/a.ts:2` "veryParticular = 2".\n');
    assert.deepEqual(
      answer.anchors.map(a => [a.path, a.startLine, a.state]),
      [['src/a.ts', 2, 'verified']],
    );
    const shown = events.flatMap(e => (e.kind === 'text' || e.kind === 'anchor' ? [e.text] : [])).join('');
    assert.equal(shown, answer.text, 'nothing of the answer is swallowed');
    assert.equal(answer.failure, undefined);
    assert.ok((answer.usage.promptTokens ?? 0) > 0);
  });

  it('an answer that comes in one piece is read in several, and none of them cuts a character', async () => {
    const code = `${'word '.repeat(818)}x😀 and so on.`;
    const text = `\`\`\`\n${code}\n\`\`\`\nSee \`src/a.ts:2\` "veryParticular = 2".\n`;
    fake.configure({ answer: text, chunkChars: text.length });
    const { events, answer } = await run();
    const texts = events.flatMap(e => (e.kind === 'text' ? [e.text] : []));
    assert.ok(texts.length > 1);
    for (const part of texts) assert.doesNotMatch(part, /^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/);
    assert.equal(answer.text, text);
    assert.deepEqual(
      answer.anchors.map(a => a.state),
      ['verified'],
    );
  });

  it('what is sent is within the budget, counted as it was sent', async () => {
    const { events } = await run();
    const prepared = preparedIn(events);
    const counted = await Promise.all(sent(0).map(m => measurer.count(m.content)));
    const overhead = prepared.promptTokens - counted.reduce((a, b) => a + b, 0);
    assert.equal(overhead, 15, 'system and user: 15 tokens of chat format (tokenizer.md 2)');
    assert.ok(prepared.promptTokens + prepared.budget.answer <= 9000);
  });

  it('an answer that breaks off is kept, with its anchors', async () => {
    fake.configure({ answer: 'See `src/a.ts:2` "veryParticular = 2". And then there was', chunkChars: 45 });
    fake.fail({ kind: 'die', afterChunks: 1 });
    const { answer } = await run();
    assert.equal(answer.failure?.code, 'incomplete-answer');
    assert.match(answer.text, /^See `src\/a\.ts:2`/);
    assert.deepEqual(
      answer.anchors.map(a => a.state),
      ['verified'],
    );
  });

  it('a follow-up starts with the same bytes, so that a prefix cache serves', async () => {
    const first = await run();
    await run({
      question: 'And b?',
      turns: [{ question: 'What is particular?', answer: first.answer.text }],
    });
    assert.deepEqual(sent(1).slice(0, 2), sent(0));
    assert.deepEqual(
      sent(1)
        .slice(2)
        .map(m => [m.role, m.content]),
      [
        ['assistant', first.answer.text],
        ['user', 'And b?'],
      ],
    );
  });

  it('keeps the prefix over turns also where not everything fits, whatever is asked and answered', async () => {
    for (let i = 0; i < 40; i++) {
      const text = `export const name${i} = 'a value of this file';\n`.repeat(20 + i);
      await writeFile(join(folder, `src/f${i}.ts`), text);
    }
    const turns: { question: string; answer: string }[] = [];
    for (const question of ['What is particular?', 'And what of b?', 'Why? '.repeat(60), 'So?']) {
      const { events, answer } = await run({ question, turns: [...turns] });
      const prepared = preparedIn(events);
      assert.equal(prepared.plan.fits, false);
      assert.ok(prepared.pack.manifest.length > 5, 'most of the window is used');
      turns.push({ question, answer: answer.text });
      const messages = sent(turns.length - 1);
      assert.deepEqual(messages.slice(0, 2), sent(0), 'system message, pack and first question');
      assert.equal(messages.length, 2 * turns.length);
    }
  });

  it('stops before sending when the conversation has outgrown the window', async () => {
    const turns = [{ question: 'What is particular?', answer: 'word '.repeat(9000) }];
    await assert.rejects(
      run({ turns }),
      error => error instanceof LongviewError && error.code === 'conversation-full',
    );
    assert.equal(fake.chats().length, 0);
  });

  it('a file that changed after the survey is measured and planned again', async () => {
    const surveyed = await survey(request(), measurer);
    await writeFile(join(folder, 'src/b.ts'), '// quite different now, and longer\n');
    const packed = await packWorkspace(surveyed.inventory, { room: null, maxFileBytes: 1e6 }, measurer);
    const text = Buffer.concat([...packed.pack.pieces]).toString();
    assert.equal(unpack(text).find(f => f.path === 'src/b.ts')?.text, '// quite different now, and longer\n');
    assert.equal(packed.pack.tokens, await measurer.count(text));
  });

  it('a folder that was deleted while it was packed is an error that says so', async () => {
    const surveyed = await survey(request(), measurer);
    await rm(folder, { recursive: true });
    await assert.rejects(
      packWorkspace(surveyed.inventory, { room: null, maxFileBytes: 1e6 }, measurer),
      error => {
        assert.ok(error instanceof LongviewError);
        assert.equal(error.code, 'workspace-gone');
        return true;
      },
    );
  });

  const refused: [string, Partial<AskRequest>, string][] = [
    ['no folder', { folders: [] }, 'no-workspace'],
    ['a folder that is not there', { folders: [{ name: 'x', path: '/nowhere/at/all' }] }, 'workspace-gone'],
  ];
  for (const [name, changes, code] of refused) {
    it(`says what is wrong: ${name}`, async () => {
      await assert.rejects(run(changes), error => error instanceof LongviewError && error.code === code);
    });
  }

  it('says that an empty folder is empty', async () => {
    await rm(join(folder, 'src'), { recursive: true });
    await assert.rejects(run(), error => error instanceof LongviewError && error.code === 'empty-workspace');
  });

  it('cancelled while packing, it sends nothing', async () => {
    const controller = new AbortController();
    const signal = controller.signal;
    await assert.rejects(run({ signal, onProgress: () => controller.abort() }), { name: 'AbortError' });
    assert.equal(fake.chats().length, 0);
  });

  it('the same workspace gives the same bytes, in one folder or several', async () => {
    const both = [
      { name: 'one', path: join(folder, 'src') },
      { name: 'one', path: folder },
    ];
    const hashes = await Promise.all(
      [1, 2].map(
        async () => (await prepare(request({ folders: both, endpoint: endpointOf(fake) }), measurer)).pack,
      ),
    );
    assert.equal(hashes[0]?.sha256, hashes[1]?.sha256);
    assert.deepEqual(
      [...(hashes[0]?.manifest ?? [])].map(m => m.path),
      ['one/a.ts', 'one/b.ts'],
    );
  });
});
