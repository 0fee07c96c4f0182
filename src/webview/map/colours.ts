/** Channels, 0 to 1. */
export type Rgba = readonly [r: number, g: number, b: number];

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** As one number of `ImageData`'s bytes: red, green, blue, alpha. */
export function pixelOf([r, g, b]: Rgba): number {
  const bytes = [r, g, b, 1].map(c => Math.round(Math.max(0, Math.min(1, c)) * 255));
  const order = littleEndian ? bytes.reverse() : bytes;
  return order.reduce((all, byte) => all * 256 + byte, 0);
}

/** Of `rgb(1, 2, 3)` or `color(srgb 0.1 0.2 0.3)`, 0 to 1. */
export function channelsOf(colour: string): Rgba {
  const numbers = [...colour.matchAll(/-?[\d.]+(?:e-?\d+)?/g)].map(Number);
  const [r = 0, g = 0, b = 0] = colour.startsWith('rgb') ? numbers.map(n => n / 255) : numbers;
  return [r, g, b];
}

/** `share` of `a`, and the rest of `b`. */
export function mixed(a: Rgba, b: Rgba, share: number): Rgba {
  const of = (x: number, y: number) => x * share + y * (1 - share);
  return [of(a[0], b[0]), of(a[1], b[1]), of(a[2], b[2])];
}

/** Black or white, whichever stands out more (WCAG's relative luminance). */
export function readable(colour: Rgba): string {
  const [r, g, b] = colour.map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
  return luminance > 0.179 ? '#000000' : '#ffffff';
}
