import { createCipheriv } from 'node:crypto';
import { statSync } from 'node:fs';

import { readText, walk } from '../core/tokens/textFiles.ts';

/** Larger files are left out of the mix, as an inventory would list them. Bytes. */
const MOST_BYTES = 1 << 20;

/** An even sample of the text files below the roots, about `bytes` in all; of that, every `step`th file. */
export function realFiles(roots: readonly string[], bytes: number, step = 1): Buffer[] {
  const paths = roots
    .flatMap(root => [...walk(root)])
    .map(path => ({ path, size: statSync(path).size }))
    .filter(({ size }) => size <= MOST_BYTES);
  const all = paths.reduce((sum, { size }) => sum + size, 0);
  const files: Buffer[] = [];
  let passed = 0;
  let taken = 0;
  for (const { path, size } of paths) {
    passed += size;
    // Taken where the sample lags behind its share of what has been passed.
    if (taken > (passed / all) * bytes) continue;
    const content = readText(path);
    if (content === undefined) continue;
    taken += content.length;
    files.push(content);
  }
  return files.filter((_, index) => index % step === 0);
}

/** Bytes without any pattern, the same ones in every process: a cipher's key stream. */
function noise(length: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, 'longview'), Buffer.alloc(16)).update(
    Buffer.alloc(length),
  );
}

/** Of random bytes, so that no engine's cache helps: in lines of 76 characters, or in one line. */
export function base64(bytes: number, lines: boolean): Buffer {
  const text = noise(Math.ceil((bytes * 3) / 4))
    .toString('base64')
    .slice(0, bytes);
  return Buffer.from(lines ? text.replace(/.{76}/g, '$&\n') : text);
}

/** Runs without a boundary inside, where other counters are quadratic. */
export const runs: Readonly<Record<string, (length: number) => Buffer>> = {
  'one letter': length => Buffer.alloc(length, 'a'),
  'one underscore': length => Buffer.alloc(length, '_'),
  blanks: length => Buffer.alloc(length, ' '),
  newlines: length => Buffer.alloc(length, '\n'),
  'random letters': length => noise(length).map(byte => 97 + (byte % 26)) as Buffer,
  'Han without punctuation': length =>
    Buffer.from(
      Array.from({ length: length / 3 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7919) % 3000))).join(
        '',
      ),
    ),
  'marks and capitals': length => Buffer.from('\u0301A'.repeat(length / 3)),
  base64: length => base64(length, false),
};
