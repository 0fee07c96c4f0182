import type { MapForm } from '../../core/pack/budgetMap.ts';

/** Colours of the editor's theme, read where they change: a canvas knows no CSS variables. */
export interface Theme {
  readonly background: string;
  readonly foreground: string;
  readonly muted: string;
  readonly focus: string;
  readonly border: string;
  /** In high contrast, forms differ by outline and hatching as well as by colour. */
  readonly highContrast: boolean;
  readonly font: string;
  readonly fills: Readonly<Record<MapForm, string>>;
}

/** Colour names of the editor; a page outside of it gets the fallbacks of map.css. */
const variables: Readonly<Record<MapForm, string>> = {
  full: '--map-full',
  outline: '--map-outline',
  shortened: '--map-shortened',
  listed: '--map-listed',
  'left-out': '--map-left-out',
  excluded: '--map-excluded',
};

export function readTheme(element: Element): Theme {
  const style = getComputedStyle(element);
  const value = (name: string) => style.getPropertyValue(name).trim();
  const fills = Object.fromEntries(
    Object.entries(variables).map(([form, name]) => [form, value(name)]),
  ) as Record<MapForm, string>;
  return {
    background: value('--map-background'),
    foreground: value('--map-foreground'),
    muted: value('--map-muted'),
    focus: value('--map-focus'),
    border: value('--map-border'),
    highContrast: document.body.classList.contains('vscode-high-contrast'),
    font: style.fontFamily,
    fills,
  };
}
