import { LongviewError } from '../errors.ts';
import { presets, readPreset } from './presets.ts';
import type { Selection } from './selection.ts';
import { parseSteering, steeringToJson, type Steering } from './steering.ts';

/**
 * Named selections as they are stored and shared. What a file holds beside what is known here is kept when it is
 * written again.
 *
 *     { "version": 1, "selections": { "Core": { "preset": "source", "paths": { "src/core": "pin" } } } }
 */
export interface SavedSelections {
  /** By their own name, which need not be fit for display. */
  readonly usable: ReadonlyMap<string, Required<Selection>>;
  /** Entries that cannot be used, as displayed, and why; they stay where they are. */
  readonly unusable: readonly { readonly name: string; readonly why: string }[];
  /** As read. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export const noSelections: SavedSelections = { usable: new Map(), unusable: [], raw: {} };

const version = 1;
const mostSelections = 1000;
/** Of a name, characters. */
const longest = 60;

/**
 * Reads stored selections. Throws `bad-settings` for what is none, or was written by a newer Longview; `where` names
 * the source. `prefix` goes before every path: a folder of several that are open, with its `/`.
 */
export function parseSelections(value: unknown, where: string, prefix = ''): SavedSelections {
  const raw = objectOf(value);
  if (raw === undefined) throw bad(where, 'it is no JSON object');
  const { version: written = version, selections: found = {} } = raw;
  if (typeof written === 'number' && written > version)
    throw new LongviewError(
      'bad-settings',
      `${where} was written by a newer Longview (version ${written}; this one reads ${version}).`,
      'Update Longview. The file stays as it is.',
    );
  if (written !== version) throw bad(where, `its version is ${JSON.stringify(written).slice(0, 20)}`);
  const entries = objectOf(found);
  if (entries === undefined) throw bad(where, '"selections" is no object');
  const usable = new Map<string, Required<Selection>>();
  const unusable: { name: string; why: string }[] = [];
  const shown = new Set<string>();
  for (const [own, entry] of Object.entries(entries)) {
    const name = displayName(own);
    try {
      if (name === '') throw new Error('it has no name');
      if (shown.has(name)) throw new Error('another one has this name');
      if (usable.size === mostSelections) throw new Error(`there are more than ${mostSelections}`);
      usable.set(own, { name, ...parseSelection(entry, prefix) });
      shown.add(name);
    } catch (error) {
      const why = error instanceof Error ? displayName(error.message, 200) : String(error);
      unusable.push({ name: name === '' ? '(no name)' : name, why });
    }
  }
  return { usable, unusable, raw };
}

/** The same from a file's text. */
export function readSelections(text: string, where: string, prefix = ''): SavedSelections {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw bad(where, error instanceof Error ? displayName(error.message, 200) : 'it is no JSON');
  }
  return parseSelections(value, where, prefix);
}

function bad(where: string, why: string): LongviewError {
  return new LongviewError(
    'bad-settings',
    `${where} holds no selections: ${why}.`,
    'Repair it, or move it away. Longview leaves it as it is.',
  );
}

/** One entry: a preset and wishes. Throws for what is none. */
export function parseSelection(entry: unknown, prefix = ''): Pick<Selection, 'preset' | 'wishes'> {
  const fields = objectOf(entry);
  if (fields === undefined) throw new Error('it is no object');
  const { preset = 'everything', paths = {} } = fields;
  const known = readPreset(preset);
  if (known === undefined)
    throw new Error(
      `the preset ${JSON.stringify(preset).slice(0, 40)} is none of ${presets.map(p => p.id).join(', ')}`,
    );
  const wishes = parseSteering(paths, '"paths"');
  if (prefix === '') return { preset: known, wishes };
  return {
    preset: known,
    wishes: new Map(
      [...wishes].map(([path, wish]) => [path === '' ? prefix.slice(0, -1) : prefix + path, wish]),
    ),
  };
}

/** As it is stored. */
export function storedSelection({ preset, wishes }: Pick<Selection, 'preset' | 'wishes'>) {
  return { preset, paths: steeringToJson(wishes) };
}

/** One selection set, or with `undefined` deleted; all else stays, whether or not it is understood here. */
export function withSelection(
  { raw }: SavedSelections,
  name: string,
  selection: Pick<Selection, 'preset' | 'wishes'> | undefined,
): Record<string, unknown> {
  const before = objectOf(raw['selections']) ?? {};
  const entries = Object.entries(before).filter(([own]) => own !== name || selection !== undefined);
  if (selection !== undefined) {
    const old = objectOf(Object.entries(before).find(([own]) => own === name)?.[1]) ?? {};
    const entry = { ...old, ...storedSelection(selection) };
    const at = entries.findIndex(([own]) => own === name);
    if (at === -1) entries.push([name, entry]);
    else entries[at] = [name, entry];
  }
  return { ...raw, version, selections: Object.fromEntries(entries) };
}

/** The wishes of paths below a folder, as that folder's own file says them; undefined where some are elsewhere. */
export function wishesWithin(wishes: Steering, prefix: string): Steering | undefined {
  if (prefix === '') return wishes;
  const inside = [...wishes].map(([path, wish]) => {
    if (path === prefix.slice(0, -1)) return ['', wish] as const;
    return path.startsWith(prefix) ? ([path.slice(prefix.length), wish] as const) : undefined;
  });
  const all = inside.filter(one => one !== undefined);
  return all.length === inside.length ? new Map(all) : undefined;
}

/** On one line, without what could forge another look: control and bidirectional characters, VS Code's icons. */
export function displayName(name: string, most = longest): string {
  const plain = name
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll('$(', '$ (')
    .trim();
  const characters = [...plain];
  return characters.length <= most ? plain : `${characters.slice(0, most - 1).join('')}…`;
}

/** Null-prototype or not: what JSON calls an object. */
function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
