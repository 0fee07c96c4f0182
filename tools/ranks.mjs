// Writes the compact rank files that ship in dist/: `node tools/ranks.mjs [outDir]`.
// Form (src/core/tokens/ranks.ts reads it): "LVRANKS1", token count and byte count (uint32 LE), one length byte per
// token, then the token bytes in rank order; all of it compressed with brotli.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const require = createRequire(import.meta.url);

/** Encoding -> name of the file in `gpt-tokenizer/data`. */
export const encodings = { o200k: 'o200k_base.tiktoken', cl100k: 'cl100k_base.tiktoken' };

/** Packs the text of a `.tiktoken` file ("base64 rank" lines, ranks 0, 1, 2 …). Returns the uncompressed form. */
export function packRanks(text) {
  const tokens = text
    .split('\n')
    .filter(line => line !== '')
    .map((line, index) => {
      const [token, rank] = line.split(' ');
      if (Number(rank) !== index) throw new Error(`line ${index + 1} has rank ${rank}, expected ${index}`);
      return Buffer.from(token, 'base64');
    });
  const long = tokens.find(token => token.length > 255 || token.length === 0);
  if (long !== undefined) throw new Error(`a token of ${long.length} bytes does not fit one length byte`);
  const header = Buffer.alloc(16);
  header.write('LVRANKS1', 'latin1');
  header.writeUInt32LE(tokens.length, 8);
  header.writeUInt32LE(
    tokens.reduce((sum, token) => sum + token.length, 0),
    12,
  );
  return Buffer.concat([header, Buffer.from(tokens.map(token => token.length)), ...tokens]);
}

/** Compresses what `packRanks` returns. Quality 11 (792 kB, seconds) is for packages, 5 (851 kB, 0.1 s) for builds. */
export function compressRanks(packed, quality = 11) {
  return brotliCompressSync(packed, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: packed.length,
    },
  });
}

/** Text of gpt-tokenizer's rank file for an encoding. */
export function rankFileText(encoding) {
  return readFileSync(require.resolve(`gpt-tokenizer/data/${encodings[encoding]}`), 'utf8');
}

/** Writes `<encoding>.ranks` for every encoding into `outDir`; returns `{ name: bytes }`. */
export function writeRanks(outDir, quality = 11) {
  mkdirSync(outDir, { recursive: true });
  const sizes = {};
  for (const encoding of Object.keys(encodings)) {
    const file = compressRanks(packRanks(rankFileText(encoding)), quality);
    writeFileSync(join(outDir, `${encoding}.ranks`), file);
    sizes[`${encoding}.ranks`] = file.length;
  }
  return sizes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(writeRanks(process.argv[2] ?? 'dist'));
}
