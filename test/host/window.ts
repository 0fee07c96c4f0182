import assert from 'node:assert/strict';
import * as vscode from 'vscode';

import type { TestServices } from '../../src/vscode/extension.ts';
import type { GaugeState } from '../../src/vscode/gauge.ts';
import { startFake, type Fake, type FakeOptions } from '../fakes/index.ts';

/** Our services, as `activate` gives them to tests. */
export async function services(): Promise<TestServices> {
  const extension = vscode.extensions.getExtension<TestServices | undefined>('longview.longview');
  assert.ok(extension, 'our extension is not in this host');
  const active = await extension.activate();
  assert.ok(active, 'activate gave no services');
  return active;
}

export async function setting(key: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration().update(key, value, vscode.ConfigurationTarget.Global);
}

/** Starts a fake and selects it as the endpoint `fake`. */
export async function selectFake(
  options: Partial<FakeOptions> & Pick<FakeOptions, 'system'>,
  config: object = {},
): Promise<Fake> {
  const fake = await startFake(options);
  await setting('longview.endpoints', [
    { id: 'fake', name: 'Fake Server', baseUrl: fake.baseUrl, model: fake.model, ...config },
  ]);
  await setting('longview.endpoint', 'fake');
  return fake;
}

export async function resetSettings(): Promise<void> {
  for (const key of [
    'endpoints',
    'endpoint',
    'tokenizer',
    'answers',
    'answerTokens',
    'offlineReader.contextLimit',
    'maxFileSizeMB',
    'maxWaitSeconds',
    'confirmAboveUsd',
    'images',
  ]) {
    await setting(`longview.${key}`, undefined);
  }
}

/** The first gauge state that satisfies the test, now or later. */
export async function gaugeState<T extends GaugeState>(is: (state: GaugeState) => state is T): Promise<T> {
  const { gauge } = await services();
  return new Promise(resolve => {
    const listener = gauge.onDidChange(check);
    function check(state: GaugeState): void {
      if (!is(state)) return;
      listener.dispose();
      resolve(state);
    }
    check(gauge.state);
  });
}

/** Resolves when an open document satisfies the test. */
export async function documentWhere(
  is: (document: vscode.TextDocument) => boolean,
): Promise<vscode.TextDocument> {
  const open = vscode.workspace.textDocuments.find(is);
  if (open !== undefined) return open;
  return new Promise(resolve => {
    const check = (document: vscode.TextDocument) => {
      if (!is(document)) return;
      for (const listener of listeners) listener.dispose();
      resolve(document);
    };
    const listeners = [
      vscode.workspace.onDidOpenTextDocument(check),
      vscode.workspace.onDidChangeTextDocument(event => check(event.document)),
    ];
  });
}
