import { LongviewError } from '../errors.ts';

/**
 * Comparing the work tree runs the clean filters that the repository's configuration names: these options, before the
 * command, switch them off. Throws `io` where one cannot be.
 */
export async function filtersOff(
  run: (args: readonly string[]) => Promise<{ readonly code: number | null; readonly output: Buffer }>,
): Promise<string[]> {
  const pattern = String.raw`^filter\..*\.(clean|process)$`;
  const { code, output } = await run(['config', '--null', '--name-only', '--get-regexp', pattern]);
  if (code !== 0) return [];
  const names = output
    .toString('utf8')
    .split('\0')
    .map(key => /^filter\.(.*)\.(?:clean|process)$/s.exec(key)?.[1])
    .filter(name => name !== undefined);
  const odd = names.find(name => /[=\n]/.test(name));
  if (odd !== undefined)
    throw new LongviewError(
      'io',
      `The repository’s configuration names a filter in a way that cannot be switched off: ${JSON.stringify(odd)}.`,
      'Rename it in .git/config.',
    );
  return [...new Set(names)].flatMap(name => [
    '-c',
    `filter.${name}.clean=`,
    '-c',
    `filter.${name}.process=`,
    '-c',
    `filter.${name}.required=false`,
  ]);
}
