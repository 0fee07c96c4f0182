import type { Pausing } from '../pace.ts';
import { atOnce } from '../pace.ts';
import type { Form, Plan, PlannedFile } from './types.ts';

/** Numbers of a plan's files. */
export interface FrameTotals {
  readonly forms: Readonly<Record<Form, number>>;
  /** Wanted, and without room. */
  readonly noRoom: number;
  /** Nobody wants them in the prompt. */
  readonly unwanted: number;
  /** Not in the preset. */
  readonly unchosen: number;
}

/** What frames, gauge and reports say of a plan's files together. */
export interface PlanTotals extends FrameTotals {
  /** The first of those without room, in prompt order. */
  readonly firstNoRoom: readonly string[];
  /** Tokens as planned, by the first folder of the path; of files that are in none by ''. */
  readonly folders: ReadonlyMap<string, number>;
}

export const mostNamedNoRoom = 20;
/** Files looked at without a pause. */
const piece = 2000;

const known = new WeakMap<Plan['files'], PlanTotals>();

/** A plan's totals; those of 100,000 files are known when the plan is made, as nobody can wait for them at a draw. */
export function totalsOf({ files }: Pick<Plan, 'files'>): PlanTotals {
  return known.get(files) ?? atOnce(totalling(files));
}

/** Finds out what {@link totalsOf} says. */
export function* totalling(files: readonly PlannedFile[]): Pausing<PlanTotals> {
  const forms = { full: 0, outline: 0, shortened: 0, listed: 0, 'left-out': 0 };
  const folders = new Map<string, number>();
  const firstNoRoom: string[] = [];
  let [noRoom, unwanted, unchosen, looked] = [0, 0, 0, 0];
  // Files of one folder stand together.
  let [prefix, sum] = ['/', 0];
  for (let i = 0; i < files.length; i++) {
    if (++looked % piece === 0) yield;
    const { path, form, tokens, unwanted: isUnwanted, choice } = files[i] as PlannedFile;
    forms[form]++;
    if (isUnwanted === true) unwanted++;
    else if (form === 'left-out' && ++noRoom <= mostNamedNoRoom) firstNoRoom.push(path);
    if (choice?.in === false) unchosen++;
    if (!path.startsWith(prefix)) {
      if (prefix !== '/') folders.set(prefix, sum);
      const slash = path.indexOf('/');
      prefix = path.slice(0, slash + 1);
      sum = folders.get(prefix) ?? 0;
      if (slash === -1) {
        folders.set('', sum + tokens);
        prefix = '/';
        continue;
      }
    }
    sum += tokens;
  }
  if (prefix !== '/') folders.set(prefix, sum);
  const totals = { forms, noRoom, firstNoRoom, unwanted, unchosen, folders };
  known.set(files, totals);
  return totals;
}
