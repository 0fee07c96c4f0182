import { mapForms, type BudgetMap, type MapForm, type WhatIf } from '../../core/pack/budgetMap.ts';
import { compact, element, exact } from './dom.ts';

/** Tokens by form, of the plan that is shown. */
export function tokensByForm(
  map: BudgetMap,
  plan: WhatIf | undefined,
): Map<MapForm, { files: number; tokens: number }> {
  const sums = new Map(mapForms.map(form => [form, { files: 0, tokens: 0 }]));
  map.files.forEach((file, i) => {
    const sum = sums.get(plan?.forms[i] ?? file.form);
    if (sum === undefined) return;
    sum.files++;
    sum.tokens += plan?.tokens[i] ?? file.tokens;
  });
  return sums;
}

/** The segmented gauge above the map: files by form, what is kept for the rest, what is free, and the limits as marks. */
export function drawGauge(into: HTMLElement, map: BudgetMap, plan: WhatIf | undefined): void {
  const forms = [...tokensByForm(map, plan)].filter(([, { tokens }]) => tokens > 0);
  const used = forms.reduce((sum, [, { tokens }]) => sum + tokens, 0);
  const limit = plan?.limit ?? map.limit;
  const parts = plan === undefined ? map.parts : [];
  const scale = Math.max(limit ?? 0, used + parts.reduce((sum, part) => sum + part.tokens, 0), 1);
  const bar = element('div', { class: 'gauge-bar' });
  const segment = (kind: string, label: string, tokens: number) => {
    if (tokens <= 0) return;
    const share = (tokens / scale) * 100;
    const title = `${label}: ${exact(tokens)} tokens, ${share.toFixed(1)} %`;
    bar.append(element('span', { class: `gauge-part ${kind}`, style: `width:${share}%`, title }));
  };
  for (const [form, { files, tokens }] of forms)
    segment(form, `${exact(files)} files ${formNames[form]}`, tokens);
  for (const part of parts) segment(part.kind, part.label, part.tokens);
  const marks = element('div', { class: 'gauge-marks', 'aria-hidden': 'true' });
  for (const [row, mark] of [...map.marks].sort((a, b) => a.tokens - b.tokens).entries()) {
    const beyond = mark.tokens > scale;
    const at = beyond ? 100 : (mark.tokens / scale) * 100;
    const text = `${mark.label} ${compact(mark.tokens)}${beyond ? ' →' : ''}`;
    const side = at > 60 ? 'left' : '';
    marks.append(
      element(
        'span',
        { class: `gauge-mark ${mark.kind} ${side}`, style: `left:${at}%;top:${row * 15}px` },
        text,
      ),
    );
  }
  marks.style.height = `${map.marks.length * 15}px`;
  const summary =
    limit === null
      ? `${exact(used)} tokens of files; the context limit is unknown`
      : `${exact(used)} of ${exact(limit)} tokens are files`;
  into.replaceChildren(bar, marks);
  into.setAttribute('role', 'meter');
  into.setAttribute('aria-label', 'Token budget');
  into.setAttribute('aria-valuemin', '0');
  into.setAttribute('aria-valuemax', String(limit ?? scale));
  into.setAttribute('aria-valuenow', String(Math.min(used, limit ?? scale)));
  into.setAttribute('aria-valuetext', summary);
}

export const formNames: Readonly<Record<MapForm, string>> = {
  full: 'in full',
  outline: 'as outline',
  shortened: 'shortened',
  listed: 'by name only',
  'left-out': 'left out',
  excluded: 'taken out by you',
};

/** What the colours mean, with how much of each there is. */
export function drawLegend(into: HTMLElement, map: BudgetMap, plan: WhatIf | undefined): void {
  const items = [...tokensByForm(map, plan)]
    .filter(([, { files }]) => files > 0)
    .map(([form, { files, tokens }]) =>
      element(
        'li',
        {},
        element('span', { class: `swatch ${form}`, 'aria-hidden': 'true' }),
        `${exact(files)} ${formNames[form]}${tokens > 0 ? ` · ${compact(tokens)}` : ''}`,
      ),
    );
  into.replaceChildren(...items);
}
