import { grouped } from '../core/grouped.ts';
import * as vscode from 'vscode';

/** `412,204` */
export function tokens(count: number): string {
  return grouped(count);
}

/** `1 file`, `6,455 files` */
export function filesText(count: number): string {
  return count === 1 ? vscode.l10n.t('1 file') : vscode.l10n.t('{0} files', tokens(count));
}

/** `412k`, `1.31M`: three digits are enough for a status bar. */
export function compact(count: number): string {
  if (count < 1000) return String(count);
  const [value, unit] = count < 999_500 ? [count / 1000, 'k'] : [count / 1_000_000, 'M'];
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))}${unit}`;
}

/** `39 %`, and one decimal below ten. */
export function percent(part: number, whole: number): string {
  const share = (part / whole) * 100;
  return `${share.toFixed(share < 10 ? 1 : 0)} %`;
}
