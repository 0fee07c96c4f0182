import type { MapForm } from '../../core/pack/budgetMap.ts';
import { element, exact, filesText } from './dom.ts';
import { icon } from './icons.ts';
import type { Entry } from './entries.ts';
import { formNames } from './gauge.ts';

/** Of a folder, or of a file, which has a form. Tokens. */
export interface Summary {
  readonly files: number;
  readonly full: number;
  readonly tokens: number;
  readonly form?: MapForm;
  readonly reason?: string;
}

/** The folders from the workspace down to the shown one, each of which leads back to itself, and what it holds. */
export function drawPath(
  into: HTMLElement,
  title: string,
  { path }: Entry,
  { files, full, tokens }: Summary,
  go: (path: string) => void,
): void {
  const steps = path === '' ? [] : path.split('/');
  const crumbs = ['', ...steps.map((_, i) => steps.slice(0, i + 1).join('/'))];
  const items = crumbs.map((crumb, i) => {
    const name = i === 0 ? title : (steps[i - 1] ?? '');
    const last = i === crumbs.length - 1;
    const button = element(
      'button',
      { class: 'link', type: 'button', ...(last && { 'aria-current': 'true' }) },
      ...(i === 0 ? [icon('root-folder')] : []),
      name,
    );
    button.addEventListener('click', () => {
      go(crumb);
    });
    return element('li', {}, ...(i === 0 ? [] : [icon('chevron-right')]), button);
  });
  into.replaceChildren(
    element('ol', {}, ...items),
    element(
      'span',
      { class: 'rest' },
      `${filesText(files)} · ${exact(full)} tokens · ${exact(tokens)} in the prompt`,
    ),
  );
}

/** What the pointer is over. */
export function fillTip(
  into: HTMLElement,
  entry: Entry,
  { files, full, tokens, form, reason }: Summary,
): void {
  const lines =
    form === undefined
      ? [`${filesText(files)} · ${exact(full)} tokens`, `${exact(tokens)} in the prompt`]
      : [
          `${exact(full)} tokens${tokens === full || tokens === 0 ? '' : `, ${exact(tokens)} in the prompt`}`,
          element('span', { class: `swatch ${form}` }),
          `${formNames[form]}${reason === undefined ? '' : `: ${reason}`}`,
        ];
  const [first = '', ...rest] = lines;
  into.replaceChildren(
    element('strong', {}, entry.path === '' ? entry.name : entry.path),
    element('div', {}, first),
    element('div', {}, ...rest),
  );
}
