import * as vscode from 'vscode';

import { describeError, isCancellation } from '../core/errors.ts';
import type { Services } from './services.ts';

/** A command whose failures are told and logged; one that was cancelled just ends. */
export function reporting<A extends readonly unknown[]>(
  { log }: Pick<Services, 'log'>,
  run: (...args: A) => Promise<void>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      await run(...args);
    } catch (error) {
      if (isCancellation(error)) return;
      log.error(error instanceof Error ? error : String(error));
      // Not awaited: a command ends when its work does, not when its message is read.
      void vscode.window.showErrorMessage(describeError(error));
    }
  };
}
