import { bytes, number } from './report.ts';
import { printableName } from './printable.ts';

/** What is added up of each file. */
export interface Counted {
  readonly path: string;
  readonly language: string;
  readonly bytes: number;
  readonly tokens: number;
}

export interface Sum {
  readonly files: number;
  readonly bytes: number;
  readonly tokens: number;
}

export interface Row extends Sum {
  readonly name: string;
}

const shownRows = 20;

export function sumOf(files: readonly Counted[]): Sum {
  let sum = { files: 0, bytes: 0, tokens: 0 };
  for (const file of files) sum = add(sum, file);
  return sum;
}

/** Most tokens first. */
export function languageRows(files: readonly Counted[]): Row[] {
  return group(files, file => [file.language]);
}

/** Each folder with everything below it, most tokens first; one that holds every file is the total, and left out. */
export function folderRows(files: readonly Counted[]): Row[] {
  const rows = group(files, ({ path }) => {
    const parts = path.split('/').slice(0, -1);
    return parts.map((_, i) => parts.slice(0, i + 1).join('/')).filter(name => name !== '');
  });
  return rows.filter(row => row.files < files.length);
}

/** The table of `longview count`, line by line: languages, folders, files, each with the heaviest first; the total last. */
export function countLines(
  files: readonly Counted[],
  named: ReadonlySet<string>,
  counter: { readonly id: string; readonly exact: boolean; readonly errorBound: number },
): string[] {
  const total = sumOf(files);
  const fileRows = files.map(file => ({ name: file.path, files: 1, bytes: file.bytes, tokens: file.tokens }));
  const how = counter.exact ? counter.id : `${counter.id}, estimated, ±${percent(counter.errorBound)}`;
  // Who names files wants to see them; of a folder the heaviest will do.
  const most = Math.max(shownRows, named.size);
  return [
    ...section('language', languageRows(files), shownRows),
    ...section('folder', folderRows(files), shownRows),
    ...section('file', fileRows.sort(heaviest), most),
    `${line(total)}  total (${how})`,
  ];
}

function section(title: string, rows: readonly Row[], most: number): string[] {
  if (rows.length === 0) return [];
  const rest = rows.slice(most);
  return [
    `${columns('tokens', 'bytes', 'files')}  ${title}`,
    ...rows.slice(0, most).map(row => `${line(row)}  ${printableName(row.name)}`),
    ...(rest.length > 0
      ? [`${columns('', '', '')}  and ${number(rest.length)} more (--json lists every file)`]
      : []),
    '',
  ];
}

function group(files: readonly Counted[], namesOf: (file: Counted) => readonly string[]): Row[] {
  const sums = new Map<string, Sum>();
  for (const file of files) {
    for (const name of namesOf(file)) {
      sums.set(name, add(sums.get(name) ?? { files: 0, bytes: 0, tokens: 0 }, file));
    }
  }
  return [...sums].map(([name, sum]) => ({ name, ...sum })).sort(heaviest);
}

function add(sum: Sum, file: Counted): Sum {
  return { files: sum.files + 1, bytes: sum.bytes + file.bytes, tokens: sum.tokens + file.tokens };
}

function heaviest(a: Row, b: Row): number {
  return b.tokens - a.tokens || (a.name < b.name ? -1 : 1);
}

function line(sum: Sum): string {
  return columns(number(sum.tokens), bytes(sum.bytes), number(sum.files));
}

function columns(tokens: string, size: string, files: string): string {
  return `${tokens.padStart(12)}  ${size.padStart(9)}  ${files.padStart(7)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
