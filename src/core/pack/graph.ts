import { folderOf, nameOf } from '../workspace/byPath.ts';

/** How central each file is in the graph of imports. */
export interface Centrality {
  /** By file, in the order given: its share of a random reader's attention, 1 is the average. */
  readonly scores: Float64Array;
  /** By file: how many others import it. */
  readonly importers: Uint32Array;
  /** Who imports whom: indices of files in pairs, importer and imported. One array, because it is copied from a worker. */
  readonly imports: Uint32Array;
}

/** A name that many files have says little about which is meant. */
const mostCandidates = 64;
/** A folder of more files is no package that somebody imports. */
const mostFilesOfFolder = 64;
const rounds = 20;
const damping = 0.85;

/** `imports[i]` are what `importsOf` found in the file at `paths[i]`. The same input gives the same numbers. */
export function centrality(paths: readonly string[], imports: readonly (readonly string[])[]): Centrality {
  const resolve = resolver(paths);
  const targets = imports.map((found, from) => {
    const reached = new Set<number>();
    for (const path of found) for (const to of resolve(from, path)) if (to !== from) reached.add(to);
    return [...reached];
  });
  const importers = new Uint32Array(paths.length);
  for (const reached of targets) for (const to of reached) importers[to] = (importers[to] ?? 0) + 1;
  const pairs = targets.flatMap((reached, from) => reached.flatMap(to => [from, to]));
  return { scores: pageRank(targets), importers, imports: Uint32Array.from(pairs) };
}

/** PageRank; who imports nothing gives its attention to all. The mean is 1. */
function pageRank(targets: readonly (readonly number[])[]): Float64Array {
  const n = targets.length;
  let scores = new Float64Array(n).fill(1);
  for (let round = 0; round < rounds; round++) {
    const next = new Float64Array(n);
    let loose = 0;
    for (let from = 0; from < n; from++) {
      const reached = targets[from] ?? [];
      const score = scores[from] ?? 0;
      if (reached.length === 0) loose += score;
      for (const to of reached) next[to] = (next[to] ?? 0) + score / reached.length;
    }
    for (let i = 0; i < n; i++) next[i] = 1 - damping + damping * ((next[i] ?? 0) + loose / n);
    scores = next;
  }
  // Rounded: the last bits of a sum are nothing to rank by.
  return scores.map(score => Math.round(score * 1000) / 1000);
}

function resolver(paths: readonly string[]): (from: number, path: string) => readonly number[] {
  const stems = paths.map(stemOf);
  const byPath = new Map<string, number>();
  const byName = new Map<string, number[]>();
  const byFolder = new Map<string, number[]>();
  stems.forEach((stem, i) => {
    if (!byPath.has(stem)) byPath.set(stem, i);
    push(byName, nameOf(stem), i);
    push(byFolder, folderOf(paths[i] ?? ''), i);
  });

  function bySuffix(from: number, path: string): number | undefined {
    const candidates = byName.get(nameOf(path)) ?? [];
    if (candidates.length > mostCandidates) return undefined;
    let best: number | undefined;
    let nearest = -1;
    for (const i of candidates) {
      const stem = stems[i] ?? '';
      if (stem !== path && !stem.endsWith(`/${path}`)) continue;
      const near = commonPrefix(stem, stems[from] ?? '');
      if (near > nearest) [best, nearest] = [i, near];
    }
    return best;
  }

  return (from, path) => {
    if (path.startsWith('.')) {
      const base = joined(folderOf(paths[from] ?? ''), path);
      // The last part may be a name inside the file, as in Python and Rust.
      for (const target of base === undefined ? [] : [base, folderOf(base)]) {
        const found = byPath.get(target);
        if (found !== undefined) return [found];
      }
      return [];
    }
    const parts = path.split('/').filter(part => part !== '');
    // The same: `a/b/C/inner` is C. A single name is too little to go by, but for a file next to this one.
    for (let length = parts.length; length >= Math.max(1, parts.length - 2); length--) {
      const target = parts.slice(0, length).join('/');
      const beside = byPath.get(joined(folderOf(paths[from] ?? ''), target) ?? '');
      if (beside !== undefined) return [beside];
      const found = length > 1 ? bySuffix(from, target) : byPath.get(target);
      if (found !== undefined) return [found];
    }
    // A package is a folder; what stands before it is the module's own name.
    for (let start = 0; start < parts.length; start++) {
      const files = byFolder.get(parts.slice(start).join('/'));
      if (files !== undefined) return files.length <= mostFilesOfFolder ? files : [];
    }
    return [];
  };
}

/** Without extension; a file that stands for its folder is called like it. */
function stemOf(path: string): string {
  const stem = path.replace(/(\.d)?\.[^./]+$/, '');
  return stem.replace(/\/(index|__init__|mod|lib|main)$/, '');
}

/** Undefined for what lies above the workspace. */
function joined(folder: string, path: string): string | undefined {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

function commonPrefix(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
