/**
 * File names are bytes. A name that is valid UTF-8 is that string; each byte that is not stands as a lone
 * surrogate U+DC80..U+DCFF (Python's `surrogateescape`), so that every name survives the way through strings and back.
 */
import { isUtf8 } from 'node:buffer';

const loneSurrogate = /\p{Cs}/u;

export function decodeName(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let name = '';
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes[i] ?? 0);
    const sequence = bytes.subarray(i, i + length);
    if (length > 0 && sequence.length === length && isUtf8(sequence)) {
      name += sequence.toString('utf8');
      i += length;
    } else {
      name += String.fromCharCode(0xdc00 + (bytes[i] ?? 0));
      i++;
    }
  }
  return name;
}

/** How long a UTF-8 sequence that starts with this byte would be; 0 for a byte that starts none. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/** The inverse of {@link decodeName}. */
export function encodeName(name: string): Buffer {
  if (!loneSurrogate.test(name)) return Buffer.from(name, 'utf8');
  const parts: Buffer[] = [];
  for (const character of name) {
    const code = character.charCodeAt(0);
    const escaped = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    parts.push(escaped ? Buffer.from([code - 0xdc00]) : Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}

/** True where bytes of the name are not UTF-8: such a path cannot be an argument or a working directory of a program. */
export function hasInvalidBytes(name: string): boolean {
  return loneSurrogate.test(name);
}

/** What `node:fs` must be given to reach the file of this name. Windows' names are UTF-16: there they stay strings. */
export function fsPath(path: string): string | Buffer {
  return process.platform !== 'win32' && loneSurrogate.test(path) ? encodeName(path) : path;
}

/** A path in the file system, from an absolute folder and a `/`-separated path below it. */
export function joinPath(folder: string, relative: string): string {
  if (relative === '') return folder;
  const below = process.platform === 'win32' ? relative.replaceAll('/', '\\') : relative;
  return /[\\/]$/.test(folder) ? folder + below : folder + separator + below;
}

const separator = process.platform === 'win32' ? '\\' : '/';

/** True for a path inside git's own folder, which is never source. Where case does not count, git's rule is the same. */
export function isGitInternal(path: string): boolean {
  if (!path.includes('git') && !foldsCase) return false;
  return (foldsCase ? path.toLowerCase() : path).split('/').includes('.git');
}

/** Whether file names of this platform usually differ by case only in how they are shown; git's own assumption. */
export const foldsCase = process.platform === 'win32' || process.platform === 'darwin';
