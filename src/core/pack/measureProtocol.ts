import { hash as digest } from 'node:crypto';

import type { CounterSource } from '../tokens/counterSource.ts';
import type { TextTraits } from '../tokens/estimate.ts';
import type { OwnTokenizer } from '../tokens/tokenizerFile.ts';
import type { VocabularyTables } from '../tokens/vocabulary.ts';
import type { FileListing, ListOptions } from '../workspace/listFiles.ts';
import type { StampPart } from '../workspace/stampParts.ts';
import type { FoundSecret, ListedFile, Skip, SourceFile, WorkspaceFolder } from '../workspace/types.ts';
import type { ImageSize } from '../workspace/readImage.ts';
import type { ExcerptKind } from './frame.ts';
import type { ImageReferences } from './imageReferences.ts';
import type { PackedListing } from './listingWire.ts';
import type { PackedFiles } from './measuredWire.ts';
import { secretsKey } from './secretsKey.ts';
import type { Segments } from './segments.ts';
import type { PlanReply, PlanRequest } from './planProtocol.ts';

/** What the extension host or the CLI asks of a measure worker. */
export type MeasureRequest =
  | {
      readonly kind: 'list';
      readonly folders: readonly WorkspaceFolder[];
      readonly options: ListRequest;
      /** Digest of the listing that the asker has. */
      readonly known?: string | undefined;
    }
  | ({
      readonly kind: 'measure';
      /** Ids of secrets that need not be redacted. */
      readonly allowedSecrets: readonly string[];
      /** Paths of files and folders that are never shortened. */
      readonly keepFull: readonly string[];
      /** What is known of files by their stamps, as `loadMeasured` gave it. */
      readonly known?: SharedArrayBuffer | undefined;
    } & CountRequest)
  /** Files as they are, for `longview count`. */
  | ({ readonly kind: 'countFiles' } & CountRequest)
  | {
      readonly kind: 'render';
      readonly files: readonly RenderFile[];
      readonly maxFileBytes: number;
      /** See `RenderDeps`. */
      readonly spare?: readonly ArrayBuffer[];
    }
  | { readonly kind: 'count'; readonly text: string; readonly counter: CounterSource }
  /** Much will be counted soon: a vocabulary is loaded while there is nothing else to do, as another thread has it. */
  | { readonly kind: 'warm'; readonly counter: CounterSource; readonly tables?: VocabularyTables | undefined }
  | { readonly kind: 'read'; readonly file: ListedFile; readonly maxFileBytes: number }
  | {
      readonly kind: 'redact';
      readonly title: string;
      readonly text: string;
      readonly allowedSecrets: readonly string[];
    }
  /** Absolute paths, a NUL between each two. `known`: the digest of what is known of them. */
  | { readonly kind: 'stamp'; readonly absolutePaths: string; readonly known: string | undefined }
  | { readonly kind: 'references'; readonly files: readonly ListedFile[]; readonly maxFileBytes: number }
  | { readonly kind: 'imageSizes'; readonly absolutePaths: readonly string[] }
  | { readonly kind: 'images'; readonly images: readonly WantedImage[] }
  | { readonly kind: 'inspect'; readonly path: string }
  | { readonly kind: 'loadCounts' | 'saveCounts' | 'loadMeasured'; readonly file: string }
  | {
      readonly kind: 'saveMeasured';
      readonly file: string;
      readonly used: SharedArrayBuffer | undefined;
      readonly fresh: readonly Uint8Array[];
    }
  | PlanRequest;

export interface CountRequest {
  readonly files: readonly ListedFile[];
  readonly maxFileBytes: number;
  readonly counter: CounterSource;
}

export type ListRequest = Omit<ListOptions, 'signal'>;

export interface Listed {
  readonly kind: 'listed';
  readonly listing: FileListing;
}

/** The same on its way to another thread. */
export interface ListedElsewhere {
  readonly kind: 'listedElsewhere';
  readonly listing: PackedListing;
}

export interface RenderFile extends ListedFile {
  /** The content that was planned; anything else is refused, because its tokens are not the planned ones. */
  readonly hash: string;
  /** `full` where absent. */
  readonly form?: 'full' | ExcerptKind;
  /** The lines of its outline (1-based), where they are known: then it is not parsed again. */
  readonly outline?: readonly number[];
  /** As they were measured: what was not allowed then is redacted now. */
  readonly secrets?: readonly FoundSecret[];
}

export interface Measured {
  readonly kind: 'measured';
  readonly files: readonly SourceFile[];
  readonly skips: readonly Skip[];
  /** What was found anew and may be kept, as `chunkOf`; absent where there is nothing. */
  readonly fresh?: Uint8Array;
  /** CPU time of this batch. */
  readonly readMs: number;
  /** Looking for secrets. */
  readonly scanMs: number;
  readonly countMs: number;
}

/** The same on its way to another thread. */
export interface MeasuredElsewhere extends Omit<Measured, 'kind' | 'files'> {
  readonly kind: 'measuredElsewhere';
  readonly packed: PackedFiles;
}

/** A file as it is on disk, in no frame. */
export interface CountedFile {
  readonly path: string;
  readonly language: string;
  /** Size on disk. */
  readonly bytes: number;
  readonly tokens: number;
  /** For an estimate of what another vocabulary would make of it. */
  readonly traits: TextTraits;
}

export interface CountedFiles {
  readonly kind: 'countedFiles';
  readonly files: readonly CountedFile[];
  readonly skips: readonly Skip[];
}

export interface Inspected {
  readonly kind: 'inspected';
  readonly tokenizer: OwnTokenizer;
}

/** A segment for each requested file, in order; none where the file is not what was planned. */
export interface Rendered extends Segments {
  readonly kind: 'rendered';
  /** Where the request had `spare`: that, and what was taken besides. */
  readonly blocks?: readonly ArrayBuffer[];
}

export interface Counted {
  readonly kind: 'counted';
  readonly tokens: number;
}

/** One file as text, for whoever shows or checks a place in it. */
export interface ReadText {
  readonly kind: 'read';
  /** Null where it is not there as text. */
  readonly content: { readonly text: string; readonly hash: string } | null;
}

/** A text that is no file of the workspace, as it may be sent. */
export interface RedactedText {
  readonly kind: 'redacted';
  readonly text: string;
  readonly secrets: readonly FoundSecret[];
}

export interface Stamped extends StampPart {
  readonly kind: 'stamped';
}

/** Where Markdown files refer to images, in order; null for what is no text any more. */
export interface References {
  readonly kind: 'references';
  readonly references: readonly (ImageReferences | null)[];
}

export interface ImageSizes {
  readonly kind: 'imageSizes';
  readonly sizes: readonly ImageSize[];
}

/** An image as it was looked at; another one is not wanted. */
export interface WantedImage {
  readonly absolutePath: string;
  readonly size: Extract<ImageSize, { kind: 'image' }>;
}

/** Whole images, in order; null where one is another by now. */
export interface Images {
  readonly kind: 'images';
  readonly images: readonly (Uint8Array<ArrayBuffer> | null)[];
}

export interface MeasuredLoaded {
  readonly kind: 'measuredLoaded';
  readonly memory: SharedArrayBuffer | undefined;
}

/** A vocabulary is loaded: see `WorkerCounters.prepare`. */
export interface Warmed {
  readonly kind: 'warmed';
  readonly tables: VocabularyTables | undefined;
}

/** Counts were loaded or saved. */
export interface Kept {
  readonly kind: 'kept';
}

export type MeasureReply =
  | ReadText
  | RedactedText
  | Stamped
  | References
  | ImageSizes
  | Images
  | Listed
  | ListedElsewhere
  | Measured
  | MeasuredElsewhere
  | MeasuredLoaded
  | CountedFiles
  | Rendered
  | Counted
  | Inspected
  | Warmed
  | Kept
  | PlanReply;

export interface MeasureWorkerData {
  /** The memory of a `CountTable`: content that was counted once is never counted again. */
  readonly counts: SharedArrayBuffer;
  /** See `secretId`. */
  readonly salt: string;
  /** Somebody types into the process meanwhile: see `giveOthersTheProcessor`. */
  readonly inBackground: boolean;
}

/** Raised when the framing changes, so that counts of the old framing are not used. */
const frameVersion = 1;

/**
 * A segment's count depends on the counter, the framing, the path in its header and the content. The key is a digest
 * of all four, so that a cache on disk names no file of anybody's repository.
 */
export function countKey(counterId: string, path: string, hash: string): Uint8Array {
  const whole = `${counterId}/${frameVersion}/${hash}/${path}`;
  return digest('sha256', whole, 'buffer');
}

/** The same for a file as it is, which no path and no framing is part of. */
export function rawCountKey(counterId: string, hash: string): Uint8Array {
  return digest('sha256', `${counterId}/raw/${hash}`, 'buffer');
}

/** Raised when what is shortened, or how, changes. */
const shortenedVersion = 1;

/** Of a file's shortened segment. A count of 0 says that there is none: the frame alone has more. */
export function shortenedKey(counterId: string, path: string, hash: string): Uint8Array {
  const whole = `${counterId}/shortened ${shortenedVersion}.${frameVersion}/${hash}/${path}`;
  return digest('sha256', whole, 'buffer');
}

/** Of the number of secrets a content has, by the rules as they are now. */
export function cleanKey(path: string, hash: string): Uint8Array {
  return digest('sha256', secretsKey(path, hash), 'buffer');
}
