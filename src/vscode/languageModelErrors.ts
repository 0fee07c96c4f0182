import * as vscode from 'vscode';

import { LongviewError } from '../core/errors.ts';
import { refusalResponse } from './languageModelWire.ts';

/** False for what ended a request from our side. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && !(error instanceof LongviewError) && error.name !== 'AbortError';
}

/** VS Code packs what an extension throws into an error of its own; the words that matter are the innermost. */
export function wordsOf(error: Error): string {
  let found = error;
  while (found.cause instanceof Error) found = found.cause;
  return found.message || error.message || found.name;
}

/** What VS Code, or the model's extension, says about a request that it did not take. Throws what has no status. */
export function refuse(error: unknown, model: string): Response {
  if (!isRefusal(error)) throw error;
  const code = error instanceof vscode.LanguageModelError ? error.code : undefined;
  switch (code) {
    case vscode.LanguageModelError.NotFound.name:
      return notFound(model);
    case vscode.LanguageModelError.NoPermissions.name:
      throw new LongviewError(
        'auth',
        `VS Code does not let Longview use ${model}: ${sentence(wordsOf(error))}`,
        'Ask again and allow it, or see "Manage Language Model Access" in the Accounts menu.',
        error,
      );
    case vscode.LanguageModelError.Blocked.name:
      throw new LongviewError(
        'rate-limited',
        `${model} is blocked for now: ${sentence(wordsOf(error))}`,
        'Look at the quota of the account behind it, or select another endpoint.',
        error,
      );
    default:
      return refusalResponse(400, wordsOf(error));
  }
}

function sentence(text: string): string {
  return `${text.replace(/[.\s]+$/, '')}.`;
}

export function notFound(model: string): Response {
  return refusalResponse(404, `VS Code has no language model ${model}`, 'model_not_found');
}

export function tooSilent(model: string, ms: number): LongviewError {
  const time = ms < 60_000 ? `${Math.round(ms / 1000)} seconds` : `${Math.round(ms / 60_000)} minutes`;
  return new LongviewError(
    'timeout',
    `${model} has sent nothing for ${time}.`,
    'Ask again, or raise the setting longview.timeoutMinutes.',
  );
}
