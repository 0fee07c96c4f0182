import * as vscode from 'vscode';

/** A decision that must not be made by accident. */
export interface Question {
  readonly title: string;
  readonly detail: string;
  readonly choices: readonly string[];
  /** Default: `warning`. */
  readonly tone?: 'warning' | 'information';
}

/**
 * Asks the user, modally; undefined means they cancelled. A seam, because an extension host under test refuses modal
 * dialogs.
 */
export type Confirm = (question: Question) => Promise<string | undefined>;

export const confirmModally: Confirm = async ({ title, detail, choices, tone }) =>
  tone === 'information'
    ? vscode.window.showInformationMessage(title, { modal: true, detail }, ...choices)
    : vscode.window.showWarningMessage(title, { modal: true, detail }, ...choices);

/** Asks where to save; undefined means they cancelled. A seam for the same reason. */
export type ChooseFile = (suggestion: vscode.Uri) => Promise<vscode.Uri | undefined>;

export const chooseFile: ChooseFile = async defaultUri =>
  vscode.window.showSaveDialog({ defaultUri, filters: { Markdown: ['md'] } });
