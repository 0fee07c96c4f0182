import { isUtf8 } from 'node:buffer';
import { decodeName } from './names.ts';

/** One record of `git ls-files -z -t --stage`. */
export interface GitEntry {
  /** Git's tag: H cached, S skip-worktree, M unmerged, R removed from disk, ? untracked. */
  readonly tag: string;
  /** A submodule, as the index has it. */
  readonly gitlink: boolean;
  /** Relative to the folder git ran in; ends in `/` for a repository that lies in this one. */
  readonly name: string;
}

/** Cuts the byte stream at NULs as it arrives, so that the listing never stands in memory twice. */
export function parseEntries(onEntry: (entry: GitEntry) => void): {
  readonly chunk: (bytes: Buffer) => void;
  readonly end: () => void;
} {
  let rest: Buffer = Buffer.alloc(0);
  const chunk = (bytes: Buffer) => {
    const last = bytes.lastIndexOf(0);
    if (last === -1) {
      rest = Buffer.concat([rest, bytes]);
      return;
    }
    const whole = bytes.subarray(0, last);
    emit(rest.length === 0 ? whole : Buffer.concat([rest, whole]), onEntry);
    rest = bytes.subarray(last + 1);
  };
  return { chunk, end: () => (rest.length === 0 ? undefined : emit(rest, onEntry)) };
}

function emit(records: Buffer, onEntry: (entry: GitEntry) => void): void {
  // Whole chunks at once where all names are UTF-8, which is nearly always: 5 times as fast as one by one.
  if (isUtf8(records)) {
    for (const record of records.toString('utf8').split('\0')) onEntry(parse(record));
    return;
  }
  for (let from = 0; from <= records.length;) {
    const nul = records.indexOf(0, from);
    const to = nul === -1 ? records.length : nul;
    onEntry(parse(decodeName(records.subarray(from, to))));
    from = to + 1;
  }
}

function parse(record: string): GitEntry {
  const tag = record.slice(0, 1);
  if (tag === '?') return { tag, gitlink: false, name: record.slice(2) };
  // `H 100644 <object> <stage>\t<name>`
  return { tag, gitlink: record.startsWith('160000', 2), name: record.slice(record.indexOf('\t') + 1) };
}
