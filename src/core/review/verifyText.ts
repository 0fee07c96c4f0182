import { pacer } from '../pace.ts';
import type { Measurer } from '../pack/measurer.ts';
import { findByPath } from '../workspace/byPath.ts';
import {
  createAnchorStream,
  verifyAnchor,
  verifyCandidates,
  type Anchor,
  type AnchorMention,
  type FileTexts,
} from './anchors.ts';
import { pathsOf, preparePathIndex } from './pathIndex.ts';
import { inventoryOf, type WorkspaceRequest } from './locate.ts';

/** What a text says of the workspace, and whether it holds today. */
export interface VerifiedText {
  /** In order of appearance. */
  readonly anchors: readonly Anchor[];
  /** Mentions beyond the most that are checked. */
  readonly unchecked: number;
}

const mostMentions = 1000;
/** UTF-16 units read at a time, so that a long text does not hold the thread. */
const sliceChars = 8192;
/** A name that so many files have is ambiguous whatever they hold. */
const mostCandidates = 50;

/**
 * Finds every mention of a place in `text` and verifies it against today's files. No model, no network. Throws as
 * `takeInventory` does.
 */
export async function verifyText(
  text: string,
  request: WorkspaceRequest,
  signal: AbortSignal,
  { measurer }: { readonly measurer: Measurer },
): Promise<VerifiedText> {
  const inventory = await inventoryOf(request, signal, measurer);
  const { maxFileBytes } = request.settings;
  const sourceAt = findByPath(inventory.files);
  const mentions = await mentionsIn(text, pathsOf(inventory.files), signal);
  const texts = new Map<string, FileTexts>();
  async function load(path: string): Promise<FileTexts> {
    const absolutePath = sourceAt(path)?.absolutePath;
    if (absolutePath === undefined) return { text: undefined };
    const now = await measurer.read({ path, absolutePath }, { maxFileBytes, signal });
    return { text: now?.text };
  }
  const anchors: Anchor[] = [];
  for (const mention of mentions.slice(0, mostMentions)) {
    signal.throwIfAborted();
    const paths = mention.candidates ?? [mention.path];
    for (const path of paths.slice(0, mostCandidates))
      if (!texts.has(path)) texts.set(path, await load(path));
    const read = (path: string): FileTexts => texts.get(path) ?? { text: undefined };
    anchors.push(
      mention.candidates === undefined || paths.length > mostCandidates
        ? verifyAnchor(mention, read(mention.path))
        : verifyCandidates(mention, read),
    );
  }
  return { anchors, unchecked: Math.max(0, mentions.length - mostMentions) };
}

async function mentionsIn(
  text: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<AnchorMention[]> {
  const breathe = pacer(signal);
  await preparePathIndex(files, breathe);
  const stream = createAnchorStream(files);
  const mentions: AnchorMention[] = [];
  for (let from = 0; from <= text.length; from += sliceChars) {
    const parts = stream.push(text.slice(from, from + sliceChars));
    for (const part of parts) if (part.kind === 'anchor') mentions.push(part.mention);
    await breathe();
  }
  for (const part of stream.end()) if (part.kind === 'anchor') mentions.push(part.mention);
  return mentions;
}
