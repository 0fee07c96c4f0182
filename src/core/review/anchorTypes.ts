/** What an answer says about a place in the workspace, before anybody looked at the file. */
export interface AnchorMention {
  /**
   * Workspace-relative, `/`-separated. A known file's own spelling where the mention fits exactly one file, else
   * the path as written (normalised): then `candidates` tells which files it may mean, or the file is unknown.
   */
  readonly path: string;
  /** 1-based; absent where the answer names no line. */
  readonly startLine?: number;
  /** 1-based, inclusive; never below `startLine`. */
  readonly endLine?: number;
  /** `Foo.bar` of "`Foo.bar` in a.ts". */
  readonly symbol?: string;
  /** What the answer quotes as standing there, as the answer spells it. */
  readonly quote?: string;
  /** The files a basename or path suffix may mean, when there are several. */
  readonly candidates?: readonly string[];
  /** Identifiers the sentence names in code spans: weak evidence where nothing is quoted. */
  readonly named?: readonly string[];
  /** Where the mention stands in the Markdown, in UTF-16 units, without its back-ticks or brackets. */
  readonly offset: number;
  readonly length: number;
}

/**
 * - `verified`: the quote stands at the cited lines
 * - `relocated`: the quote stands elsewhere, once; or at the cited lines, which edits since the pack have moved
 * - `unquoted`: the lines exist, but no quote proves them: there is none, it is too common to prove a line, or it
 *   does not stand in the file (the note says which)
 * - `ambiguous`: the quote stands at several other places, or the path fits several files
 * - `stale`: the code the model saw at these lines has changed since the pack
 * - `out-of-range`: the file has no such lines
 * - `missing`: there is no such file
 */
export type AnchorState =
  'verified' | 'relocated' | 'unquoted' | 'ambiguous' | 'stale' | 'out-of-range' | 'missing';

/** A mention checked against the file. Lines are 1-based, inclusive, and today's where the file changed. */
export interface Anchor {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly state: AnchorState;
  readonly quote?: string;
  /** One plain sentence saying why the state is what it is. */
  readonly note?: string;
}
