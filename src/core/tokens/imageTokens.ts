import { modelFamily } from './modelFamily.ts';

/** Pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** How a model's images are counted. */
export interface ImageCounting {
  /** At most this many tokens, whatever the host does. */
  tokens(size: PixelSize): number;
  /** For the user: whose rule, and how far the truth may be from it. */
  readonly note: string;
}

/** By the model's name. */
export function imageCountingOf(model: string): ImageCounting {
  if (modelFamily(model) === 'llama4')
    return {
      tokens: llama4ImageTokens,
      note: 'Images are counted by Llama 4’s own rule; a host that scales them down first reads fewer tokens.',
    };
  const name = model.toLowerCase().replace(/^.*\//, '');
  const tiled = tiledModels.find(([pattern]) => pattern.test(name));
  const patched = patchedModels.find(([pattern]) => pattern.test(name));
  const note =
    'Images are counted by OpenAI’s rule for high detail; where the model takes a lower one, it reads fewer tokens.';
  if (patched !== undefined) return { tokens: size => openaiPatchTokens(size, patched[1]), note };
  if (tiled !== undefined) return { tokens: size => openaiTileTokens(size, tiled[1], tiled[2]), note };
  return {
    tokens: generousImageTokens,
    note: 'How this model counts images is not known: the largest of the rules of Llama 3.2, Llama 4, OpenAI, Qwen2-VL and Pixtral stands for it. It may read a tenth of that.',
  };
}

/** Llama 4 cuts an image into at most 16 tiles of 336 pixels. */
const llama4Tile = 336;
const llama4Tiles = 16;
/** 24 × 24 patches of 14 pixels, four of them to one token (pixel shuffle 0.5). */
const llama4TileTokens = 144;

/**
 * Tokens of an image for Llama 4 Scout and Maverick: 144 for each tile and one separator after it, 144 for the picture
 * as a whole, and `<|image_start|>`, `<|image|>`, `<|image_end|>`; an image of one tile is its own whole.
 *
 * Sources: meta-llama/llama-models, models/llama4/chat_format.py (`_encode_image`, `max_num_chunks` 16) and
 * preprocess.py; huggingface/transformers, models/llama4/processing_llama4.py (`_prompt_split_image`).
 */
export function llama4ImageTokens(size: PixelSize): number {
  const { rows, columns } = llama4Canvas(size, llama4Tile, llama4Tiles);
  const tiles = rows * columns;
  return tiles === 1 ? llama4TileTokens + 3 : tiles * (llama4TileTokens + 1) + llama4TileTokens + 3;
}

/**
 * The canvas, in tiles, that an image is fitted into without distortion: the one that enlarges it least, or shrinks it
 * least where all are too small; of several, the smallest.
 *
 * Source: `get_best_fit` in meta-llama/llama-models, models/llama4/preprocess.py, whose scales are 32-bit floats.
 */
export function llama4Canvas(
  { width, height }: PixelSize,
  tile: number,
  mostTiles: number,
): { readonly rows: number; readonly columns: number } {
  let best = { rows: 1, columns: 1, scale: -1 };
  for (let rows = 1; rows <= mostTiles; rows++)
    for (let columns = 1; rows * columns <= mostTiles; columns++) {
      const fits = [(columns * tile) / width, (rows * tile) / height] as const;
      const scale = Math.min(Math.fround(fits[0]), Math.fround(fits[1]));
      if (isBetter({ rows, columns, scale }, best)) best = { rows, columns, scale };
    }
  return best;
}

interface Canvas {
  readonly rows: number;
  readonly columns: number;
  readonly scale: number;
}

function isBetter(one: Canvas, other: Canvas): boolean {
  if (one.scale === other.scale) return one.rows * one.columns < other.rows * other.columns;
  if (other.scale >= 1) return one.scale >= 1 && one.scale < other.scale;
  return one.scale > other.scale;
}

/** Base and tokens per tile. */
const tiledModels: readonly (readonly [RegExp, number, number])[] = [
  [/^gpt-4o-mini/, 2833, 5667],
  [/^(?:gpt-4o|chatgpt-4o|gpt-4\.1|gpt-4\.5|gpt-4-(?:turbo|vision))/, 85, 170],
  [/^gpt-5(?:-chat|-\d{4}|$)/, 70, 140],
  [/^o[13](?:-pro|-\d{4}|$)/, 75, 150],
];

/** Tokens per patch. */
const patchedModels: readonly (readonly [RegExp, number])[] = [
  [/^(?:gpt-4\.1|gpt-5)-mini/, 1.62],
  [/^(?:gpt-4\.1|gpt-5)-nano/, 2.46],
  [/^o4-mini/, 1.72],
];

/**
 * OpenAI's GPT-4o and its like, detail `high`, which is the most that `auto` takes: scaled down to fit 2048 × 2048, then
 * to 768 on the shorter side, then cut into squares of 512.
 *
 * Source: OpenAI, "Images and vision", calculating costs: 1024 × 1024 takes 765 tokens, 2048 × 4096 takes 1,105. That
 * small images are not scaled up was measured: 128 × 64 is billed as one square (community.openai.com/t/1262691).
 */
export function openaiTileTokens({ width, height }: PixelSize, base: number, perTile: number): number {
  const fit = Math.min(1, 2048 / Math.max(width, height));
  const scale = fit * Math.min(1, 768 / (Math.min(width, height) * fit));
  // 1536.0000000000002 is three squares.
  const squares = (side: number) => Math.max(1, Math.ceil((side * scale) / 512 - 1e-9));
  return base + perTile * squares(width) * squares(height);
}

/**
 * OpenAI's smaller models: patches of 32 pixels, at most 1,536, times a factor of the model.
 *
 * Source: OpenAI, "Images and vision", calculating costs: 1024 × 1024 has 1,024 patches, 1800 × 2400 is scaled down to
 * 1,452. Larger images are billed up to the cap, so the cap counts for them.
 */
export function openaiPatchTokens({ width, height }: PixelSize, factor: number): number {
  return Math.ceil(Math.min(1536, Math.ceil(width / 32) * Math.ceil(height / 32)) * factor);
}

/**
 * An upper estimate for models whose rule is not known: the largest of Llama 4's, OpenAI's patches at their dearest,
 * Qwen2-VL's (a token for 28 × 28 pixels, at most 16,384), Pixtral's (16 × 16 pixels at up to 1024 a side, and one more
 * for each row) and Llama 3.2's (1,601 for each of up to 2 × 2 tiles of 560 pixels).
 *
 * Sources: huggingface/transformers, models/qwen2_vl/image_processing_qwen2_vl.py and models/pixtral/processing_pixtral.py;
 * Together AI, "Vision overview", pricing.
 */
export function generousImageTokens(size: PixelSize): number {
  const { width, height } = size;
  const qwen = Math.min(16_384, Math.ceil(width / 28) * Math.ceil(height / 28)) + 2;
  const shrink = Math.max(1, width / 1024, height / 1024);
  const rows = Math.ceil(height / shrink / 16);
  const pixtral = rows * (Math.ceil(width / shrink / 16) + 1);
  const llama32 = 1601 * Math.min(2, Math.ceil(width / 560)) * Math.min(2, Math.ceil(height / 560));
  return Math.max(llama4ImageTokens(size), openaiPatchTokens(size, 2.46), qwen, pixtral, llama32);
}
