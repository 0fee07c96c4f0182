/** Formats that every host which reads images takes. */
export type ImageFormat = 'png' | 'jpeg' | 'webp';

export type ImageHeader =
  /** Pixels, as the header claims. */
  | { readonly kind: 'image'; readonly format: ImageFormat; readonly width: number; readonly height: number }
  /** It begins like one, and the bytes given end before its size. */
  | { readonly kind: 'truncated'; readonly format: ImageFormat }
  /** It begins like one, and what follows makes no sense. */
  | { readonly kind: 'damaged'; readonly format: ImageFormat }
  | { readonly kind: 'other' };

/**
 * What a file is by its first bytes, whatever it is called. Nothing is decoded, so what a header claims costs nothing.
 * Never throws; linear in the bytes.
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader {
  if (startsWith(bytes, 0, pngSignature)) return readPng(bytes);
  if (startsWith(bytes, 0, [0xff, 0xd8, 0xff])) return readJpeg(bytes);
  if (startsWith(bytes, 0, ascii('RIFF')) && startsWith(bytes, 8, ascii('WEBP'))) return readWebp(bytes);
  return { kind: 'other' };
}

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** ISO/IEC 15948, 11.2.1: IHDR comes first and has 13 bytes; a size is 1 to 2^31 - 1. */
function readPng(bytes: Uint8Array): ImageHeader {
  if (bytes.length < 24) return { kind: 'truncated', format: 'png' };
  if (viewOf(bytes).getUint32(8) !== 13 || !startsWith(bytes, 12, ascii('IHDR')))
    return { kind: 'damaged', format: 'png' };
  return sized('png', viewOf(bytes).getUint32(16), viewOf(bytes).getUint32(20));
}

/** ITU-T T.81, B.1 and B.2.2: segments with lengths until a frame header (SOF), which has height, then width. */
function readJpeg(bytes: Uint8Array): ImageHeader {
  const damaged: ImageHeader = { kind: 'damaged', format: 'jpeg' };
  const view = viewOf(bytes);
  let at = 2;
  for (;;) {
    if (at >= bytes.length) return { kind: 'truncated', format: 'jpeg' };
    if (bytes[at] !== 0xff) return damaged;
    // Any number of fill bytes may stand before a marker.
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined) return { kind: 'truncated', format: 'jpeg' };
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    // Image data or the end before any frame header; 0 is no marker.
    if (marker === 0 || marker === 0xd8 || marker === 0xd9 || marker === 0xda) return damaged;
    if (at + 2 > bytes.length) return { kind: 'truncated', format: 'jpeg' };
    const length = view.getUint16(at);
    if (length < 2) return damaged;
    if (isFrameHeader(marker)) {
      if (at + 7 > bytes.length) return { kind: 'truncated', format: 'jpeg' };
      return sized('jpeg', view.getUint16(at + 5), view.getUint16(at + 3));
    }
    at += length;
  }
}

/** SOF0 to SOF15; DHT, JPG and DAC stand among their numbers. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** RFC 9649, 2.5 to 2.7: lossy, lossless and extended files have their sizes at different places. */
function readWebp(bytes: Uint8Array): ImageHeader {
  const truncated: ImageHeader = { kind: 'truncated', format: 'webp' };
  if (bytes.length < 30) return truncated;
  const view = viewOf(bytes);
  const little24 = (at: number) => view.getUint16(at, true) + ((bytes[at + 2] ?? 0) << 16);
  if (startsWith(bytes, 12, ascii('VP8 '))) {
    if (!startsWith(bytes, 23, [0x9d, 0x01, 0x2a])) return { kind: 'damaged', format: 'webp' };
    return sized('webp', view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
  }
  if (startsWith(bytes, 12, ascii('VP8L'))) {
    if (bytes[20] !== 0x2f) return { kind: 'damaged', format: 'webp' };
    const bits = view.getUint32(21, true);
    return sized('webp', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  if (startsWith(bytes, 12, ascii('VP8X'))) return sized('webp', little24(24) + 1, little24(27) + 1);
  return { kind: 'damaged', format: 'webp' };
}

function sized(format: ImageFormat, width: number, height: number): ImageHeader {
  const possible = width > 0 && height > 0 && width < 2 ** 31 && height < 2 ** 31;
  return possible ? { kind: 'image', format, width, height } : { kind: 'damaged', format };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function startsWith(bytes: Uint8Array, at: number, expected: readonly number[]): boolean {
  return expected.every((byte, i) => bytes[at + i] === byte);
}

function ascii(text: string): number[] {
  return [...Buffer.from(text, 'latin1')];
}
