import { markerEvery, parseFramePath, restore, sentinel } from './frame.ts';

const fileHeader = /^@@@@ file (.+) \((\d+) lines?(, no final newline)?\)$/s;

export interface UnpackedFile {
  readonly path: string;
  /** The file's text with LF line ends, as it stood in the pack; the normalisation is {@link fileSegment}'s. */
  readonly text: string;
}

/**
 * Reads the `full` files back out of a prompt (or of the pack alone). Text before the first frame and after the
 * `end` frame is not a file's and is passed over.
 */
export function unpack(prompt: string): UnpackedFile[] {
  const files: UnpackedFile[] = [];
  for (const segment of segments(prompt)) {
    const header = fileHeader.exec(segment.header);
    if (header === null) {
      if (segment.header === `${sentinel} end`) break;
      continue;
    }
    const path = parseFramePath(header[1] ?? '');
    if (path === undefined) continue;
    files.push({ path, text: bodyText(segment.lines, header[3] === undefined) });
  }
  return files;
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
