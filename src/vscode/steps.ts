import * as vscode from 'vscode';

/** The user wants the step before this one. */
export const previous = Symbol('previous');
export type Previous = typeof previous;
/** The step does not apply. */
export const skip = Symbol('skip');
export type Skip = typeof skip;

/** Where a step stands in its flow, 1-based. */
export interface Position {
  readonly title: string;
  readonly step: number;
  readonly of: number;
}

/** One question of a flow: the draft with its answer, {@link previous}, {@link skip}, or undefined to give up. */
export type Step<T> = (draft: T, position: Position) => Promise<T | Previous | Skip | undefined>;

/** Asks one step after the other; a step that is asked anew forgets what the later ones answered. */
export async function runSteps<T extends object>(
  title: string,
  start: T,
  steps: readonly Step<T>[],
): Promise<T | undefined> {
  const asked: { readonly index: number; readonly draft: T }[] = [];
  let draft = start;
  for (let index = 0; index < steps.length;) {
    const result = await steps[index]?.(draft, { title, step: index + 1, of: steps.length });
    if (result === undefined) return undefined;
    if (result === previous) {
      const before = asked.pop();
      if (before !== undefined) ({ index, draft } = before);
      continue;
    }
    if (result !== skip) {
      asked.push({ index, draft });
      draft = result;
    }
    index++;
  }
  return draft;
}

export interface Text {
  readonly question: string;
  readonly value?: string;
  readonly placeholder?: string;
  readonly password?: boolean;
  /** Selected at first, as [start, end]. */
  readonly selection?: readonly [number, number];
  /** What is wrong with the text; undefined for nothing. */
  readonly validate?: (text: string) => string | undefined;
}

/** A line of text, trimmed. */
export async function askText(text: Text, position: Position): Promise<string | Previous | undefined> {
  const input = vscode.window.createInputBox();
  place(input, position);
  input.prompt = text.question;
  input.value = text.value ?? '';
  input.placeholder = text.placeholder ?? '';
  input.password = text.password === true;
  if (text.selection !== undefined) input.valueSelection = [...text.selection];
  const check = () => {
    const wrong = text.validate?.(input.value.trim());
    input.validationMessage = wrong;
    return wrong === undefined;
  };
  return show(input, done => {
    input.onDidChangeValue(check);
    input.onDidAccept(() => {
      if (check()) done(input.value.trim());
    });
  });
}

export interface Choice<I extends vscode.QuickPickItem> {
  readonly question: string;
  readonly items: readonly I[];
  /** The row that Enter takes. */
  readonly active?: I | undefined;
  /** Called once the list is open; may replace its items. Aborted when it closes. */
  readonly fill?: (picker: vscode.QuickPick<I>, signal: AbortSignal) => void;
}

export async function askChoice<I extends vscode.QuickPickItem>(
  choice: Choice<I>,
  position: Position,
): Promise<I | Previous | undefined> {
  const picker = vscode.window.createQuickPick<I>();
  place(picker, position);
  picker.placeholder = choice.question;
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  picker.items = choice.items;
  if (choice.active !== undefined) picker.activeItems = [choice.active];
  const open = new AbortController();
  try {
    return await show(picker, done => {
      picker.onDidAccept(() => {
        const [picked] = picker.selectedItems;
        if (picked !== undefined) done(picked);
      });
      choice.fill?.(picker, open.signal);
    });
  } finally {
    open.abort();
  }
}

function place(input: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox, position: Position): void {
  input.title = position.title;
  if (position.of > 1) {
    input.step = position.step;
    input.totalSteps = position.of;
  }
  input.buttons = position.step > 1 ? [vscode.QuickInputButtons.Back] : [];
  // A look at another window for the key must not end the flow.
  input.ignoreFocusOut = true;
}

/** Shows it until `done`, its button or Escape, and disposes of it. */
async function show<T>(
  input: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox,
  listen: (done: (value: T) => void) => void,
): Promise<T | Previous | undefined> {
  try {
    return await new Promise<T | Previous | undefined>(resolve => {
      input.onDidTriggerButton(button => {
        if (button === vscode.QuickInputButtons.Back) resolve(previous);
      });
      input.onDidHide(() => resolve(undefined));
      listen(resolve);
      input.show();
    });
  } finally {
    input.dispose();
  }
}
