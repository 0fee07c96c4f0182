import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';

import { whatIfLimits, type BudgetMap } from '../../core/pack/budgetMap.ts';
import { compact, element, exact } from './dom.ts';
import { icon } from './icons.ts';
import type { Kept } from './kept.ts';

export interface ControlActions {
  /** '' shows all. */
  readonly onLanguage: (language: string) => void;
  readonly onSearch: (text: string) => void;
  /** Null: the endpoint's own limit. */
  readonly onLimit: (limit: number | null) => void;
  readonly onTable: (asTable: boolean) => void;
}

export interface Controls {
  fill(map: BudgetMap, kept: Kept): void;
}

/** Search, language, what-if window, table: the row between gauge and map. */
export function drawControls(into: HTMLElement, actions: ControlActions): Controls {
  const search = element(
    'vscode-textfield',
    { type: 'search', placeholder: 'Find files' },
    icon('search', { slot: 'content-before' }),
  );
  search.label = 'Find files by path';
  search.addEventListener('input', () => {
    actions.onSearch(search.value);
  });
  const language = element('vscode-single-select', { id: 'language' });
  language.label = 'Language';
  language.addEventListener('change', () => {
    actions.onLanguage(language.value);
  });
  const asTable = element(
    'vscode-toolbar-button',
    { id: 'as-table', toggleable: '' },
    icon('table'),
    'Table',
  );
  asTable.addEventListener('change', () => {
    actions.onTable(asTable.checked);
  });
  const slider = drawSlider(actions.onLimit);
  into.replaceChildren(search, language, slider.element, asTable);
  return {
    fill(map, kept) {
      search.value = kept.search;
      const counts = new Map<string, number>();
      for (const file of map.files) counts.set(file.language, (counts.get(file.language) ?? 0) + file.full);
      const names = [...counts].sort((a, b) => b[1] - a[1]);
      language.replaceChildren(
        element('vscode-option', { value: '' }, 'All languages'),
        ...names.map(([name, tokens]) =>
          element('vscode-option', { value: name }, `${name} · ${compact(tokens)}`),
        ),
      );
      language.value = kept.language;
      asTable.checked = kept.asTable;
      slider.fill(map.limit, kept.limit);
    },
  };
}

/** `@vscode-elements` has no slider; this is the browser's, with the windows people compare as its stops. */
function drawSlider(onLimit: (limit: number | null) => void) {
  const input = element('input', { type: 'range', min: '0', step: '1', id: 'what-if' });
  const ticks = element('span', { class: 'ticks', 'aria-hidden': 'true' });
  const shown = element('output', { for: 'what-if' });
  let own: number | null = null;
  let stops: readonly (number | null)[] = [null];
  const tell = () => {
    const limit = stops[Number(input.value)] ?? null;
    const ofEndpoint = own === null ? 'no limit' : `${compact(own)}, this endpoint`;
    shown.textContent = limit === null ? ofEndpoint : windowName(limit);
    input.setAttribute('aria-valuetext', limit === null ? ofEndpoint : `${exact(limit)} tokens`);
    return limit;
  };
  input.addEventListener('input', () => {
    onLimit(tell());
  });
  return {
    element: element(
      'div',
      { class: 'what-if' },
      element('label', { for: 'what-if' }, 'What fits in'),
      element('span', { class: 'slider' }, input, ticks),
      shown,
    ),
    fill(limit: number | null, chosen: number | null) {
      own = limit;
      // The endpoint's own window stands where its size belongs among the others.
      const others = whatIfLimits.filter(l => l !== limit);
      const below = others.filter(l => limit !== null && l < limit);
      stops = [...below, null, ...others.slice(below.length)];
      input.max = String(stops.length - 1);
      const position = stops.indexOf(chosen);
      input.value = String(position === -1 ? below.length : position);
      ticks.replaceChildren(
        ...stops.map((stop, i) =>
          element(
            'span',
            {
              style: `left:${(i / Math.max(1, stops.length - 1)) * 100}%`,
              ...(stop === null && { class: 'own' }),
            },
            stop === null ? (limit === null ? 'all' : 'own') : windowName(stop),
          ),
        ),
      );
      tell();
    },
  };
}

/** 131072 as `128k`, as windows are called; anything else as it is. */
function windowName(tokens: number): string {
  const [kibi, rest] = [Math.floor(tokens / 1024), tokens % 1024];
  if (rest !== 0) return compact(tokens);
  return kibi % 1024 === 0 ? `${kibi / 1024}M` : `${kibi}k`;
}
