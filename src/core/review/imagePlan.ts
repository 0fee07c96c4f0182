import { grouped } from '../grouped.ts';
import { comparePaths } from '../workspace/byPath.ts';
import type { Sending } from '../endpoint/gates.ts';
import { imageSupport } from '../endpoint/imageSupport.ts';
import type { ContextLimit } from '../endpoint/types.ts';
import { withImages } from '../pack/budget.ts';
import { chooseImages, choiceOf, imageShare, referredImages } from '../pack/images.ts';
import type { ChosenImage, CountEach, ImageChoice, ImageEntry } from '../pack/images.ts';
import type { Measurer } from '../pack/measurer.ts';
import type { Budget, Plan } from '../pack/types.ts';
import { generousImageTokens, imageCountingOf } from '../tokens/imageTokens.ts';
import type { ImageFormat } from '../workspace/imageHeader.ts';
import type { Inventory } from '../workspace/types.ts';
import type { Prepared, PrepareRequest } from './prepareTypes.ts';

/** The images that Markdown files refer to, and what becomes of them. */
export interface ImagePlan extends ImageChoice {
  /** Why none is sent, though there may be some; a sentence. */
  readonly why?: string;
  /** How they are counted, and how far the truth may be from it. */
  readonly note: string;
  /** Images elsewhere, which are never fetched. */
  readonly remote: number;
  /** Places that were not looked at, there being too many. */
  readonly more: number;
}

/** An image as it is sent. */
export interface SentImage {
  readonly path: string;
  readonly format: ImageFormat;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** What of a request is looked at here. */
type Wanted = Pick<PrepareRequest, 'endpoint' | 'settings' | 'steering' | 'signal'>;

/**
 * What of the images of a workspace may travel to an endpoint: before it is known which Markdown files do. Undefined
 * where the user wants none. Only headers of images are read.
 */
export async function planImages(
  { endpoint, settings, steering, signal }: Wanted,
  inventory: Inventory,
  limit: ContextLimit,
  measurer: Measurer,
): Promise<ImagePlan | undefined> {
  if (settings.images !== true) return undefined;
  const markdown = inventory.files.filter(f => f.language === 'markdown' || f.language === 'mdx');
  const found = await measurer.references(markdown, {
    maxFileBytes: settings.maxFileBytes,
    ...(signal && { signal }),
  });
  const references = new Map(
    markdown.flatMap(({ path }, i) => (found[i] ? [[path, found[i]] as const] : [])),
  );
  const { images, more } = referredImages(inventory, references, steering);
  const remote = found.reduce((sum, file) => sum + file.remote, 0);
  const support = endpoint === null ? undefined : imageSupport(endpoint);
  const counting =
    endpoint === null
      ? { tokens: generousImageTokens, note: 'No endpoint is named: images are counted generously.' }
      : imageCountingOf(endpoint.config.model);
  const others = { note: counting.note, remote, more };
  if (support?.kind === 'none') {
    const unsent = images.map(({ path, referredBy, reason = support.why }): ImageEntry => {
      return { path, referredBy, bytes: null, width: null, height: null, tokens: null, reason };
    });
    return { chosen: [], others: unsent, tokens: 0, ...others, why: support.why };
  }
  const paths = images.flatMap(({ absolutePath }) => (absolutePath === undefined ? [] : [absolutePath]));
  const sizes = await measurer.imageSizes(paths, signal);
  const choice = await chooseImages(images, sizes, {
    tokens: limit.kind === 'known' ? Math.floor(limit.tokens * imageShare) : null,
    limits: support?.limits ?? everything,
    counting,
    countEach: countEachWith(measurer, signal),
  });
  return { ...choice, ...others };
}

/** Where no endpoint is named, nothing is sent. */
const everything = {
  most: Infinity,
  mostBytes: Infinity,
  totalBytes: Infinity,
  mostPixels: Infinity,
  mostSide: Infinity,
};

function countEachWith(measurer: Measurer, signal: AbortSignal | undefined): CountEach {
  return async texts => measurer.countEach(texts, signal);
}

/** Without the images whose Markdown files the plan does not hold in full: what they took is room for files. */
export async function settleImages(
  images: ImagePlan | undefined,
  budget: Budget,
  plan: Plan,
  measurer: Measurer,
  signal?: AbortSignal,
): Promise<{ readonly images: ImagePlan | undefined; readonly budget: Budget }> {
  if (images === undefined || images.chosen.length === 0) return { images, budget };
  const referring = new Set(images.chosen.flatMap(image => image.referredBy));
  const sent = plan.files.filter(f => f.form === 'full' && referring.has(f.path));
  const full = new Set(sent.map(f => f.path));
  const stays = (image: ChosenImage) => image.referredBy.some(path => full.has(path));
  const gone = images.chosen.filter(image => !stays(image));
  if (gone.length === 0) return { images, budget };
  const settled = await without(
    images,
    gone,
    'no Markdown file that refers to it is sent in full',
    measurer,
    signal,
  );
  return { images: settled, budget: withImages(budget, settled.tokens) };
}

async function without(
  images: ImagePlan,
  gone: readonly ChosenImage[],
  reason: string,
  measurer: Measurer,
  signal: AbortSignal | undefined,
): Promise<ImagePlan> {
  const stay = images.chosen.filter(image => !gone.includes(image));
  return {
    ...images,
    ...(await choiceOf(stay, countEachWith(measurer, signal))),
    others: [...images.others, ...gone.map(image => unsent(image, reason))].sort(comparePaths),
  };
}

function unsent({ absolutePath: _path, size: _size, ...entry }: ChosenImage, reason: string): ImageEntry {
  return { ...entry, reason };
}

/** A plan's images with their bytes, as they stay with a pack. */
export interface KeptImages {
  readonly images: ImagePlan | undefined;
  readonly sent: readonly SentImage[];
}

export const noImages: KeptImages = { images: undefined, sent: [] };

/** Reads what was chosen. What is another file by now is not sent, and says so. */
export async function readImages(
  images: ImagePlan | undefined,
  measurer: Measurer,
  signal?: AbortSignal,
): Promise<KeptImages> {
  if (images === undefined || images.chosen.length === 0) return { images, sent: [] };
  const contents = await measurer.images(images.chosen, signal);
  const sent: SentImage[] = [];
  const gone: ChosenImage[] = [];
  images.chosen.forEach((image, i) => {
    const bytes = contents[i] ?? null;
    const { format, width, height } = image.size;
    if (bytes === null) gone.push(image);
    else sent.push({ path: image.path, format, width, height, bytes });
  });
  if (gone.length === 0) return { images, sent };
  return { images: await without(images, gone, 'it changed while it was packed', measurer, signal), sent };
}

/** What the gates are told of images; undefined where none go along. */
export function sendingImages({ sentImages }: Pick<Prepared, 'sentImages'>): Sending['images'] {
  if (sentImages.length === 0) return undefined;
  return { count: sentImages.length, bytes: sentImages.reduce((sum, { bytes }) => sum + bytes.length, 0) };
}

/** What a kept pack's images are today: none, where the endpoint takes none any more. */
export function imagesToSend(now: ImagePlan | undefined, kept: KeptImages): KeptImages {
  if (now === undefined || kept.images === undefined) return { images: now, sent: [] };
  return now.why === undefined ? kept : { images: withoutAny(kept.images, now.why), sent: [] };
}

/** The same prompt, without images. `why`: a sentence. */
export function withoutImages(prepared: Prepared, why: string): Prepared {
  const { images, budget, promptTokens, ownTokens } = prepared;
  const tokens = images?.tokens ?? 0;
  return {
    ...prepared,
    sentImages: [],
    ...(images && { images: withoutAny(images, why) }),
    budget: withImages(budget, 0),
    promptTokens: promptTokens - tokens,
    ...(ownTokens !== undefined && { ownTokens: ownTokens - tokens }),
  };
}

function withoutAny(images: ImagePlan, why: string): ImagePlan {
  const others = [...images.others, ...images.chosen.map(image => unsent(image, why))].sort(comparePaths);
  return { ...images, chosen: [], others, tokens: 0, why };
}

/** Whole sentences: what goes along, and what does not, with the reason. Empty where nobody asked for images. */
export function describeImages(images: ImagePlan | undefined): string[] {
  if (images === undefined) return [];
  const { chosen, others, tokens, why, note, remote, more } = images;
  const bytes = chosen.reduce((sum, image) => sum + (image.bytes ?? 0), 0);
  const named = (entries: readonly ImageEntry[]) =>
    entries
      .slice(0, 3)
      .map(({ path, reason }) => {
        // A name from a Markdown file may hold a line feed, or turn the text around.
        const name = path.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, '\u{fffd}');
        return reason === undefined ? name : `${name} (${reason.replace(/\.$/, '')})`;
      })
      .join(', ') + (entries.length > 3 ? ', …' : '');
  const elsewhere = [
    ...(remote > 0
      ? [`${remote === 1 ? '1 image elsewhere is' : `${grouped(remote)} images elsewhere are`} not fetched.`]
      : []),
    ...(more > 0
      ? [
          `${more === 1 ? '1 more reference to an image was' : `${grouped(more)} more references to images were`} not looked at.`,
        ]
      : []),
  ];
  if (why !== undefined)
    return [
      others.length === 0
        ? 'No Markdown file refers to an image of the workspace.'
        : `${countOf(others.length)} not sent: ${why}`,
      ...elsewhere,
    ];
  return [
    ...(chosen.length === 0
      ? []
      : [
          `${countOf(chosen.length)} sent: ${grouped(tokens)} tokens, ${grouped(bytes)} bytes; ${named(chosen)}. ${note}`,
        ]),
    ...(others.length === 0 ? [] : [`${countOf(others.length)} not sent: ${named(others)}.`]),
    ...(chosen.length + others.length === 0 ? ['No Markdown file refers to an image of the workspace.'] : []),
    ...elsewhere,
  ];
}

function countOf(count: number): string {
  return `${grouped(count)} ${count === 1 ? 'image is' : 'images are'}`;
}
