import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';

import { LongviewError } from '../core/errors.ts';
import type { PackSink } from '../core/pack/render.ts';
import type { Pack } from '../core/pack/types.ts';
import { bytes } from './report.ts';
import type { Terminal } from './terminal.ts';
import { fileSink } from './fileSink.ts';
import type { WrittenPacks } from './writtenPacks.ts';

/** Where `--out` says that the prompt goes. */
export interface PackOutput {
  /** Absent: the pack is kept, and {@link finish} needs it whole. */
  readonly sink?: PackSink;
  /** The pack is what was asked for. */
  finish(pack: Pack): Promise<void>;
  /** Whatever happened. */
  dispose(): Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

export function packOutput(out: string | undefined, terminal: Terminal, written?: WrittenPacks): PackOutput {
  if (out === undefined)
    return { sink: { begin: nothing, write: nothing }, finish: nothing, dispose: nothing };
  if (out === '-') {
    const finish = ({ pieces }: Pack) => {
      terminal.out(Buffer.concat(pieces).toString('utf8'));
      return nothing();
    };
    return { finish, dispose: nothing };
  }
  const path = resolve(terminal.cwd, out);
  const file = fileSink(path);
  let key: string | undefined;
  let stands = false;
  return {
    sink: {
      begin: () => writing(path, () => file.begin()),
      write: pieces => writing(path, () => file.write(pieces)),
      ...(written && {
        async standing(now) {
          key = now;
          const target = await realpath(path).catch(() => undefined);
          const pack = target === undefined ? undefined : await written.find(target, now);
          stands = pack !== undefined;
          return pack;
        },
      }),
    },
    async finish(pack) {
      if (stands) {
        terminal.tell(`${path} is up to date (${bytes(pack.bytes)}).`);
        return;
      }
      const placed = await writing(path, () => file.commit());
      tellWritten(pack.bytes, path, terminal);
      if (key === undefined || placed?.size !== pack.bytes) return;
      // The next run writes it again, which is all that is lost.
      await written?.note(placed.file, placed.stamp, key, pack).catch(() => undefined);
    },
    dispose: () => file.dispose(),
  };
}

export function tellWritten(size: number, path: string, terminal: Terminal): void {
  terminal.tell(`Wrote ${bytes(size)} to ${path}.`);
}

/** Throws `io` where `write` fails. */
export async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw new LongviewError(
      'io',
      `${path} could not be written.`,
      'Name a file in a folder you may write to.',
      error,
    );
  }
}
