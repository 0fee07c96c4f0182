/**
 * A line that a form other than `full` keeps of a file (outline, shortened). Lines that are not kept are gaps; the
 * numbers stay the file's own, so that anchors into an outline are anchors into the file.
 */
export interface Excerpt {
  /** 1-based, in the file as decoded. */
  readonly line: number;
  /** The line without its end; a long one may be cut, visibly. */
  readonly text: string;
}
