import { unpack } from '../pack/unpack.ts';
import { readSource } from '../workspace/readSource.ts';
import {
  verifyAnchor,
  verifyCandidates,
  type Anchor,
  type AnchorMention,
  type FileTexts,
} from './anchors.ts';
import type { Prepared } from './prepare.ts';

/**
 * Verifies mentions against the files as they are now, and against what the model was given. Each file is read once
 * per ask, and only when an answer cites it.
 */
export function anchorChecker(prepared: Prepared): (mention: AnchorMention) => Anchor {
  const { pack, inventory } = prepared;
  const sources = new Map(inventory.files.map(f => [f.path, f]));
  const packed = new Map(pack.manifest.map((entry, i) => [entry.path, i + 1]));
  const texts = new Map<string, FileTexts>();
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  function load(path: string): FileTexts {
    const source = sources.get(path);
    if (source === undefined) return { text: undefined };
    const read = readSource(source, { maxBytes: Number.MAX_SAFE_INTEGER });
    const text = read.kind === 'text' ? read.text : undefined;
    const segment = pack.segments[packed.get(path) ?? -1];
    if (segment === undefined) return { text };
    const unchanged = read.kind === 'text' && read.hash === source.hash;
    const redacted = source.secrets?.some(secret => !secret.allowed) === true;
    if (unchanged && !redacted) return { text, packedText: read.text };
    const packedText = unpack(decoder.decode(segment))[0]?.text ?? '';
    // The model quotes the marker that stood in the place of a secret; lines are the file's own with it, too.
    return { text: unchanged ? packedText : text, packedText };
  }

  function read(path: string): FileTexts {
    const loaded = texts.get(path) ?? load(path);
    texts.set(path, loaded);
    return loaded;
  }

  return mention =>
    mention.candidates === undefined
      ? verifyAnchor(mention, read(mention.path))
      : verifyCandidates(mention, read);
}
