import type { Encoding } from '../src/core/tokens/createCounter.ts';

export const encodings: Readonly<Record<Encoding, string>>;
export function packRanks(text: string): Buffer;
export function compressRanks(packed: Uint8Array, quality?: number): Buffer;
export function rankFileText(encoding: Encoding): string;
export function writeRanks(outDir: string, quality?: number): Record<string, number>;
