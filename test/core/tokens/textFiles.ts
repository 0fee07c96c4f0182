import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of all files below `root`, links not followed, `skip` names left out. */
export function* walk(root: string, skip: readonly string[] = ['.git']): Generator<string> {
  if (statSync(root).isFile()) {
    yield root;
    return;
  }
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    const path = join(root, entry.name);
    if (entry.isDirectory() && !skip.includes(entry.name)) yield* walk(path, skip);
    else if (entry.isFile()) yield path;
  }
}

/** Content of a file that is UTF-8 text (no NUL in its first 8,000 bytes), or undefined. */
export function readText(path: string): Buffer | undefined {
  const bytes = readFileSync(path);
  return isUtf8(bytes) && !bytes.subarray(0, 8000).includes(0) ? bytes : undefined;
}

/** A run that makes both oracles quadratic: they need minutes for a megabyte of it. */
export const longRun = /\p{L}{4000}|[^\s\p{L}\p{N}]{4000}|\s{4000}/u;
