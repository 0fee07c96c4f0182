import {
  mapForms,
  type BudgetMap,
  type MapForm,
  type MapPart,
  type WhatIf,
} from '../../core/pack/budgetMap.ts';
import { compact, element, exact, filesText } from './dom.ts';

export const formNames: Readonly<Record<MapForm, string>> = {
  full: 'in full',
  outline: 'as outline',
  shortened: 'shortened',
  listed: 'by name only',
  'left-out': 'left out',
  excluded: 'not chosen',
};

interface Sum {
  readonly files: number;
  readonly tokens: number;
}

/** Files and tokens by form, of the plan that is shown; forms nothing has are not listed. */
export function sumByForm(map: BudgetMap, plan: WhatIf | undefined): [MapForm, Sum][] {
  const sums = new Map(mapForms.map(form => [form, { files: 0, tokens: 0 }]));
  map.files.forEach((file, i) => {
    const sum = sums.get(plan?.forms[i] ?? file.form);
    if (sum === undefined) return;
    sum.files++;
    sum.tokens += plan?.tokens[i] ?? file.tokens;
  });
  return [...sums].filter(([, { files }]) => files > 0);
}

/** What a gauge says in words. */
export interface GaugeNumbers {
  /** Tokens of files. */
  readonly used: number;
  /** Kept for everything else. */
  readonly reserved: number;
  readonly free: number;
  readonly limit: number | null;
}

export function gaugeNumbers(
  forms: readonly (readonly [MapForm, Sum])[],
  parts: readonly MapPart[],
  limit: number | null,
): GaugeNumbers {
  const sum = (of: readonly { readonly tokens: number }[]) => of.reduce((all, { tokens }) => all + tokens, 0);
  return {
    used: sum(forms.map(([, form]) => form)),
    reserved: sum(parts.filter(part => part.kind !== 'free')),
    free: sum(parts.filter(part => part.kind === 'free')),
    limit,
  };
}

export function gaugeText({ used, reserved, free, limit }: GaugeNumbers): string {
  return limit === null
    ? `${exact(used)} tokens of files; no context limit is known`
    : `${exact(used)} of ${exact(limit)} tokens are files, ${exact(reserved)} are reserved, ${exact(free)} are free`;
}

/** The segmented gauge above the map: files by form, what is kept for the rest, what is free, and the limits as marks. */
export function drawGauge(
  into: HTMLElement,
  headline: HTMLElement,
  map: BudgetMap,
  plan: WhatIf | undefined,
): void {
  const forms = sumByForm(map, plan);
  const parts = plan?.parts ?? map.parts;
  const numbers = gaugeNumbers(forms, parts, plan?.limit ?? map.limit);
  const { used, limit } = numbers;
  const scale = Math.max(limit ?? 0, used, 1);
  const bar = element('div', { class: 'gauge-bar' });
  const segment = (kind: string, label: string, tokens: number) => {
    if (tokens <= 0) return;
    const share = (tokens / scale) * 100;
    const title = `${label}: ${exact(tokens)} tokens, ${share.toFixed(1)} %`;
    bar.append(element('span', { class: `gauge-part ${kind}`, style: `width:${share}%`, title }));
  };
  for (const [form, { files, tokens }] of forms)
    segment(form, `${filesText(files)} ${formNames[form]}`, tokens);
  for (const part of parts) segment(part.kind, part.label, part.tokens);
  into.replaceChildren(bar, drawMarks(map, scale));
  const text = gaugeText(numbers);
  for (const [name, value] of Object.entries({
    role: 'meter',
    'aria-label': 'Token budget',
    'aria-valuemin': '0',
    'aria-valuemax': String(limit ?? scale),
    'aria-valuenow': String(Math.min(used, limit ?? scale)),
    'aria-valuetext': text,
  }))
    into.setAttribute(name, value);
  drawHeadline(headline, numbers);
}

/** The numbers of the gauge, for eyes; the meter says the same. */
function drawHeadline(into: HTMLElement, { used, reserved, free, limit }: GaugeNumbers): void {
  if (limit === null) {
    into.replaceChildren(element('strong', {}, exact(used)), ' tokens of files · no context limit is known');
    return;
  }
  into.replaceChildren(
    element('strong', {}, exact(used)),
    ` of ${exact(limit)} tokens · ${((used / limit) * 100).toFixed(1)} %`,
    element('span', { class: 'rest' }, `${exact(reserved)} reserved · ${exact(free)} free`),
  );
}

/** How wide a label may be, as a share of the gauge: what is nearer stands one row lower. */
const labelShare = 22;

function drawMarks(map: BudgetMap, scale: number): HTMLElement {
  const ends: number[] = [];
  const marks = [...map.marks]
    .sort((a, b) => a.tokens - b.tokens)
    .map(mark => {
      const beyond = mark.tokens > scale;
      const at = beyond ? 100 : (mark.tokens / scale) * 100;
      const left = at > 60;
      const [start, end] = left ? [at - labelShare, at] : [at, at + labelShare];
      let row = ends.findIndex(last => last <= start);
      if (row === -1) row = ends.push(0) - 1;
      ends[row] = end;
      return element(
        'span',
        { class: `gauge-mark ${mark.kind}${left ? ' left' : ''}`, style: `left:${at}%;--row:${row}` },
        `${mark.label} ${compact(mark.tokens)}${beyond ? ' →' : ''}`,
      );
    });
  return element(
    'div',
    { class: 'gauge-marks', 'aria-hidden': 'true', style: `--rows:${ends.length}` },
    ...marks,
  );
}

/** What the colours mean, with how much of each there is. */
export function drawLegend(into: HTMLElement, map: BudgetMap, plan: WhatIf | undefined): void {
  const reserved = gaugeNumbers([], plan?.parts ?? map.parts, null).reserved;
  const item = (kind: string, text: string, tokens: number) =>
    element(
      'li',
      {},
      element('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }),
      `${text}${tokens > 0 ? ` · ${compact(tokens)}` : ''}`,
    );
  into.replaceChildren(
    ...sumByForm(map, plan).map(([form, { files, tokens }]) =>
      item(form, `${exact(files)} ${formNames[form]}`, tokens),
    ),
    ...(reserved > 0 ? [item('reserved', 'reserved', reserved)] : []),
  );
}
