/** How much of a source file a prompt holds; see DESIGN "plan". */
export type Form = 'full' | 'outline' | 'shortened' | 'listed' | 'left-out';

/** Where the tokens of one window go. Every field is in tokens; they add up to `limit`. */
export interface Budget {
  /** The context limit; null where none is set and everything is packed. */
  readonly limit: number | null;
  /** Kept free for the answer. */
  readonly answer: number;
  /** The system message, with what the chat format adds around every message. */
  readonly instructions: number;
  /** Kept for the question: a fixed size that a longer question enlarges, so that the pack does not move. */
  readonly question: number;
  /** Kept for conversation and overlay. */
  readonly reserve: number;
  /** For a count that is an estimate. */
  readonly margin: number;
  /** Of the images that travel with the pack; absent where none do. */
  readonly images?: number;
  /** What is left for the pack; null without a limit. */
  readonly room: number | null;
}

export interface PlannedFile {
  readonly path: string;
  readonly form: Form;
  /** Tokens of the file's whole segment in this form; 0 when left out. */
  readonly tokens: number;
  /** What the preset says of it, where one is chosen that leaves files out. */
  readonly choice?: Verdict;
  /** Why it is not `full`, as `reasonOf` says in words; a number where there is no room: the tokens it needs. */
  readonly why?: string | number;
  /** True where the user wants none of it, whatever room there is. */
  readonly unwanted?: true;
  /** What it was ranked by, where not everything fits. */
  readonly signals?: readonly Signal[];
}

/** Something that makes a file more or less wanted than another. */
export interface Signal {
  /** In words: `test`, `imported by 12 files`. */
  readonly name: string;
  /** What the file's value per token is multiplied with. */
  readonly factor: number;
}

export interface Plan {
  /** Every source file, in prompt order. */
  readonly files: readonly PlannedFile[];
  /** True where every file has its best form: `full`, or `shortened` where it is data. */
  readonly fits: boolean;
  /** Tokens of the planned segments, without the pack's own frames. */
  readonly tokens: number;
  /** Tokens that all files would need in their best form; with a preset, those it takes in. */
  readonly wantedTokens: number;
  /** The preset, where one is chosen that leaves files out. */
  readonly preset?: PresetId;
}

/** Where a file stands in the rendered pack. */
export interface ManifestEntry {
  readonly path: string;
  readonly absolutePath: string;
  readonly form: 'full' | 'outline' | 'shortened';
  readonly tokens: number;
  /** Of the file, whatever its form. */
  readonly lines: number;
  /** SHA-256 of the file's bytes as packed, hex. */
  readonly hash: string;
}

/** The files of a pack, in prompt order. */
export interface Manifest extends Iterable<ManifestEntry> {
  readonly length: number;
  at(index: number): ManifestEntry | undefined;
  /** Where a file stands in it; undefined where it does not. */
  indexOf(path: string): number | undefined;
}

export interface Pack {
  /**
   * The prompt text in order, UTF-8; kept as bytes because 40 MB of it must not live as strings. None where it went
   * into a `PackSink`.
   */
  readonly pieces: readonly Uint8Array[];
  /** Where the files' segments begin in it, bytes, and where the last one ends; see `segmentAt`. */
  readonly offsets: Float64Array;
  readonly manifest: Manifest;
  readonly tokens: number;
  readonly bytes: number;
  /** SHA-256 of all bytes, hex. */
  readonly sha256: string;
}

/** What a prompt holds, in words; as the command line and stored selections call it. */
export type PresetId = 'everything' | 'source' | 'changed' | 'tests' | 'docs';

/** Whether a preset takes a file in, and why, in words that go on a path: `imported by src/a.ts, which changed`. */
export interface Verdict {
  readonly in: boolean;
  readonly why: string;
}
