import type { Ranked } from './rank.ts';
import type { Given, PlannedFile, Signal } from './types.ts';

/** What a plan says of a file; the same object as last time where nothing about it changed. */
export function describeFile(ranked: Ranked, given: Given): PlannedFile {
  const { last } = ranked;
  if (last !== undefined && isSame(last.given, given)) return last.planned;
  const planned = describe(ranked, given);
  ranked.last = { given, planned };
  return planned;
}

/** The same for a file that somebody does not want. */
export function describeExcluded(ranked: Ranked, reason: string): PlannedFile {
  const { last, file } = ranked;
  if (last?.given === excluded && last.planned.reason === reason) return last.planned;
  const planned = leftOut(file.path, reason);
  ranked.last = { given: excluded, planned };
  return planned;
}

/** Of no file that is offered. */
const excluded: Given = { form: 'left-out', tokens: -1, needed: -1, asOutline: false, fits: false };

/** A file that is not offered to the prompt at all. */
export function leftOut(path: string, reason: string): PlannedFile {
  return { path, form: 'left-out', tokens: 0, reason, unwanted: true };
}

function isSame(a: Given, b: Given): boolean {
  return (
    a.form === b.form &&
    a.tokens === b.tokens &&
    a.needed === b.needed &&
    a.asOutline === b.asOutline &&
    a.fits === b.fits
  );
}

function describe({ file, signals }: Ranked, { form, tokens, needed, asOutline, fits }: Given): PlannedFile {
  const { path } = file;
  const planned = fits ? { path, form, tokens } : { path, form, tokens, signals };
  if (form === 'full') return planned;
  if (form === 'shortened') {
    const left = file.shortened?.reason ?? '';
    return { ...planned, reason: `data: ${left}; all of it would take ${file.tokens} tokens` };
  }
  if (asOutline) {
    const kept =
      form === 'outline'
        ? 'outlined as you asked'
        : 'to be outlined, and there is no outline of it, or no room';
    return { ...planned, reason: kept };
  }
  return { ...planned, reason: `no room: it needs ${needed} tokens (${why(signals)})` };
}

function why(signals: readonly Signal[]): string {
  return signals.map(s => s.name).join(', ');
}
