/** What survives hiding the view, or reloading the window. */
export interface Kept {
  /** The folder that is shown; '' is the workspace. */
  readonly folder: string;
  /** The file or folder that is selected; '' is none. */
  readonly selected: string;
  readonly search: string;
  /** '' is all. */
  readonly language: string;
  /** Of the window that is planned for; null is the endpoint's own. */
  readonly limit: number | null;
  readonly asTable: boolean;
}

export const nothingKept: Kept = {
  folder: '',
  selected: '',
  search: '',
  language: '',
  limit: null,
  asTable: false,
};

/** Longer ones are nobody's path or search. */
const longest = 5000;

/** Reads what was stored, by us or by an earlier version: a part that makes no sense is as if it were not there. */
export function readKept(stored: unknown): Kept {
  if (typeof stored !== 'object' || stored === null) return nothingKept;
  const given = stored as Readonly<Record<string, unknown>>;
  const text = (key: keyof Kept) => {
    const value = Object.hasOwn(given, key) ? given[key] : undefined;
    return typeof value === 'string' && value.length <= longest ? value : '';
  };
  const { limit, asTable } = given;
  const window = typeof limit === 'number' && Number.isSafeInteger(limit) && limit > 0;
  return {
    folder: text('folder'),
    selected: text('selected'),
    search: text('search'),
    language: text('language'),
    limit: window ? limit : null,
    asTable: asTable === true,
  };
}
