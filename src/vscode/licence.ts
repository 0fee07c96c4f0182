import * as vscode from 'vscode';

import { licenceNote } from '../core/endpoint/llama.ts';
import type { Services } from './services.ts';

const memory = 'longview.licencesRead';

/** A licence is told once, when a model under it is chosen for the first time; going on is the user's decision. */
export async function acceptLicence(
  model: string,
  { memento, confirm }: Pick<Services, 'memento' | 'confirm'>,
): Promise<boolean> {
  const note = licenceNote(model);
  if (note === undefined) return true;
  const known = memento.get<readonly string[]>(memory, []);
  if (known.includes(note.url)) return true;
  const go = vscode.l10n.t('Continue');
  const read = vscode.l10n.t('Read the Licence');
  for (;;) {
    const detail = `${note.text}\n\n${note.url}`;
    const choice = await confirm({ title: note.title, detail, choices: [go, read], tone: 'information' });
    if (choice === go) await memento.update(memory, [...known, note.url]);
    if (choice !== read) return choice === go;
    await vscode.env.openExternal(vscode.Uri.parse(note.url));
  }
}
