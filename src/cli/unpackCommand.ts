import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { LongviewError } from '../core/errors.ts';
import { restoreFiles } from '../core/pack/restoreFiles.ts';
import { unpack } from '../core/pack/unpack.ts';
import type { Options } from './args.ts';
import { number } from './report.ts';
import type { Terminal } from './terminal.ts';

/** `longview unpack`: the files that stand in full in a prompt, as they stood there: decoded, with LF line ends. */
export async function unpackCommand(
  prompt: string,
  to: string,
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const source = resolve(terminal.cwd, prompt);
  const text = await readFile(source, 'utf8').catch((error: unknown) => {
    throw new LongviewError(
      'io',
      `${source} could not be read.`,
      'Name a file that `longview pack --out` has written.',
      error,
    );
  });
  const files = unpack(text);
  if (files.length === 0) {
    throw new LongviewError(
      'bad-usage',
      `${source} holds no file in full.`,
      'Name a file that `longview pack --out` has written.',
    );
  }
  const folder = resolve(terminal.cwd, to);
  await restoreFiles(files, folder, { force: options.force === true, signal });
  if (options.json) {
    const report = { schema: 'longview.unpack/1', folder, files: files.map(f => f.path) };
    terminal.out(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    terminal.out(`Restored ${number(files.length)} files to ${folder}.\n`);
  }
  const partly = text.match(/^@@@@ (outline|shortened) /gm)?.length ?? 0;
  if (partly > 0) terminal.tell(`${number(partly)} files stand there only in part, and cannot be restored.`);
}
