import type { Pausing } from '../pace.ts';
import { findNext, folderOf, isIn } from '../workspace/byPath.ts';
import type { Inventory, SourceFile } from '../workspace/types.ts';
import type { Wish } from './steering.ts';
import type { Form, Plan, PlannedFile } from './types.ts';

/** Of all files below a folder. */
export interface Sums {
  /** As planned. */
  tokens: number;
  readonly forms: Record<Form, number>;
  excluded: number;
  ignored: number;
  skipped: number;
}

/** Files looked at without a pause. */
const piece = 1000;

/** Counts every file to its own folder's sums. */
export function* addUp(
  { files, leftOut, skips }: Pick<Inventory, 'files' | 'leftOut' | 'skips'>,
  plan: Plan,
  wishOf: (path: string) => Wish | undefined,
  sumsOfFolder: (path: string) => Sums,
): Pausing<void> {
  let [folder, of] = ['', sumsOfFolder('')];
  let looked = 0;
  const sumsOf = (path: string): Sums => {
    if (!isIn(folder, path)) {
      folder = folderOf(path);
      of = sumsOfFolder(folder);
    }
    return of;
  };
  const plannedAt = findNext(plan.files);
  for (let i = 0; i < files.length; i++) {
    if (++looked % piece === 0) yield;
    const { path } = files[i] as SourceFile;
    const planned = plannedAt(path);
    const own = sumsOf(path);
    const standing = standingKind(planned, wishOf(path));
    if (standing !== 'planned') own.excluded++;
    if (standing === 'excluded' || planned === undefined) continue;
    own.tokens += planned.tokens;
    if (standing === 'planned') own.forms[planned.form]++;
  }
  for (const { path } of leftOut) {
    if (++looked % piece === 0) yield;
    sumsOf(path).ignored++;
  }
  for (const { path } of skips) {
    if (++looked % piece === 0) yield;
    sumsOf(path).skipped++;
  }
}

/** How a source file stands in a plan. */
export function standingKind(
  planned: PlannedFile | undefined,
  wish: Wish | undefined,
): 'planned' | 'unchosen' | 'excluded' {
  // A wish said a moment ago counts, whatever the plan of before it had.
  if (wish === 'exclude' || planned === undefined) return 'excluded';
  return wish === undefined && planned.choice?.in === false ? 'unchosen' : 'planned';
}

/** As {@link nothing} gives it. */
export function empty(sums: Sums): void {
  sums.tokens = sums.excluded = sums.ignored = sums.skipped = 0;
  const { forms } = sums;
  forms.full = forms.outline = forms.shortened = forms.listed = forms['left-out'] = 0;
}

export function nothing(): Sums {
  const forms = { full: 0, outline: 0, shortened: 0, listed: 0, 'left-out': 0 };
  return { tokens: 0, forms, excluded: 0, ignored: 0, skipped: 0 };
}

export function addTo(sums: Sums, more: Sums): void {
  sums.tokens += more.tokens;
  sums.excluded += more.excluded;
  sums.ignored += more.ignored;
  sums.skipped += more.skipped;
  sums.forms.full += more.forms.full;
  sums.forms.outline += more.forms.outline;
  sums.forms.shortened += more.forms.shortened;
  sums.forms.listed += more.forms.listed;
  sums.forms['left-out'] += more.forms['left-out'];
}

/** Files that the user wants, whatever form there is room for. */
export function wantedFiles({ forms }: Sums): number {
  return forms.full + forms.outline + forms.shortened + forms.listed + forms['left-out'];
}
