import { hash as digest } from 'node:crypto';

import type { CounterSource } from '../tokens/counterSource.ts';
import type { FileHistory } from '../workspace/history.ts';
import type { Centrality } from './graph.ts';
import type { RenderFile } from './measureProtocol.ts';
import { outlineVersion } from './outline.ts';

/** What a planner asks of a measure worker. */
export type PlanRequest =
  | { readonly kind: 'countEach'; readonly texts: readonly string[]; readonly counter: CounterSource }
  | {
      readonly kind: 'outline';
      readonly files: readonly RenderFile[];
      readonly maxFileBytes: number;
      readonly counter: CounterSource;
    }
  | { readonly kind: 'imports'; readonly files: readonly RenderFile[]; readonly maxFileBytes: number }
  /** Parts of lists with NULs between their items: 200,000 strings would hold the sender, and so would one of megabytes. */
  | { readonly kind: 'centrality'; readonly paths: readonly string[]; readonly imports: readonly string[] }
  /** `known`: the state of the history that the asker has. */
  | { readonly kind: 'history'; readonly folder: string; readonly known: string | undefined };

export interface CountedEach {
  readonly kind: 'countedEach';
  /** In order. */
  readonly tokens: readonly number[];
}

/** What a file's outline would take. */
export interface Outline {
  /** Of the whole segment. */
  readonly tokens: number;
  /** The lines it keeps (1-based); absent where only the count was remembered. */
  readonly lines?: readonly number[];
}

export interface Outlined {
  readonly kind: 'outlined';
  /** In order; null where there is nothing to outline. */
  readonly outlines: readonly (Outline | null)[];
}

export interface Imports {
  readonly kind: 'imports';
  /** In order: what each file imports, one a line. */
  readonly imports: readonly string[];
}

export interface Central {
  readonly kind: 'central';
  readonly centrality: Centrality;
}

export interface History {
  readonly kind: 'history';
  /** `same`: the state is the one that the asker knows. Null where git cannot tell. */
  readonly history: FileHistory | 'same' | null;
}

export type PlanReply = CountedEach | Outlined | Imports | Central | History;

/**
 * Of a file's outline in the table of counts, where 0 says that there is none: an outline's frame alone has more. What
 * is redacted makes it another one.
 */
export function outlineKey(counterId: string, { path, hash, secrets = [] }: RenderFile): Uint8Array {
  const redacted = secrets.filter(s => !s.allowed).map(s => s.id);
  const whole = `${counterId}/outline ${outlineVersion}/${hash} ${redacted.join(' ')}/${path}`;
  return digest('sha256', whole, 'buffer');
}
