/** Which file a test is named after: `test/core/plan.test.ts` after `src/core/plan.ts`, `PumpTest.java` after `Pump.java`. */
import type { SourceFile } from '../workspace/types.ts';

type Named = Pick<SourceFile, 'path' | 'language'>;

/** The tested file's path -> the first test that is named after it. */
export function testsByName(tests: readonly Named[], others: readonly Named[]): Map<string, string> {
  const byStem = new Map<string, Named[]>();
  for (const other of others) {
    const stem = stemOf(other.path);
    const list = byStem.get(stem);
    if (list === undefined) byStem.set(stem, [other]);
    else list.push(other);
  }
  const found = new Map<string, string>();
  for (const test of tests) {
    for (const stem of subjectsOf(test.path)) {
      const candidates = byStem.get(stem)?.filter(other => family(other) === family(test)) ?? [];
      const nearest = nearestTo(test.path, candidates);
      if (nearest === undefined) continue;
      const known = found.get(nearest.path);
      if (known === undefined || test.path < known) found.set(nearest.path, test.path);
      break;
    }
  }
  return found;
}

/** Lower-case names, the most telling first. */
function subjectsOf(path: string): string[] {
  const name = nameOf(path);
  const [, own] =
    /^(?:test[_-])(.+)$/i.exec(name) ??
    /^(.+)[._-](?:tests?|spec|e2e)$/i.exec(name) ??
    /^(.+?[a-z0-9])(?:Tests?|Spec|IT)$/.exec(name) ??
    [];
  // In a folder of tests a file may be called what it tests.
  const subject = (own ?? name).toLowerCase();
  const dot = subject.indexOf('.');
  return dot > 0 ? [subject, subject.slice(0, dot)] : [subject];
}

/** Where many have the name, the one whose folders are most alike; none where nothing tells them apart. */
function nearestTo(path: string, candidates: readonly Named[]): Named | undefined {
  if (candidates.length <= 1) return candidates[0];
  const own = foldersOf(path);
  let best: Named | undefined;
  let most = 0;
  for (const candidate of candidates) {
    const folders = foldersOf(candidate.path);
    const beside = folderOf(candidate.path) === homeOf(path) ? 1 : 0;
    const alike = beside + 2 * shared(own.toReversed(), folders.toReversed()) + shared(own, folders);
    if (alike > most) [best, most] = [candidate, alike];
  }
  return best;
}

const roots = /^(tests?|__tests__|specs?|e2e|src|source|main|lib|unit)$/i;

/** Without what tells only that there are tests, or code. */
function foldersOf(path: string): string[] {
  return path
    .split('/')
    .slice(0, -1)
    .filter(folder => !roots.test(folder));
}

function shared(a: readonly string[], b: readonly string[]): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** Of a test: `src/` also from `src/__tests__/`. */
function homeOf(path: string): string {
  return folderOf(path).replace(/(^|\/)(tests?|__tests__|specs?)\/$/i, '$1');
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '');
}

function stemOf(path: string): string {
  return nameOf(path).toLowerCase();
}

const families: Readonly<Record<string, string>> = {
  typescriptreact: 'typescript',
  javascript: 'typescript',
  javascriptreact: 'typescript',
  vue: 'typescript',
  svelte: 'typescript',
  cpp: 'c',
  kotlin: 'java',
};

/** Languages that test each other. */
function family({ language }: Named): string {
  return Object.hasOwn(families, language) ? (families[language] ?? language) : language;
}
