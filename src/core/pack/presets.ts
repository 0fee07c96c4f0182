import type { Pausing } from '../pace.ts';
import type { SourceFile } from '../workspace/types.ts';
import { kindOf } from './rank.ts';
import { testsByName } from './testNames.ts';
import type { PresetId, Verdict } from './types.ts';

export type { PresetId, Verdict } from './types.ts';

export interface Preset {
  readonly id: PresetId;
  readonly title: string;
  /** One line for a menu. */
  readonly detail: string;
}

export const presets: readonly Preset[] = [
  { id: 'everything', title: 'Everything', detail: 'Every file that git knows or would take' },
  {
    id: 'source',
    title: 'Source only',
    detail: 'Code and manifests, without tests, docs, data and settings',
  },
  {
    id: 'changed',
    title: 'Changed on this branch and what it touches',
    detail: 'Committed or not, with the files that import it and those it imports',
  },
  {
    id: 'tests',
    title: 'Tests and what they test',
    detail: 'With the files that tests import, or are named after',
  },
  { id: 'docs', title: 'Docs', detail: 'Read-me files, guides and other prose' },
];

export function presetOf(id: PresetId): Preset {
  const found = presets.find(preset => preset.id === id);
  if (found === undefined) throw new Error(`no preset ${id}`);
  return found;
}

/** Undefined for what is no preset. */
export function readPreset(name: unknown): PresetId | undefined {
  return presets.find(preset => preset.id === name)?.id;
}

/** What presets go by. */
export interface Facts {
  readonly files: readonly SourceFile[];
  /** Who imports whom: importer and imported. */
  readonly imports: Iterable<readonly [string, string]>;
  /** Changed on this branch. */
  readonly changed: ReadonlySet<string>;
}

/** A verdict on every file. The same facts give the same verdicts. */
export function* judging(preset: PresetId, facts: Facts): Pausing<Map<string, Verdict>> {
  const judge = judgeFor(preset, facts);
  const verdicts = new Map<string, Verdict>();
  for (const file of facts.files) {
    verdicts.set(file.path, judge(file));
    if (verdicts.size % 100 === 0) yield;
  }
  return verdicts;
}

type Judge = (file: SourceFile) => Verdict;

function judgeFor(preset: PresetId, facts: Facts): Judge {
  switch (preset) {
    case 'everything':
      return () => ({ in: true, why: 'everything' });
    case 'source':
      return file => ({ in: isSource(file), why: isProse(file) ? 'documentation' : kindOf(file) });
    case 'docs':
      return file => ({ in: isDocs(file), why: isDocs(file) ? 'documentation' : kindOf(file) });
    case 'changed':
      return changedAnd(facts);
    case 'tests':
      return testsAnd(facts);
  }
}

const prose = /(^|\/)(readme|licen[cs]e|copying|notice|authors|changelog)[^/]*$|\.(md|mdx|rst|adoc|tex)$/i;

function isProse({ path }: SourceFile): boolean {
  return prose.test(path);
}

function isSource(file: SourceFile): boolean {
  const kind = kindOf(file);
  return (kind === 'source' || kind === 'manifest' || kind === 'read me or manifest') && !isProse(file);
}

/** What stands among fixtures and vendored code is written for somebody else. */
function isDocs(file: SourceFile): boolean {
  switch (kindOf(file)) {
    case 'documentation':
      return true;
    case 'source':
    case 'configuration':
    case 'manifest':
    case 'read me or manifest':
      return isProse(file);
    default:
      return false;
  }
}

function changedAnd({ files, imports, changed }: Facts): Judge {
  const touched = new Map<string, string>();
  const note = (path: string, why: string) => {
    const known = touched.get(path);
    // The first in the alphabet, whatever the order of the graph.
    if (known === undefined || why < known) touched.set(path, why);
  };
  for (const [from, to] of imports) {
    if (changed.has(from)) note(to, `imported by ${from}, which changed`);
    if (changed.has(to)) note(from, `imports ${to}, which changed`);
  }
  const neither = { in: false, why: `not changed, nor touched by what did` };
  const known = new Set(files.map(file => file.path));
  return ({ path }) => {
    if (changed.has(path)) return { in: true, why: 'changed on this branch' };
    const why = known.has(path) ? touched.get(path) : undefined;
    return why === undefined ? neither : { in: true, why };
  };
}

function testsAnd({ files, imports }: Facts): Judge {
  const tests = files.filter(file => kindOf(file) === 'test');
  const isTest = new Set(tests.map(file => file.path));
  const tested = testsByName(
    tests,
    files.filter(file => !isTest.has(file.path)),
  );
  const why = new Map([...tested].map(([path, test]) => [path, `named like its test ${test}`]));
  const importers = new Map<string, string>();
  for (const [from, to] of imports) {
    if (!isTest.has(from)) continue;
    const known = importers.get(to);
    if (known === undefined || from < known) importers.set(to, from);
  }
  for (const [path, test] of importers) why.set(path, `imported by the test ${test}`);
  return file => {
    if (isTest.has(file.path)) return { in: true, why: 'test' };
    const reason = why.get(file.path);
    return reason === undefined
      ? { in: false, why: 'no test, and none was found that tests it' }
      : { in: true, why: reason };
  };
}
