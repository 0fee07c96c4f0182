/** An open folder. `name` prefixes paths when more than one folder is open. */
export interface WorkspaceFolder {
  readonly name: string;
  /** Absolute path in the file system. */
  readonly path: string;
}

/** A file that was found, before anybody looked inside. */
export interface ListedFile {
  /** Workspace-relative, `/`-separated; prefixed with the folder's name in a multi-root workspace. */
  readonly path: string;
  readonly absolutePath: string;
}

export type SkipReason =
  | { readonly kind: 'binary' }
  | { readonly kind: 'too-large'; readonly bytes: number; readonly limitBytes: number }
  | { readonly kind: 'unreadable'; readonly detail: string }
  | { readonly kind: 'undecodable' }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'not-a-file'; readonly what: string }
  | { readonly kind: 'vanished' };

export interface Skip {
  readonly path: string;
  readonly reason: SkipReason;
}

/** Text we can pack. */
export interface SourceFile {
  readonly path: string;
  readonly absolutePath: string;
  /** Size on disk. */
  readonly bytes: number;
  /** Lines as VS Code counts them (LF, CRLF and lone CR end a line), without a phantom last one. */
  readonly lines: number;
  /** VS Code's language id, `plaintext` where the name tells nothing. */
  readonly language: string;
  /** SHA-256 of the bytes on disk, hex. */
  readonly hash: string;
  /** Tokens of the file's whole `full` segment as it stands in a prompt, frame and line markers included. */
  readonly tokens: number;
}

export interface Inventory {
  readonly folders: readonly WorkspaceFolder[];
  readonly files: readonly SourceFile[];
  readonly skips: readonly Skip[];
  /** How each folder was listed: by git's index or by walking. */
  readonly listedBy: readonly ('git' | 'walk')[];
}

/** One sentence for a table cell, a tooltip or `--json`. */
export function describeSkip(reason: SkipReason): string {
  switch (reason.kind) {
    case 'binary':
      return 'binary content';
    case 'too-large':
      return `larger than the limit for one file (${reason.bytes} bytes, limit ${reason.limitBytes})`;
    case 'unreadable':
      return `could not be read: ${reason.detail}`;
    case 'undecodable':
      return 'not valid text in any encoding we read';
    case 'symlink':
      return `symbolic link to ${reason.target}; links are never followed`;
    case 'not-a-file':
      return `not a regular file but a ${reason.what}`;
    case 'vanished':
      return 'deleted, but still in git’s index';
  }
}
