import type { Encoding } from './createCounter.ts';

/** Which counter a worker is to hold: one that ships, or the user's own tokenizer file, named by what was in it. */
export type CounterSource =
  | { readonly kind: 'encoding'; readonly encoding: Encoding }
  /** `counterId` is what the file gave when it was looked at; with other content it is refused, not counted with. */
  | { readonly kind: 'file'; readonly path: string; readonly counterId: string };

/** The counter that stands in for every vocabulary we do not have. */
export const o200k: CounterSource = { kind: 'encoding', encoding: 'o200k' };

/** The id under which counts are cached. */
export function counterIdOf(source: CounterSource): string {
  return source.kind === 'encoding' ? source.encoding : source.counterId;
}
