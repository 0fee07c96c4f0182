import assert from 'node:assert/strict';
import * as vscode from 'vscode';

import { streamChat, type ChatEvent } from '../../src/core/endpoint/client.ts';
import { createPromptCounter } from '../../src/core/endpoint/countTokens.ts';
import { RefusalError } from '../../src/core/endpoint/failure.ts';
import { hostOf } from '../../src/core/endpoint/gates.ts';
import { learn } from '../../src/core/endpoint/learn.ts';
import { listModels } from '../../src/core/endpoint/models.ts';
import { providerOf } from '../../src/core/endpoint/providers/table.ts';
import type { Endpoint } from '../../src/core/endpoint/types.ts';
import { LongviewError } from '../../src/core/errors.ts';
import type { GaugeState } from '../../src/vscode/gauge.ts';
import { gaugeTooltip } from '../../src/vscode/gaugeTooltip.ts';
import { createLanguageModelFetch } from '../../src/vscode/languageModels.ts';
import { documentWhere, gaugeState, resetSettings, services, setting } from './window.ts';

interface FakeModels {
  list: { id: string; maxInputTokens: number }[];
  respond: (text: string, report: (text: string) => void, token: vscode.CancellationToken) => Promise<void>;
  count: (text: string) => number;
}

type Ready = Extract<GaugeState, { kind: 'ready' }>;

/** Base URL of endpoints that are VS Code's own language models; their model is `vendor/id`. */
const url = providerOf('vscode').baseUrl ?? '';
const open = { pass: () => Promise.resolve() };
const request = {
  messages: [{ role: 'user', content: 'Hello?' }],
  maxTokens: 64,
  files: 0,
  tokens: 8,
} as const;

describe('VS Code’s own language models as endpoints', () => {
  let models: FakeModels;
  let endpoint: Endpoint;

  before(async () => {
    const fixture = vscode.extensions.getExtension<FakeModels>('longview-test.fake-models');
    assert.ok(fixture, 'the extension with the fake models is not in this host');
    models = await fixture.activate();
    (await services()).confirm = async ({ choices }) => choices[0];
  });
  beforeEach(async () => {
    models.list = [
      { id: 'small', maxInputTokens: 30_000 },
      { id: 'team/large', maxInputTokens: 1_000_000 },
    ];
    models.count = text => Math.ceil(text.length / 4);
    models.respond = async (_text, report) => report('Fine.');
    await setting('longview.endpoints', [
      { id: 'vs', name: 'Small', baseUrl: url, model: 'fake-vendor/small', provider: 'vscode' },
    ]);
    const found = (await services()).endpoints.byId('vs');
    assert.ok(found);
    // Of this bundle, so that its errors are instances of the classes known here.
    endpoint = { ...found, fetch: createLanguageModelFetch(() => 60_000, 'fake-vendor') };
  });
  afterEach(resetSettings);

  const read = async (signal = new AbortController().signal) => {
    const events: ChatEvent[] = [];
    for await (const event of streamChat(endpoint, request, open, signal)) events.push(event);
    return events;
  };
  const failure = async (): Promise<LongviewError> => {
    const error = await read().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof LongviewError, String(error));
    return error;
  };

  it('lists those of all other extensions, the longest first, and none of ours', async () => {
    const draft = (await services()).endpoints.draft(
      { id: 'draft', baseUrl: url, model: '', provider: 'vscode' },
      '',
    );
    const listed = await listModels(draft, providerOf('vscode'));
    assert.deepEqual(
      listed.map(m => [m.id, m.windows[0]?.tokens]),
      [
        ['fake-vendor/team/large', 1_000_000],
        ['fake-vendor/small', 30_000],
      ],
    );
  });

  it('maxInputTokens is served evidence, shown by the gauge', async () => {
    await setting('longview.endpoint', 'vs');
    const { survey } = await gaugeState(
      (s): s is Ready => s.kind === 'ready' && s.endpoint.config.id === 'vs',
    );
    assert.equal(survey.budget?.limit, 30_000);
    assert.match(
      gaugeTooltip({ endpoint, survey, conversation: 0 }).value.replaceAll('&nbsp;', ' '),
      /30,000 · served by vscode\.lm maxInputTokens · just now/,
    );
    assert.equal(hostOf(endpoint), 'VS Code (fake-vendor)');
  });

  it('answers an ask over the workspace, inside its limit', async () => {
    await setting('longview.endpoint', 'vs');
    await setting('longview.answers', 'document');
    let prompt = '';
    models.respond = async (text, report) => {
      prompt = text;
      for (const word of ['It ', 'was ', 'read.']) report(word);
    };
    await vscode.commands.executeCommand('longview.ask', 'What is read?');
    await documentWhere(d => d.uri.scheme === 'longview-answer' && d.getText().includes('It was read.'));
    assert.match(prompt, /@@@@ file .*What is read\?/s);
    assert.ok((await (await services()).measurer.count(prompt)) < 30_000);
  });

  it('counts the prompt of an ask by countTokens, whose word is final: the prompt is made anew until it fits', async () => {
    await setting('longview.endpoint', 'vs');
    await setting('longview.answers', 'document');
    await setting('longview.answerTokens', 2000);
    // Twice what our own count says, at least.
    models.count = text => Math.ceil(text.length / 1.5);
    let prompt = '';
    models.respond = async (text, report) => {
      prompt = text;
      report('It was counted.');
    };
    await vscode.commands.executeCommand('longview.ask', 'Who counts?');
    await documentWhere(d => d.uri.scheme === 'longview-answer' && d.getText().includes('It was counted.'));
    const counted = models.count(prompt);
    assert.ok(counted <= 30_000 - 2000 && counted > 10_000, `${counted} tokens by its count`);
    const { measurer } = await services();
    assert.ok((await measurer.count(prompt)) < counted / 2, 'by our own count it is half empty');
  });

  it('streams, tells no usage, and is counted by the model’s own countTokens', async () => {
    models.respond = async (_text, report) => {
      report('one ');
      report('two');
    };
    assert.deepEqual(await read(), [
      { kind: 'text', text: 'one ' },
      { kind: 'text', text: 'two' },
      { kind: 'end', finishReason: 'stop' },
    ]);
    models.count = () => 1234;
    const prompt = { endpoint, messages: request.messages, files: 0, tokens: 8 };
    const counted = await createPromptCounter()(prompt, open, new AbortController().signal);
    assert.deepEqual(counted, { kind: 'counted', tokens: 1234, by: '/tokenize' });
  });

  it('cancelling reaches the model', async () => {
    const controller = new AbortController();
    const cancelled = new Promise<void>(resolve => {
      models.respond = async (_text, report, token) => {
        const stopped = new Promise<void>(stop => token.onCancellationRequested(() => stop()));
        report('first');
        await stopped;
        resolve();
      };
    });
    const events = streamChat(endpoint, request, open, controller.signal);
    assert.equal((await events.next()).value?.kind, 'text');
    controller.abort();
    await assert.rejects(async () => events.next(), { name: 'AbortError' });
    await cancelled;
  });

  for (const [name, error, code, text] of [
    [
      'no permission',
      () => vscode.LanguageModelError.NoPermissions('Not allowed'),
      'auth',
      /VS Code does not let/,
    ],
    ['blocked', () => vscode.LanguageModelError.Blocked('Quota used up'), 'rate-limited', /Quota used up/],
    [
      'unknown there',
      () => vscode.LanguageModelError.NotFound('Who?'),
      'model-not-found',
      /fake-vendor\/small/,
    ],
    ['any other', () => new Error('The model has a cold'), 'refused', /The model has a cold/],
  ] as const) {
    it(`a refusal is told: ${name}`, async () => {
      models.respond = () => Promise.reject(error());
      const refused = await failure();
      assert.equal(refused.code, code);
      assert.match(refused.message, text);
    });
  }

  it('a refusal for length teaches the limit', async () => {
    models.respond = () =>
      Promise.reject(
        new Error(
          "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        ),
      );
    const refused = await failure();
    assert.ok(refused instanceof RefusalError);
    assert.deepEqual([refused.refusal.kind, refused.refusal.limitTokens], ['context', 8192]);
  });

  it('an answer that breaks off keeps what arrived, and the words', async () => {
    const texts: string[] = [];
    let goOn: () => void = () => undefined;
    const shown = new Promise<void>(resolve => (goOn = resolve));
    models.respond = async (_text, report) => {
      report('half');
      // VS Code drops what nobody has read yet when an error comes.
      await shown;
      throw new Error('The line is dead');
    };
    await assert.rejects(
      async () => {
        for await (const event of streamChat(endpoint, request, open, new AbortController().signal))
          if (event.kind === 'text') {
            texts.push(event.text);
            goOn();
          }
      },
      (error: LongviewError) => error.code === 'incomplete-answer' && /The line is dead/.test(error.message),
    );
    assert.deepEqual(texts, ['half']);
  });

  it('a model that its extension withdrew has gone, and the others are offered', async () => {
    models.list = models.list.slice(1);
    const known = await learn(endpoint, undefined, [], { now: () => new Date(), recheck: true });
    assert.match(known.gone?.note ?? '', /does not name fake-vendor\/small/);
    assert.deepEqual(
      known.alternatives.map(m => m.id),
      ['fake-vendor/team/large'],
    );
    assert.equal((await failure()).code, 'model-not-found');
  });

  it('silence has an end', async () => {
    models.respond = async (_text, _report, token) =>
      new Promise(resolve => token.onCancellationRequested(() => resolve()));
    const silent = { ...endpoint, fetch: createLanguageModelFetch(() => 20, 'fake-vendor') };
    await assert.rejects(
      async () => streamChat(silent, request, open, new AbortController().signal).next(),
      (error: LongviewError) => error.code === 'timeout' && /has sent nothing/.test(error.message),
    );
  });
});
