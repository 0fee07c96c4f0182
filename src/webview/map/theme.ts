import { mapForms, type MapForm } from '../../core/pack/budgetMap.ts';
import { channelsOf, mixed, pixelOf, readable } from './colours.ts';

type ByForm<T> = Readonly<Record<MapForm, T>>;

/** Colours of the editor's theme, read where they change: a canvas knows no CSS variables. */
export interface Theme {
  readonly background: string;
  readonly foreground: string;
  readonly focus: string;
  /** In high contrast, forms differ by their outline as well as by colour. */
  readonly highContrast: boolean;
  readonly font: string;
  /** What can be read on a form's colour. */
  readonly inks: ByForm<string>;
  /** The same colours as pixels of a raster. */
  readonly pixels: {
    readonly background: number;
    readonly border: number;
    readonly hatch: number;
    readonly fills: ByForm<number>;
    /** Of files that are of no interest. */
    readonly dimmed: ByForm<number>;
    /** Folders' frames, by depth. */
    readonly frames: readonly [number, number];
  };
}

/** `map.css` mixes the editor's colours; a page outside of it has the fallbacks. */
export function readTheme(element: Element): Theme {
  const style = getComputedStyle(element);
  const colour = (name: string) => resolve(element, style.getPropertyValue(`--map-${name}`).trim());
  const channels = (name: string) => channelsOf(colour(name));
  const by = <T>(make: (form: MapForm) => T) =>
    Object.fromEntries(mapForms.map(form => [form, make(form)])) as Record<MapForm, T>;
  const background = channels('background');
  const classes = document.body.classList;
  return {
    background: colour('background'),
    foreground: colour('foreground'),
    focus: colour('focus'),
    highContrast:
      classes.contains('vscode-high-contrast') ||
      classes.contains('vscode-high-contrast-light') ||
      matchMedia('(forced-colors: active)').matches,
    font: style.fontFamily,
    inks: by(form => readable(channels(form))),
    pixels: {
      background: pixelOf(background),
      border: pixelOf(channels('border')),
      hatch: pixelOf(mixed(channels('muted'), channels('excluded'), 0.45)),
      fills: by(form => pixelOf(channels(form))),
      dimmed: by(form => pixelOf(mixed(channels(form), background, 0.2))),
      frames: [pixelOf(channels('frame')), pixelOf(channels('frame-inner'))],
    },
  };
}

/** `color-mix(…)` as the colour it comes to. */
function resolve(element: Element, colour: string): string {
  const probe = document.createElement('span');
  probe.style.color = colour;
  element.parentElement?.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}
