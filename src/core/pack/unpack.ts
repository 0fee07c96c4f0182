import { markerEvery, parseFramePath, restore, sentinel } from './frame.ts';

const fileHeader = /^@@@@ file (.+) \((\d+) lines?(, no final newline)?\)$/s;
const deletedHeader = /^@@@@ deleted (.+)$/s;

export interface UnpackedFile {
  readonly path: string;
  /** The file's text with LF line ends, as it stood in the pack; the normalisation is {@link fileSegment}'s. */
  readonly text: string;
}

/**
 * Reads the `full` files back out of a prompt (or of the pack alone): of each file the last version, none that an
 * overlay deletes. What stands outside of the files' frames is passed over.
 */
export function unpack(prompt: string): UnpackedFile[] {
  const files = new Map<string, string>();
  let open = true;
  for (const segment of segments(prompt)) {
    open = frameOpens(segment.header) ?? open;
    if (!open) continue;
    const deleted = deletedHeader.exec(segment.header)?.[1];
    if (deleted !== undefined) files.delete(parseFramePath(deleted) ?? '');
    const header = fileHeader.exec(segment.header);
    const path = header === null ? undefined : parseFramePath(header[1] ?? '');
    if (path === undefined) continue;
    files.set(path, bodyText(segment.lines, header?.[3] === undefined));
  }
  return [...files].map(([path, text]) => ({ path, text }));
}

/** Whether files may follow a frame line; undefined where that stays as it is. */
function frameOpens(header: string): boolean | undefined {
  if (header === `${sentinel} end` || header === `${sentinel} question`) return false;
  return /^@@@@ (pack|overlay|attached) /.test(header) ? true : undefined;
}

interface Segment {
  readonly header: string;
  readonly lines: readonly string[];
}

/** The prompt cut at its frame lines. */
function segments(prompt: string): Segment[] {
  const found: { header: string; lines: string[] }[] = [];
  const all = prompt.split('\n');
  if (all.at(-1) === '') all.pop();
  for (const line of all) {
    if (line.startsWith(sentinel)) found.push({ header: line, lines: [] });
    else found.at(-1)?.lines.push(line);
  }
  return found;
}

function bodyText(lines: readonly string[], ended: boolean): string {
  if (lines.length === 0) return '';
  const unmarked = lines.map((line, i) => {
    const marker = `${i + 1}|`;
    return (i + 1) % markerEvery === 0 && line.startsWith(marker) ? line.slice(marker.length) : line;
  });
  return restore(unmarked.join('\n')) + (ended ? '\n' : '');
}
