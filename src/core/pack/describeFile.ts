import type { Ranked } from './rank.ts';
import type { Form, PlannedFile } from './types.ts';

/** All that a file's part of a plan depends on, besides the file. */
export interface Given {
  form: Form;
  tokens: number;
  /** Tokens of its best form. */
  needed: number;
  /** The user wants an outline. */
  asOutline: boolean;
  /** Everything does. */
  readonly fits: boolean;
}

/** What a plan says of a file; the same object as last time where nothing about it changed. */
export function describeFile(ranked: Ranked, given: Readonly<Given>): PlannedFile {
  const { planned: last } = ranked;
  const { form, tokens } = given;
  const basis = basisOf(given);
  if (last?.form === form && last.tokens === tokens && ranked.plannedOn === basis) return last;
  ranked.plannedOn = basis;
  return (ranked.planned = describe(ranked, given));
}

/** The same for a file that somebody does not want. */
export function describeExcluded(ranked: Ranked, reason: string): PlannedFile {
  const { planned: last } = ranked;
  if (last !== undefined && ranked.plannedOn === excluded && last.why === reason) return last;
  ranked.plannedOn = excluded;
  return (ranked.planned = leftOut(ranked.file.path, reason));
}

/** In one number, since 100,000 files have it; a small integer, since any other is an object of its own. */
function basisOf({ needed, asOutline, fits }: Given): number {
  return (4 * needed + (asOutline ? 2 : 0) + (fits ? 1 : 0)) | 0;
}

/** Of no file that is offered. */
const excluded = -1;

/** A file that is not offered to the prompt at all. */
export function leftOut(path: string, reason: string): PlannedFile {
  return { path, form: 'left-out', tokens: 0, why: reason, unwanted: true };
}

function describe({ file, signals }: Ranked, { form, tokens, needed, asOutline, fits }: Given): PlannedFile {
  const { path } = file;
  const planned = fits ? { path, form, tokens } : { path, form, tokens, signals };
  if (form === 'full') return planned;
  if (form === 'shortened') {
    const left = file.shortened?.reason ?? '';
    return { ...planned, why: `data: ${left}; all of it would take ${file.tokens} tokens` };
  }
  if (asOutline) {
    const kept =
      form === 'outline'
        ? 'outlined as you asked'
        : 'to be outlined, and there is no outline of it, or no room';
    return { ...planned, why: kept };
  }
  return { ...planned, why: needed };
}

/** Why a planned file is not `full`, in words. Made when somebody asks: a sentence for each of 100,000 files is 10 MB. */
export function reasonOf({ why, signals = [] }: Pick<PlannedFile, 'why' | 'signals'>): string | undefined {
  if (typeof why !== 'number') return why;
  return `no room: it needs ${why} tokens (${signals.map(s => s.name).join(', ')})`;
}
