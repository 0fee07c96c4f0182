import { comparePaths } from '../workspace/byPath.ts';
import type { ImageLimits } from '../endpoint/providers/types.ts';
import type { ImageCounting } from '../tokens/imageTokens.ts';
import type { ImageSize } from '../workspace/readImage.ts';
import { describeLeftOut, describeSkip, type Inventory } from '../workspace/types.ts';
import { sentinel, framePath } from './frame.ts';
import { referredPaths } from './imagePaths.ts';
import type { ImageReferences } from './imageReferences.ts';
import { noSteering, wishFor, type Steering } from './steering.ts';

/** An image that a Markdown file refers to. */
export interface ImageEntry {
  /** Workspace-relative; as it is written there, where it leads out of the workspace. */
  readonly path: string;
  /** Markdown files, sorted. */
  readonly referredBy: readonly string[];
  /** Of the file; null where it was not looked at. */
  readonly bytes: number | null;
  /** Pixels. */
  readonly width: number | null;
  readonly height: number | null;
  /** At most; what names it in the prompt included. */
  readonly tokens: number | null;
  /** Why it is not sent, half a sentence; absent where it is. */
  readonly reason?: string;
}

/** One that may travel. */
export interface ChosenImage extends ImageEntry {
  readonly absolutePath: string;
  readonly size: Extract<ImageSize, { kind: 'image' }>;
  readonly tokens: number;
}

/** What of a workspace's images travels with a pack. Both lists are sorted by path. */
export interface ImageChoice {
  readonly chosen: readonly ChosenImage[];
  readonly others: readonly ImageEntry[];
  /** Tokens of all that is chosen, and of the line above them; 0 where nothing is. */
  readonly tokens: number;
}

/** A place that was found, before anybody looked at what is there. */
export interface ReferredImage {
  readonly path: string;
  readonly referredBy: readonly string[];
  /** Absent where it cannot be sent, whatever it is. */
  readonly absolutePath?: string;
  readonly reason?: string;
}

/** More distinct places are not looked up: `more` says how many. */
const mostLookedUp = 2000;
/** Nothing is to be seen on smaller ones, and Qwen-VL refuses them. Pixels. */
const smallestSide = 28;
/** Of the context limit, what images may take together. */
export const imageShare = 0.1;

/**
 * The images that Markdown files refer to, sorted by path. Only what is in the inventory's own file set may be sent:
 * what git ignores, what the user left out, and what a link leads to is not.
 */
export function referredImages(
  inventory: Inventory,
  references: ReadonlyMap<string, ImageReferences>,
  steering: Steering = noSteering,
): { readonly images: readonly ReferredImage[]; readonly more: number } {
  const resolve = referredPaths(inventory);
  const found = new Map<string, { referredBy: Set<string>; absolutePath?: string }>();
  let more = 0;
  for (const markdown of [...references.keys()].sort()) {
    const { local = [], more: unread = 0 } = references.get(markdown) ?? {};
    more += unread;
    for (const place of local) {
      const led = resolve(markdown, place);
      const key = led.kind === 'path' ? led.path : place;
      const known = found.get(key);
      if (known !== undefined) known.referredBy.add(markdown);
      else if (found.size === mostLookedUp) more++;
      else {
        const absolutePath = led.kind === 'path' ? { absolutePath: led.absolutePath } : {};
        found.set(key, { referredBy: new Set([markdown]), ...absolutePath });
      }
    }
  }
  const why = reasons(inventory, steering);
  const images = [...found].map(([path, { referredBy, absolutePath }]): ReferredImage => {
    const reason = absolutePath === undefined ? 'outside of the workspace' : why(path);
    return {
      path,
      referredBy: [...referredBy],
      ...(reason === undefined ? { absolutePath: absolutePath ?? '' } : { reason }),
    };
  });
  return { images: images.sort(comparePaths), more };
}

/** Why a path cannot be sent, as far as the file set tells. An image is what was skipped for being binary, or too large. */
function reasons(inventory: Inventory, steering: Steering): (path: string) => string | undefined {
  const skips = new Map(inventory.skips.map(skip => [skip.path, skip.reason]));
  const texts = new Set(inventory.files.map(file => file.path));
  const leftOut = new Map(inventory.leftOut.map(file => [file.path, file.leftOutBy]));
  return path => {
    const left = leftOut.get(path);
    if (left !== undefined) return describeLeftOut(left);
    const wish = wishFor(steering, path);
    if (wish?.wish === 'exclude') return 'left out by you';
    if (texts.has(path)) return 'text, and no PNG, JPEG or WebP';
    const skip = skips.get(path);
    if (skip === undefined) return 'not there, or ignored by git';
    return skip.kind === 'binary' || skip.kind === 'too-large' ? undefined : describeSkip(skip);
  };
}

export interface ImageRoom {
  /** Tokens; null where there is no limit. */
  readonly tokens: number | null;
  readonly limits: ImageLimits;
  readonly counting: ImageCounting;
  readonly countEach: CountEach;
}

/** Tokens of texts, in order. */
export type CountEach = (texts: readonly string[]) => Promise<readonly number[]>;

/**
 * Chooses what travels: images of the topmost Markdown files first, then by path, each that fits into what is left. The
 * same images, limits and room give the same choice. `sizes` are those of the images that may be sent, in order.
 */
export async function chooseImages(
  images: readonly ReferredImage[],
  sizes: readonly ImageSize[],
  { tokens: room, limits, counting, countEach }: ImageRoom,
): Promise<ImageChoice> {
  const chosen: ChosenImage[] = [];
  const others: ImageEntry[] = images
    .filter(image => image.absolutePath === undefined)
    .map(({ path, referredBy, reason = '' }) => ({ ...unknownSize, path, referredBy, reason }));
  const possible = images
    .filter(image => image.absolutePath !== undefined)
    .map((image, i) => ({ ...image, size: sizes[i] }))
    .sort((a, b) => depthOf(a) - depthOf(b) || comparePaths(a, b));
  const [head = 0, ...lines] = await countEach([
    imagesHead(limits.most),
    ...possible.map(({ path, size }) => (size?.kind === 'image' ? imageLine(path, size) : '')),
  ]);
  let left = room === null ? Infinity : room - head;
  let bytesLeft = limits.totalBytes;
  for (const [i, { path, referredBy, absolutePath = '', size }] of possible.entries()) {
    if (size?.kind !== 'image') {
      const reason = size?.why ?? 'it was not looked at';
      others.push({ ...unknownSize, path, referredBy, bytes: size?.bytes ?? null, reason });
      continue;
    }
    const { width, height, bytes } = size;
    const tokens = counting.tokens(size) + (lines[i] ?? 0);
    const entry = { path, referredBy, bytes, width, height, tokens };
    let reason = unfit(size, limits);
    if (chosen.length >= limits.most) reason ??= `the host takes ${limits.most} images`;
    if (bytes > bytesLeft) reason ??= `the host takes ${limits.totalBytes} bytes of images`;
    if (tokens > left) reason ??= 'no room for it';
    if (reason !== undefined) {
      others.push({ ...entry, reason });
      continue;
    }
    chosen.push({ ...entry, absolutePath, size });
    left -= tokens;
    bytesLeft -= bytes;
  }
  return { ...(await choiceOf(chosen, countEach)), others: others.sort(comparePaths) };
}

/** These images, as they are sent. */
export async function choiceOf(
  images: readonly ChosenImage[],
  countEach: CountEach,
): Promise<Omit<ImageChoice, 'others'>> {
  const chosen = [...images].sort(comparePaths);
  const [head = 0] = chosen.length === 0 ? [] : await countEach([imagesHead(chosen.length)]);
  return { chosen, tokens: chosen.reduce((sum, { tokens }) => sum + tokens, head) };
}

const unknownSize = { bytes: null, width: null, height: null, tokens: null };

/** A picture may claim any size: nobody here decodes it, and a host that does should not have to. */
function unfit(
  { width, height, bytes }: Extract<ImageSize, { kind: 'image' }>,
  limits: ImageLimits,
): string | undefined {
  if (Math.min(width, height) < smallestSide) return `too small to show anything (${width} × ${height})`;
  if (Math.max(width, height) > limits.mostSide || width * height > limits.mostPixels)
    return `larger than hosts take (${width} × ${height} pixels)`;
  if (bytes > limits.mostBytes) return `larger than hosts take (${bytes} bytes, limit ${limits.mostBytes})`;
  return undefined;
}

/** Folders above the topmost file that refers to it. */
function depthOf({ referredBy }: ReferredImage): number {
  return Math.min(...referredBy.map(path => path.split('/').length));
}

/** Opens what follows a pack: each image stands behind a line that names it. */
export function imagesHead(count: number): string {
  return `${sentinel} images (${count} that Markdown files above refer to, each after the line that names it; cite one by its path alone)\n`;
}

export function imageLine(
  path: string,
  { width, height }: { readonly width: number; readonly height: number },
): string {
  return `${sentinel} image ${framePath(path)} (${width} x ${height} pixels)\n`;
}
