import { whatIfLimits, type BudgetMap } from '../../core/pack/budgetMap.ts';
import { compact, element, exact } from './dom.ts';

export interface ControlActions {
  /** '' shows all. */
  readonly onLanguage: (language: string) => void;
  readonly onSearch: (text: string) => void;
  /** Null: the endpoint's own limit. */
  readonly onLimit: (limit: number | null) => void;
  readonly onTable: (asTable: boolean) => void;
}

export interface Controls {
  fill(
    map: BudgetMap,
    kept: { readonly language: string; readonly limit: number | null; readonly asTable: boolean },
  ): void;
}

/** Search, language, what-if window, table: the row between gauge and map. */
export function drawControls(into: HTMLElement, actions: ControlActions): Controls {
  const search = element('input', {
    type: 'search',
    placeholder: 'Find files',
    'aria-label': 'Find files by path',
  }) as HTMLInputElement;
  search.addEventListener('input', () => {
    actions.onSearch(search.value);
  });
  const language = element('select', { 'aria-label': 'Language' }) as HTMLSelectElement;
  language.addEventListener('change', () => {
    actions.onLanguage(language.value);
  });
  const slider = element('input', { type: 'range', min: '0', step: '1', id: 'what-if' }) as HTMLInputElement;
  const shown = element('output', { for: 'what-if' });
  const asTable = element('input', { type: 'checkbox', id: 'as-table' }) as HTMLInputElement;
  asTable.addEventListener('change', () => {
    actions.onTable(asTable.checked);
  });
  let stops: readonly (number | null)[] = [null];
  const limitAt = (position: number): number | null => stops[position] ?? null;
  const tell = (limit: number | null, own: number | null) => {
    shown.textContent =
      limit === null ? (own === null ? 'no limit' : `${compact(own)}, this endpoint`) : compact(limit);
    slider.setAttribute('aria-valuetext', limit === null ? 'this endpoint' : `${exact(limit)} tokens`);
  };
  let own: number | null = null;
  slider.addEventListener('input', () => {
    const limit = limitAt(Number(slider.value));
    tell(limit, own);
    actions.onLimit(limit);
  });
  into.replaceChildren(
    search,
    language,
    element('label', { class: 'what-if', for: 'what-if' }, 'What fits in ', slider, shown),
    element('label', { class: 'as-table', for: 'as-table' }, asTable, 'Table'),
  );
  return {
    fill(map, kept) {
      own = map.limit;
      const counts = new Map<string, number>();
      for (const file of map.files) counts.set(file.language, (counts.get(file.language) ?? 0) + file.full);
      const names = [...counts].sort((a, b) => b[1] - a[1]);
      language.replaceChildren(
        element('option', { value: '' }, 'All languages'),
        ...names.map(([name, tokens]) => element('option', { value: name }, `${name} · ${compact(tokens)}`)),
      );
      language.value = counts.has(kept.language) ? kept.language : '';
      // The endpoint's own window stands where its size belongs among the others.
      const others = whatIfLimits.filter(limit => limit !== own);
      stops = [
        ...others.filter(l => own !== null && l < own),
        null,
        ...others.filter(l => own === null || l > own),
      ];
      slider.max = String(stops.length - 1);
      const position = stops.indexOf(kept.limit);
      slider.value = String(position === -1 ? stops.indexOf(null) : position);
      tell(limitAt(Number(slider.value)), own);
      asTable.checked = kept.asTable;
    },
  };
}
