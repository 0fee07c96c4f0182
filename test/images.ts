/** Small images for tests: real headers, and as many bytes as are wanted behind them. */

export function png(width: number, height: number, bytes = 100): Buffer {
  const head = Buffer.alloc(33);
  head.write('\x89PNG\r\n\x1a\n', 'latin1');
  head.writeUInt32BE(13, 8);
  head.write('IHDR', 12);
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return padded(head, bytes);
}

/** `before`: bytes of profiles and previews in front of the size. */
export function jpeg(width: number, height: number, bytes = 100, before = 0): Buffer {
  const segments: Buffer[] = [];
  for (let left = before; left > 0; left -= 60_000) {
    const length = Math.min(left, 60_000);
    segments.push(Buffer.from([0xff, 0xe1, (length + 2) >> 8, (length + 2) & 255]), Buffer.alloc(length, 1));
  }
  const frame = Buffer.from([0xff, 0xc2, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1]);
  return padded(Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, frame]), bytes);
}

export function webp(kind: 'VP8 ' | 'VP8L' | 'VP8X', width: number, height: number, bytes = 100): Buffer {
  const head = Buffer.alloc(30);
  head.write('RIFF');
  head.write('WEBP', 8);
  head.write(kind, 12);
  if (kind === 'VP8 ') {
    head.write('\x9d\x01\x2a', 23, 'latin1');
    head.writeUInt16LE(width, 26);
    head.writeUInt16LE(height, 28);
  } else if (kind === 'VP8L') {
    head[20] = 0x2f;
    head.writeUInt32LE((((height - 1) << 14) | (width - 1)) >>> 0, 21);
  } else {
    head.writeUIntLE(width - 1, 24, 3);
    head.writeUIntLE(height - 1, 27, 3);
  }
  return padded(head, bytes);
}

/** Different in every byte count, and with zeros, so that nobody takes it for text. */
function padded(head: Buffer, bytes: number): Buffer {
  const rest = Buffer.alloc(Math.max(0, bytes - head.length));
  for (let i = 0; i < rest.length; i++) rest[i] = (i * 31 + bytes) & 255;
  return Buffer.concat([head, rest]);
}
