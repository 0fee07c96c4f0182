import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { isCancellation } from '../errors.ts';
import type { WorkspaceFolder } from '../workspace/types.ts';
import type { MeasuredLoaded, MeasureReply, MeasureRequest } from './measureProtocol.ts';

/** Where what was measured outlives the process: one file for each workspace. */
export interface MeasuredKeeper {
  /** These folders are what is measured next: what is known of them is loaded meanwhile. */
  open(folders: readonly WorkspaceFolder[]): void;
  /** As `loadMeasured` gave it. */
  memory(): Promise<SharedArrayBuffer | undefined>;
  /** What a worker found anew, as `chunkOf`. */
  note(chunk: Uint8Array): void;
  /** Of files that {@link save} has not written. */
  readonly unsaved: number;
  /** Never rejects; resolves when an earlier one is done, too. */
  save(): Promise<void>;
}

/** `folder` is all its own. `run` asks a worker, since indexing what 100,000 files are would hold the calling thread. */
export function keepMeasured(
  folder: string,
  warn: (message: string) => void,
  run: (request: MeasureRequest) => Promise<MeasureReply>,
): MeasuredKeeper {
  let file: string | undefined;
  let loaded: Promise<SharedArrayBuffer | undefined> = Promise.resolve(undefined);
  let chunks: Uint8Array[] = [];
  let saving = Promise.resolve();

  async function load(from: string): Promise<SharedArrayBuffer | undefined> {
    try {
      return ((await run({ kind: 'loadMeasured', file: from })) as MeasuredLoaded).memory;
    } catch (error) {
      if (!isCancellation(error))
        warn(`What is known of files could not be read, so they are read again: ${String(error)}`);
      return undefined;
    }
  }

  async function write(
    to: string,
    known: Promise<SharedArrayBuffer | undefined>,
    fresh: readonly Uint8Array[],
  ): Promise<void> {
    try {
      await run({ kind: 'saveMeasured', file: to, used: await known, fresh });
    } catch (error) {
      if (!isCancellation(error)) warn(`What is known of files could not be kept: ${String(error)}`);
    }
  }

  return {
    open(folders) {
      const paths = folders.map(({ name, path }) => [name, path]);
      const name = createHash('sha256').update(JSON.stringify(paths)).digest('hex').slice(0, 32);
      if (file === join(folder, name)) return;
      file = join(folder, name);
      chunks = [];
      loaded = load(file);
    },
    memory: () => loaded,
    note: chunk => void chunks.push(chunk),
    get unsaved() {
      return chunks.length;
    },
    save() {
      if (file === undefined || chunks.length === 0) return saving;
      // As it is now: other folders may be opened while an earlier save is under way.
      const [to, known, fresh] = [file, loaded, chunks];
      chunks = [];
      const done = saving.then(() => write(to, known, fresh));
      saving = done.catch(() => undefined);
      return done;
    },
  };
}
