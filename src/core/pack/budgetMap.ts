import type { Form } from './types.ts';

/**
 * What the budget map draws, and all it is told: a webview, or a page of `longview pack --html`, gets this as JSON.
 * Every number is in tokens.
 */
export interface BudgetMap {
  readonly title: string;
  /** Null where nothing limits the prompt, or where the limit is unknown. */
  readonly limit: number | null;
  readonly files: readonly MapFile[];
  /** What the window is given to, in the order of the gauge; with `files`, they add up to the limit. */
  readonly parts: readonly MapPart[];
  readonly marks: readonly MapMark[];
  /** Plans for other windows, made beforehand for pages that have nobody to ask. */
  readonly whatIf: readonly WhatIf[];
}

export interface MapFile {
  /** Workspace-relative, `/`-separated. */
  readonly path: string;
  readonly language: string;
  /** The whole file. */
  readonly full: number;
  readonly form: MapForm;
  /** In its form; 0 when left out. */
  readonly tokens: number;
  /** Why it is not `full`. */
  readonly reason?: string;
}

/** A file the user has taken out is drawn apart from one that found no room. */
export type MapForm = Form | 'excluded';

export const mapForms: readonly MapForm[] = [
  'full',
  'outline',
  'shortened',
  'listed',
  'left-out',
  'excluded',
];

export interface MapPart {
  readonly kind:
    'instructions' | 'images' | 'question' | 'overlay' | 'conversation' | 'answer' | 'margin' | 'free';
  readonly label: string;
  readonly tokens: number;
}

/** `effective` is where the Lab measured that comprehension falls. */
export interface MapMark {
  readonly kind: 'real' | 'advertised' | 'effective';
  readonly label: string;
  readonly tokens: number;
}

/** The plan for another window: one form a file, in the order of `files`. */
export interface WhatIf {
  readonly limit: number;
  readonly forms: readonly MapForm[];
  readonly tokens: readonly number[];
  /** As `BudgetMap.parts`, of that window; none where it is too small for anything. */
  readonly parts: readonly MapPart[];
}

/** Windows people compare; the map offers them, and the real limit. */
export const whatIfLimits: readonly number[] = [
  32_768, 131_072, 262_144, 524_288, 1_048_576, 4_194_304, 10_485_760,
];

/** From the map to its host. A message that is none of these is not acted on. */
export type MapRequest =
  | { readonly kind: 'ready' }
  | { readonly kind: 'toggle'; readonly paths: readonly string[]; readonly include: boolean }
  | { readonly kind: 'open'; readonly path: string }
  | { readonly kind: 'what-if'; readonly limit: number };

/** From the host to the map. */
export type MapUpdate =
  | { readonly kind: 'map'; readonly map: BudgetMap }
  | { readonly kind: 'what-if'; readonly plan: WhatIf }
  | { readonly kind: 'message'; readonly text: string };

/** Reads what a page sent: it is a program of ours, in a place where others may run. */
export function parseMapRequest(message: unknown): MapRequest | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { kind, paths, include, path, limit } = message as Record<string, unknown>;
  switch (kind) {
    case 'ready':
      return { kind };
    case 'toggle':
      return Array.isArray(paths) && paths.every(p => typeof p === 'string') && typeof include === 'boolean'
        ? { kind, paths, include }
        : undefined;
    case 'open':
      return typeof path === 'string' ? { kind, path } : undefined;
    case 'what-if':
      return typeof limit === 'number' && Number.isSafeInteger(limit) && limit > 0
        ? { kind, limit }
        : undefined;
    default:
      return undefined;
  }
}
