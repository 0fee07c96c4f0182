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
  /** For `node:fs`, pass it through `fsPath` (names.ts): a name can be bytes that are no text. */
  readonly absolutePath: string;
  /** What counts instead of what is on disk: the text of an editor with unsaved changes. */
  readonly content?: string;
}

/** A file the user asked us to leave out: not read, and shown as `left-out` with this reason. */
export interface LeftOutFile extends ListedFile {
  readonly leftOutBy: LeftOutBy;
}

export type LeftOutBy =
  /** `rule` is the pattern as written, `source` the `.longviewignore` it stands in. */
  | { readonly kind: 'longviewignore'; readonly source: string; readonly rule: string }
  /** A file Longview is writing itself, such as the pack asked for with `--out`. */
  | { readonly kind: 'own-output' };

export type SkipReason =
  | { readonly kind: 'binary' }
  | { readonly kind: 'too-large'; readonly bytes: number; readonly limitBytes: number }
  | { readonly kind: 'unreadable'; readonly detail: string }
  | { readonly kind: 'undecodable' }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'not-a-file'; readonly what: string }
  /** In git's index, and by git's own rules not on disk. */
  | { readonly kind: 'not-checked-out'; readonly what: 'sparse-checkout' | 'submodule' }
  | { readonly kind: 'vanished' };

export interface Skip {
  readonly path: string;
  readonly reason: SkipReason;
}

/** Text we can pack. */
export interface SourceFile {
  readonly path: string;
  readonly absolutePath: string;
  /** As {@link ListedFile.content}. */
  readonly content?: string;
  /** Size on disk, or of the editor's text as UTF-8. */
  readonly bytes: number;
  /** Lines as VS Code counts them (LF, CRLF and lone CR end a line), without a phantom last one. */
  readonly lines: number;
  /** VS Code's language id, `plaintext` where the name tells nothing. */
  readonly language: string;
  /** SHA-256 of these bytes, hex. */
  readonly hash: string;
  /** Tokens of the file's whole `full` segment as it stands in a prompt, frame and line markers included. */
  readonly tokens: number;
  /**
   * Letters by script, of the scripts that vocabularies differ most on (`lettersByScript`); absent where there are none.
   */
  readonly letters?: Readonly<Record<string, number>>;
  /** Secrets in it; what is not allowed is redacted in a prompt. Absent where there are none. */
  readonly secrets?: readonly FoundSecret[];
  /** Where the content is data: what its head, shape and tail would take, to be sent instead of all of it. */
  readonly shortened?: Shortened;
  /** How the text was read, where that is a guess the user should know of. */
  readonly note?: string;
}

/** Where a secret stands; never the secret itself. */
export interface FoundSecret {
  /** `aws-secret-access-key`, `env-value`, … */
  readonly rule: string;
  /** 1-based, of its first line. */
  readonly line: number;
  /** What allows it; the same secret in the same file keeps its id on this machine. */
  readonly id: string;
  readonly allowed: boolean;
}

export interface Shortened {
  /** Of the file's whole segment in this form. */
  readonly tokens: number;
  /** What was left out of it, in words: `118,000 of 118,020 lines`. */
  readonly reason: string;
}

/** Why git did not serve for a folder, or for a repository inside it. */
export type NoGit =
  | 'untrusted'
  | 'git-missing'
  | 'not-a-work-tree'
  /** Git distrusts the folder's owner (`safe.directory`). */
  | 'refused'
  | 'corrupt-index'
  /** The folder is ignored by the repository around it, whose rules then say nothing about its content. */
  | 'ignored-by-parent'
  /** The folder is reached through the editor alone. */
  | 'virtual'
  | 'failed';

/** Something the user should know about how files were found. */
export interface ListingNote {
  /** The folder, workspace-relative as files are; '' for the only root. */
  readonly path: string;
  readonly why: NoGit;
  /** Git's own words, where it had any. */
  readonly detail: string;
}

export interface Inventory {
  readonly folders: readonly WorkspaceFolder[];
  readonly files: readonly SourceFile[];
  readonly skips: readonly Skip[];
  /** Files the user does not want in a prompt; not read. */
  readonly leftOut: readonly LeftOutFile[];
  /** How each folder was listed: by git's index or by walking. */
  readonly listedBy: readonly ('git' | 'walk')[];
  /** Why the walk served where it did. */
  readonly notes: readonly ListingNote[];
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
    case 'not-checked-out':
      return reason.what === 'submodule'
        ? 'a submodule that is not checked out'
        : 'outside of the sparse checkout';
    case 'vanished':
      return 'listed, but no longer on disk';
  }
}

/** One sentence, as {@link describeSkip}. */
export function describeLeftOut(by: LeftOutBy): string {
  return by.kind === 'own-output' ? 'written by Longview itself' : `${by.source} says \`${by.rule}\``;
}
