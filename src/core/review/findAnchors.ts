import { createAnchorStream } from './anchorStream.ts';
import type { AnchorMention } from './anchorTypes.ts';

/**
 * Every mention of a place in the workspace that an answer makes, one per line range, in order of appearance.
 * `files` are the known paths, workspace-relative; their index is built once per array. Unknown files are returned
 * where the text can only be a path. Linear in the answer's length.
 */
export function findAnchors(markdown: string, files: readonly string[]): AnchorMention[] {
  const stream = createAnchorStream(files);
  const mentions: AnchorMention[] = [];
  for (const part of [...stream.push(markdown), ...stream.end()])
    if (part.kind === 'anchor') mentions.push(part.mention);
  return mentions;
}
