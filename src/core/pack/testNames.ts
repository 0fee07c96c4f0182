/** Which file a test is named after: `test/core/plan.test.ts` after `src/core/plan.ts`, `PumpTest.java` after `Pump.java`. */
import type { SourceFile } from '../workspace/types.ts';

type Named = Pick<SourceFile, 'path' | 'language'>;

/** Files of one name that could be what a test tests, and those of them that need no comparison, by where they are. */
interface Namesakes {
  readonly all: Named[];
  readonly byFolder: Map<string, Named>;
  /** By their folders without those that tell nothing: `src/valve` beside `test/valve`. */
  readonly byPlace: Map<string, Named>;
}

/** The tested file's path -> the first test that is named after it. */
export function testsByName(tests: readonly Named[], others: readonly Named[]): Map<string, string> {
  const byName = new Map<string, Namesakes>();
  for (const other of others) {
    const key = `${family(other)} ${stemOf(other.path)}`;
    let names = byName.get(key);
    if (names === undefined) byName.set(key, (names = { all: [], byFolder: new Map(), byPlace: new Map() }));
    names.all.push(other);
    setFirst(names.byFolder, folderOf(other.path), other);
    setFirst(names.byPlace, foldersOf(other.path).join('/'), other);
  }
  const found = new Map<string, string>();
  for (const test of tests) {
    for (const stem of subjectsOf(test.path)) {
      const nearest = nearestTo(test.path, byName.get(`${family(test)} ${stem}`));
      if (nearest === undefined) continue;
      const known = found.get(nearest.path);
      if (known === undefined || test.path < known) found.set(nearest.path, test.path);
      break;
    }
  }
  return found;
}

function setFirst(map: Map<string, Named>, key: string, value: Named): void {
  if (!map.has(key)) map.set(key, value);
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

/** Of more namesakes in other places nobody could tell which one is meant; comparing all would take minutes. */
const mostCompared = 64;

/** Where many have the name, the one whose folders are most alike; none where nothing tells them apart. */
function nearestTo(path: string, names: Namesakes | undefined): Named | undefined {
  if (names === undefined || names.all.length <= 1) return names?.all[0];
  const own = foldersOf(path);
  // Nothing can be more alike than these.
  const alikest =
    names.byFolder.get(homeOf(path)) ?? (own.length > 0 ? names.byPlace.get(own.join('/')) : undefined);
  if (alikest !== undefined) return alikest;
  let best: Named | undefined;
  let most = 0;
  for (const candidate of names.all.slice(0, mostCompared)) {
    const folders = foldersOf(candidate.path);
    const alike = 2 * shared(own.toReversed(), folders.toReversed()) + shared(own, folders);
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
