import * as vscode from 'vscode';

import type { Endpoint, Usage } from '../core/endpoint/types.ts';
import type { Measurer } from '../core/pack/measurer.ts';
import { learnFrom } from '../core/review/counting.ts';
import {
  countingWith,
  createTokenizers,
  tokenizerPath,
  type Tokenizers,
} from '../core/review/ownTokenizer.ts';
import type { Counting } from '../core/tokens/counting.ts';
import { openRatios } from '../core/tokens/ratioStore.ts';
import { readSettings } from './settings.ts';

/** How endpoints' tokens are counted in this editor: by the user's tokenizers, and what replies taught all windows. */
export interface EditorCounting {
  readonly tokenizers: Tokenizers;
  of(endpoint: Endpoint | null, signal?: AbortSignal): Promise<Counting>;
  /** Takes in what a reply says it read of a prompt. Never rejects. */
  learn(sent: Parameters<typeof learnFrom>[1], usage: Usage): Promise<void>;
  /** A reply taught something. */
  readonly onDidLearn: vscode.Event<void>;
  dispose(): void;
}

export async function createEditorCounting(
  ratioFile: string,
  measurer: Measurer,
  log: vscode.LogOutputChannel,
): Promise<EditorCounting> {
  const ratios = await openRatios(ratioFile);
  const tokenizers = createTokenizers(measurer);
  const learned = new vscode.EventEmitter<void>();
  return {
    tokenizers,
    async of(endpoint, signal) {
      await ratios.refresh().catch((error: unknown) => {
        log.warn(`What other windows learned of endpoints’ tokens could not be read: ${String(error)}`);
      });
      const path = tokenizerPath(endpoint, readSettings().tokenizer);
      return countingWith(endpoint, path, { tokenizers, ratios }, signal);
    },
    async learn(sent, usage) {
      try {
        const ignored = await learnFrom(ratios, sent, usage, Date.now());
        if (ignored !== undefined) {
          log.debug(`Nothing was learned from a reply's usage: ${ignored}.`);
          return;
        }
      } catch (error) {
        log.warn(`What a reply taught of the endpoint’s tokens could not be kept: ${String(error)}`);
      }
      learned.fire();
    },
    onDidLearn: learned.event,
    dispose: () => learned.dispose(),
  };
}
