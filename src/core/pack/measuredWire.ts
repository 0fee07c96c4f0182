import { languageOf } from '../workspace/language.ts';
import type { ListedFile, SourceFile } from '../workspace/types.ts';
import type { Measured } from './measureProtocol.ts';

/**
 * What was measured, on its way to another thread: numbers and one long string. The receiver has the files' names, and
 * a copy of each for 100,000 files is memory that its garbage collector pauses for.
 */
export interface PackedFiles {
  /** Places in the list that was asked about. */
  readonly at: Uint32Array;
  /** Of each: bytes, lines, tokens. */
  readonly numbers: Float64Array;
  /** 64 characters each. */
  readonly hashes: string;
  /** What only some have, by place. */
  readonly rest: readonly (readonly [at: number, rest: Rest])[];
}

type Rest = Partial<Pick<SourceFile, 'language' | 'letters' | 'secrets' | 'shortened' | 'note'>>;

const numbersOfFile = 3;
const hashChars = 64;

/** `asked`: what was measured, in the order of the `files` that were found in it. */
export function packFiles(files: Measured['files'], asked: readonly ListedFile[]): PackedFiles {
  const at = new Uint32Array(files.length);
  const numbers = new Float64Array(files.length * numbersOfFile);
  const rest: (readonly [number, Rest])[] = [];
  let hashes = '';
  let place = 0;
  for (const [i, file] of files.entries()) {
    while (place < asked.length && asked[place]?.path !== file.path) place++;
    const { path, bytes, lines, tokens, hash, language, letters, secrets, shortened, note } = file;
    numbers.set([bytes, lines, tokens], i * numbersOfFile);
    hashes += hash;
    const some: Rest = {
      ...(language !== languageOf(path) && { language }),
      ...(letters && { letters }),
      ...(secrets && { secrets }),
      ...(shortened && { shortened }),
      ...(note !== undefined && { note }),
    };
    if (Object.keys(some).length > 0) rest.push([place, some]);
    at[i] = place++;
  }
  return { at, numbers, hashes, rest };
}

/** What {@link packFiles} was given. */
export function unpackFiles(
  { at, numbers, hashes, rest }: PackedFiles,
  asked: readonly ListedFile[],
): SourceFile[] {
  const files: SourceFile[] = [];
  let next = 0;
  for (const [i, place] of at.entries()) {
    const listed = asked[place];
    if (listed === undefined) throw new Error('A file was measured that nobody asked for.');
    const { path, absolutePath, content } = listed;
    const first = i * numbersOfFile;
    const file = {
      path,
      absolutePath,
      bytes: numbers[first] ?? 0,
      lines: numbers[first + 1] ?? 0,
      language: languageOf(path),
      hash: hashes.slice(i * hashChars, (i + 1) * hashChars),
      tokens: numbers[first + 2] ?? 0,
    };
    const more = rest[next]?.[0] === place ? rest[next++]?.[1] : undefined;
    const isPlain = more === undefined && content === undefined;
    files.push(isPlain ? file : { ...file, ...(content !== undefined && { content }), ...more });
  }
  return files;
}
