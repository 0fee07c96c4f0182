import { findByPath } from '../workspace/byPath.ts';
import type { Measurer } from '../pack/measurer.ts';
import { segmentAt } from '../pack/segments.ts';
import { unpack } from '../pack/unpack.ts';
import {
  verifyAnchor,
  verifyCandidates,
  type Anchor,
  type AnchorMention,
  type FileTexts,
} from './anchors.ts';
import type { Prepared } from './prepare.ts';

export interface CheckDeps {
  readonly measurer: Pick<Measurer, 'read'>;
  /** The text an editor shows of a file, where that is not what is on disk. */
  readonly unsaved?: (absolutePath: string) => string | undefined;
}

/** A name that many files have is ambiguous whatever their content; reading a thousand would tell no more. */
const mostCandidates = 200;
/** UTF-16 units of file text kept for the next mention. */
const mostKept = 32 * 1024 * 1024;

/**
 * Verifies mentions against the files as they are now, and against what the model was given. Files are read in a
 * worker, only when an answer cites them, and once per ask while memory lasts. Throws `signal.reason`.
 */
export function anchorChecker(
  prepared: Prepared,
  maxFileBytes: number,
  { measurer, unsaved }: CheckDeps,
): (mention: AnchorMention) => Promise<Anchor> {
  const { pack, inventory, overlaid } = prepared;
  const sourceAt = findByPath(inventory.files);
  const texts = createTextCache();
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  function packedText(path: string): string | undefined {
    const at = pack.manifest.indexOf(path);
    const inPack =
      at !== undefined && pack.manifest.at(at)?.form === 'full' ? segmentAt(pack, at) : undefined;
    const segment = overlaid.get(path) ?? inPack;
    return segment === undefined ? undefined : unpack(decoder.decode(segment))[0]?.text;
  }

  async function load(path: string): Promise<FileTexts> {
    const source = sourceAt(path);
    const packedNow = packedText(path);
    if (source === undefined) return { text: undefined, packedText: packedNow };
    const shown = unsaved?.(source.absolutePath);
    const redacted = source.secrets?.some(secret => !secret.allowed) === true;
    if (shown !== undefined && !redacted) return { text: shown, packedText: packedNow };
    const { absolutePath } = source;
    const now = await measurer.read({ path, absolutePath }, { maxFileBytes });
    if (now === undefined) return { text: undefined, packedText: packedNow };
    const unchanged = now.hash === source.hash;
    // The model quotes the marker that stood in the place of a secret; lines are the file's own with it, too.
    if (redacted && unchanged) return { text: packedNow ?? now.text, packedText: packedNow };
    // What was sent last is this very text: nothing to unpack.
    return { text: shown ?? now.text, packedText: unchanged ? now.text : packedNow };
  }

  return async mention => {
    const paths = (mention.candidates ?? [mention.path]).slice(0, mostCandidates + 1);
    if (paths.length > mostCandidates) return verifyAnchor(mention, { text: undefined });
    const loaded = new Map<string, FileTexts>();
    for (const path of paths) loaded.set(path, await texts.get(path, load));
    const read = (path: string) => loaded.get(path) ?? { text: undefined };
    return mention.candidates === undefined
      ? verifyAnchor(mention, read(mention.path))
      : verifyCandidates(mention, read);
  };
}

/** Remembers files' texts, the last used ones, up to {@link mostKept}. */
function createTextCache() {
  const kept = new Map<string, FileTexts>();
  let size = 0;
  const sizeOf = ({ text = '', packedText = '' }: FileTexts) =>
    text === packedText ? text.length : text.length + packedText.length;
  return {
    async get(path: string, load: (path: string) => Promise<FileTexts>): Promise<FileTexts> {
      const known = kept.get(path);
      const texts = known ?? (await load(path));
      kept.delete(path);
      kept.set(path, texts);
      if (known === undefined) size += sizeOf(texts);
      for (const [old, oldTexts] of kept) {
        if (size <= mostKept || old === path) break;
        kept.delete(old);
        size -= sizeOf(oldTexts);
      }
      return texts;
    },
  };
}
