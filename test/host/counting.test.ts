import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';

import { decodeRanks, tokenBytes } from '../../src/core/tokens/ranks.ts';
import { createEditorCounting } from '../../src/vscode/counting.ts';
import type { GaugeState } from '../../src/vscode/gauge.ts';
import { counterDetail, counterSummary } from '../../src/vscode/gaugeRows.ts';
import { gaugeTooltip } from '../../src/vscode/gaugeTooltip.ts';
import type { Fake, RecordedRequest } from '../fakes/index.ts';
import { documentWhere, gaugeState, resetSettings, selectFake, services, setting } from './window.ts';

type Ready = Extract<GaugeState, { kind: 'ready' }>;
const readyWith = (test: (state: Ready) => boolean) =>
  gaugeState((state): state is Ready => state.kind === 'ready' && test(state));

const windowTokens = 60_000;
const answerTokens = 2000;

/** OpenAI's own form of cl100k, made of the ranks that ship. */
function rankLines(): string {
  const { extensionPath } = vscode.extensions.getExtension('longview.longview') ?? { extensionPath: '' };
  const table = decodeRanks(readFileSync(join(extensionPath, 'dist', 'cl100k.ranks')));
  const line = (rank: number) => `${Buffer.from(tokenBytes(table, rank)).toString('base64')} ${rank}\n`;
  return Array.from({ length: table.size }, (_, rank) => line(rank)).join('');
}

async function ask(question: string): Promise<string> {
  await vscode.commands.executeCommand('longview.ask', question);
  const document = await documentWhere(
    d =>
      d.uri.scheme === 'longview-answer' &&
      d.getText().includes(question) &&
      /anchors? verified|cites no|No answer/.test(d.getText()),
  );
  return document.getText();
}

const fits = ({ status, promptTokens }: RecordedRequest) =>
  status === 200 && (promptTokens ?? Infinity) + answerTokens <= windowTokens;

describe('an endpoint’s own count', () => {
  let fake: Fake | undefined;
  beforeEach(async () => {
    await setting('longview.answers', 'document');
    await setting('longview.answerTokens', answerTokens);
    (await services()).confirm = async question => question.choices[0];
  });
  afterEach(async () => {
    await fake?.close();
    fake = undefined;
    await resetSettings();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('teaches with the first reply, where it is 1.3 times ours; the second ask fits, also after a restart', async () => {
    fake = await selectFake(
      { system: 'deepinfra', model: 'my-llama-4-scout', contextTokens: windowTokens, tokenRatio: 1.3 },
      { contextLimit: windowTokens },
    );
    const before = await readyWith(s => s.survey.budget?.limit === windowTokens);
    assert.match(counterSummary(before.survey), /^± 2\.\d % \(estimated with o200k until the first reply\)$/);

    await ask('What does the first ask teach?');
    const first = fake.chats();
    assert.ok(
      first.length === 2 && first[0]?.status !== 200,
      `without what it teaches, the prompt is too long: ${JSON.stringify(first.map(c => [c.status, c.promptTokens]))}`,
    );
    assert.ok(first.slice(-1).every(fits), JSON.stringify(first.map(c => [c.status, c.promptTokens])));

    const after = await readyWith(s => s.survey.counting.samples === 1);
    const { factor } = after.survey.counting;
    assert.ok(factor > 1.28 && factor < 1.32, String(factor));
    assert.match(
      counterSummary(after.survey),
      /^± 1\.\d % \(learned from 1 reply, ratio 1\.(29|3\d): this server counts \d+ % more/,
    );
    assert.match(counterDetail(after.survey), /more tokens of the same text than Llama 4.*wrong rules/);
    assert.match(gaugeTooltip(after).value, /ratio 1\.3/);

    await ask('Does the second ask fit?');
    const second = fake.chats().slice(first.length);
    assert.deepEqual(second.map(fits), [true], JSON.stringify(second.map(c => [c.status, c.promptTokens])));
    const used = second[0]?.promptTokens ?? 0;
    assert.ok(used > windowTokens * 0.7, `${used} tokens: the window is used`);

    const { endpoints, log, measurer, storage } = await services();
    const restarted = await createEditorCounting(join(storage, 'ratios'), measurer, log);
    const again = await restarted.of(endpoints.selected());
    restarted.dispose();
    assert.equal(again.samples, 2);
    assert.ok(Math.abs(again.factor - factor) <= 0.011, `${again.factor} and ${factor}`);
  });

  it('counts for other extensions, with headroom for what an estimate may be off', async () => {
    fake = await selectFake(
      { system: 'openai', model: 'another-deployment', contextTokens: windowTokens },
      { contextLimit: windowTokens },
    );
    const find = async () => {
      const all = await vscode.lm.selectChatModels({ vendor: 'longview' });
      return all.find(m => m.id === 'fake' && m.family === 'another-deployment');
    };
    const model = await find();
    assert.equal(model?.maxInputTokens, Math.floor((windowTokens - answerTokens) / 1.25));
  });
});

describe('Use My tokenizer.model', () => {
  let folder: string;
  let fake: Fake | undefined;
  const mine = () => join(folder, 'tokenizer.model');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'longview-tokenizer-'));
    writeFileSync(mine(), rankLines());
  });
  afterEach(async () => {
    await fake?.close();
    fake = undefined;
    await resetSettings();
    rmSync(folder, { recursive: true });
  });

  it('makes the count of the model it belongs to exact; moved away, the ask goes on and says so', async () => {
    fake = await selectFake(
      { system: 'openai', model: 'my-deployment', contextTokens: 100_000 },
      { contextLimit: 100_000 },
    );
    await vscode.commands.executeCommand('longview.useTokenizer', mine());
    const exact = await readyWith(s => s.survey.counting.exact && s.endpoint.config.id === 'fake');
    assert.match(counterSummary(exact.survey), /^exact \(cl100k:[0-9a-f]{12}\)$/);
    assert.equal(exact.endpoint.config.tokenizer, mine());

    renameSync(mine(), `${mine()}.moved`);
    (await services()).gauge.refresh();
    const moved = await readyWith(s => s.survey.counting.problem !== undefined);
    assert.match(counterSummary(moved.survey), /^± 25 %/);
    assert.match(counterDetail(moved.survey), /could not be read.*not used/);
    await setting('longview.answers', 'document');
    (await services()).confirm = async question => question.choices[0];
    assert.match(await ask('Does the ask go on?'), /tokenizer file .* could not be read/);
    assert.equal(fake.chats().at(-1)?.status, 200);
    const sent = JSON.stringify(fake.requests.map(r => r.body));
    assert.ok(!sent.includes('tokenizer.model.moved'), 'nothing of it is sent');
  });

  it('for Llama 4 models says what a foreign file is, and counts without it', async () => {
    fake = await selectFake(
      { system: 'vllm', model: 'meta-llama/Llama-4-Scout', contextTokens: 100_000 },
      {},
    );
    await setting('longview.tokenizer', mine());
    const state = await readyWith(s => s.survey.counting.problem !== undefined);
    assert.match(
      counterDetail(state.survey),
      /is of cl100k, and meta-llama\/Llama-4-Scout is a model of Llama 4/,
    );
    assert.match(counterSummary(state.survey), /^± 2\.\d % \(estimated with o200k until the first reply\)$/);
  });
});
