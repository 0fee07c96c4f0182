import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { Gates } from '../../../src/core/endpoint/gates.ts';
import { createHttpFetch } from '../../../src/core/endpoint/httpFetch.ts';
import type { Endpoint } from '../../../src/core/endpoint/types.ts';
import { createMeasurer, type Measurer } from '../../../src/core/pack/measurer.ts';
import { ask, type AskEvent, type AskRequest } from '../../../src/core/review/ask.ts';
import { createHistory, type History, type HistoryEntry } from '../../../src/core/review/history.ts';
import { recheckAnchor, recheckSummary, type Recheck } from '../../../src/core/review/historyAnchors.ts';
import { historyMarkdown, splitAnswer } from '../../../src/core/review/historyMarkdown.ts';
import { recordAsk } from '../../../src/core/review/historyRecord.ts';
import { defaultPromptSettings } from '../../../src/core/review/prepare.ts';
import { startFake, type Fake } from '../../fakes/index.ts';

const open: Gates = { pass: async () => undefined };
const source = 'export const a = 1;\nexport const veryParticular = 2;\n';

describe('recording asks', function () {
  this.timeout(30_000);
  let measurer: Measurer;
  let folder: string;
  let stored: string;
  let history: History;
  let fake: Fake;

  before(() => {
    measurer = createMeasurer(resolve('dist/measureWorker.js'));
  });
  after(() => measurer.dispose());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longview-record-'));
    stored = await mkdtemp(join(tmpdir(), 'longview-history-'));
    history = createHistory(stored);
    await mkdir(join(folder, 'src'));
    await writeFile(join(folder, 'src/a.ts'), source);
    fake = await startFake({
      system: 'vllm',
      contextTokens: 9000,
      apiKey: 'secret-key-4711',
      answer: 'See `src/a.ts:2` "veryParticular = 2", `src/a.ts:1` and `src/ghost.ts:3`.\n',
    });
  });
  afterEach(async () => {
    await fake.close();
    await rm(folder, { recursive: true, force: true });
    await rm(stored, { recursive: true, force: true });
  });

  const endpoint = (key = 'secret-key-4711'): Endpoint => ({
    config: { id: 'fake', baseUrl: fake.baseUrl, model: fake.model },
    kind: 'server',
    fetch: createHttpFetch(() => 60_000),
    apiKey: async () => key,
  });

  async function run(changes: Partial<AskRequest> = {}, until: (e: AskEvent) => boolean = () => false) {
    const request: AskRequest = {
      folders: [{ name: 'project', path: folder }],
      trusted: true,
      endpoint: endpoint(),
      question: 'What is particular?',
      settings: defaultPromptSettings,
      signal: new AbortController().signal,
      ...changes,
    };
    const failures: unknown[] = [];
    const price = async () => ({ input: 1, output: 2, source: 'entered' });
    const deps = { history, onFailure: (error: unknown) => failures.push(error), price };
    const events: AskEvent[] = [];
    try {
      const asked = ask(request, { measurer, gates: open });
      for await (const event of recordAsk(asked, { ...request, surface: 'chat' }, deps)) {
        events.push(event);
        if (until(event)) break;
      }
    } finally {
      assert.deepEqual(failures, []);
    }
    return events;
  }

  async function entries(): Promise<HistoryEntry[]> {
    const { entries: heads } = await history.list();
    const all: HistoryEntry[] = [];
    for (const { id } of heads) {
      const read = await history.read(id);
      assert.ok(read.kind === 'entry');
      all.push(read.entry);
    }
    return all;
  }

  it('hands every event on, and keeps the whole ask, without key or file content', async () => {
    execFileSync('git', ['init', '-q', folder]);
    execFileSync('git', ['-C', folder, 'add', '.']);
    execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'x']);
    const commit = execFileSync('git', ['-C', folder, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
    const events = await run();
    const done = events.at(-1);
    assert.ok(done?.kind === 'done');
    const [entry] = await entries();
    assert.ok(entry);
    assert.equal(entry.state, 'done');
    assert.equal(entry.answer, done.answer.text);
    assert.deepEqual(
      entry.anchors.map(a => [a.path, a.state, entry.answer.slice(a.offset, a.offset + a.length)]),
      [
        ['src/a.ts', 'verified', '`src/a.ts:2`'],
        ['src/a.ts', 'unquoted', '`src/a.ts:1`'],
        ['src/ghost.ts', 'missing', '`src/ghost.ts:3`'],
      ],
    );
    assert.match(entry.anchors[0]?.fileHash ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(entry.usage, done.answer.usage);
    assert.ok((entry.costUsd ?? 0) > 0);
    assert.equal(entry.limit?.evidence[0]?.source, 'served');
    assert.equal(entry.pack?.forms.full, 1);
    assert.deepEqual(entry.pack?.folders, [{ name: 'project', commit }]);
    assert.match(entry.pack?.sha256 ?? '', /^[0-9a-f]{64}$/);
    const file = await readFile(join(stored, `${entry.id}.ask`), 'utf8');
    assert.ok(!file.includes('secret-key-4711'));
    assert.ok(!file.includes('export const a = 1'), 'no line that the answer does not quote');
    assert.ok(!file.includes(folder), 'no path of this machine');
  });

  it('a failed ask is kept with its reason', async () => {
    await assert.rejects(run({ endpoint: endpoint('wrong') }));
    const [entry] = await entries();
    assert.equal(entry?.state, 'failed');
    assert.equal(entry?.failure?.code, 'auth');
  });

  it('what arrived before the server went is kept as incomplete', async () => {
    fake.configure({ answer: 'Half an answer and then there was nothing', chunkChars: 20 });
    fake.fail({ kind: 'die', afterChunks: 1 });
    await run();
    const [entry] = await entries();
    assert.equal(entry?.state, 'incomplete');
    assert.match(entry?.answer ?? '', /^Half an answer/);
    assert.equal(entry?.failure?.code, 'incomplete-answer');
  });

  it('an answer that nobody wants the rest of is cancelled', async () => {
    await run({}, event => event.kind === 'anchor');
    const [entry] = await entries();
    assert.equal(entry?.state, 'cancelled');
    assert.equal(entry?.anchors.length, 1);
  });

  it('a follow-up knows which ask it follows', async () => {
    await run();
    const [first] = await entries();
    assert.ok(first);
    await run({ question: 'And then?', turns: [{ question: first.question, answer: first.answer }] });
    const second = (await entries()).find(e => e.question === 'And then?');
    assert.equal(second?.follows, first.id);
    assert.equal(second?.earlierTurns, 1);
  });

  it('a disk that refuses never fails the ask', async () => {
    await rm(stored, { recursive: true });
    await writeFile(stored, 'a file where the folder should be');
    const failures: unknown[] = [];
    let last: AskEvent | undefined;
    const request = {
      folders: [{ name: 'project', path: folder }],
      trusted: true,
      endpoint: endpoint(),
      question: 'Why?',
      settings: defaultPromptSettings,
      signal: new AbortController().signal,
    };
    const events = ask(request, { measurer, gates: open });
    const deps = { history, onFailure: (error: unknown) => failures.push(error) };
    for await (const event of recordAsk(events, { ...request, surface: 'chat' }, deps)) last = event;
    assert.equal(last?.kind, 'done');
    assert.ok(failures.length > 0);
  });

  describe('checking again', () => {
    const today: [string, string | undefined, readonly Recheck['kind'][], RegExp][] = [
      ['nothing changed', source, ['holds', 'holds', 'never'], /2 of 2 anchors still hold\. 1 never did/],
      [
        'lines came before',
        `// new\n\n${source}`,
        ['moved', 'moved', 'never'],
        /2 of 2 .* hold, 2 of them at other lines/,
      ],
      ['it was indented', source.replace(/^/gm, '  '), ['holds', 'holds', 'never'], /2 of 2/],
      ['the quoted line went', 'export const a = 1;\n', ['lost', 'holds', 'never'], /1 of 2/],
      ['the file went', undefined, ['lost', 'lost', 'never'], /0 of 2/],
      ['everything changed', 'x\n', ['lost', 'lost', 'never'], /0 of 2/],
    ];
    const kinds = (entry: HistoryEntry, text: string | undefined) =>
      entry.anchors.map(a => recheckAnchor(a, a.state === 'missing' ? undefined : text));
    for (const [name, text, expected, summary] of today) {
      it(`tells what still holds: ${name}`, async () => {
        await run();
        const [entry] = await entries();
        const rechecks = kinds(entry!, text);
        assert.deepEqual(
          rechecks.map(r => r.kind),
          expected,
        );
        assert.match(recheckSummary(rechecks), summary);
        if (expected[0] === 'moved')
          assert.deepEqual(
            rechecks.slice(0, 2).map(r => r.place.startLine),
            [4, 3],
          );
      });
    }
  });

  it('exports Markdown that says where it comes from, and runs nothing', async () => {
    fake.configure({ answer: 'See `src/a.ts:2` "veryParticular = 2" ![x](http://e/i.png) <img src=x>.\n' });
    await run();
    const [entry] = await entries();
    const markdown = historyMarkdown(
      entry!,
      entry!.anchors.map(a => recheckAnchor(a, source)),
    );
    assert.match(markdown, /^# What is particular/);
    assert.match(markdown, /`src\/a\.ts:2` verified/);
    assert.match(markdown, /\| It still stands there\. \|/);
    assert.match(markdown, /SHA-256 [0-9a-f]{64}/);
    assert.ok(markdown.includes('!\\[x]') && markdown.includes('\\<img'));
  });

  it('an answer comes apart as it streamed, also where a file was tampered with', () => {
    const anchor = { path: 'a', startLine: 1, endLine: 1, state: 'verified', offset: 2, length: 3 } as const;
    const parts = splitAnswer('0123456789', [{ ...anchor, offset: 3 }, anchor, { ...anchor, offset: 7 }]);
    assert.deepEqual(
      parts.map(p => [p.kind, p.text]),
      [
        ['text', '01'],
        ['anchor', '234'],
        ['text', '56'],
        ['anchor', '789'],
      ],
    );
  });
});
