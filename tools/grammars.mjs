// Writes the tree-sitter runtime and grammars that ship in dist/grammars/: WebAssembly, compressed with brotli, which
// takes 1.2 MB of the package; by the zip itself it would be 1.7 MB.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const require = createRequire(import.meta.url);

/** The runtime, then one grammar each. C is parsed by the C++ grammar. */
export const grammars = [
  'tree-sitter',
  'tree-sitter-c-sharp',
  'tree-sitter-cpp',
  'tree-sitter-go',
  'tree-sitter-java',
  'tree-sitter-javascript',
  'tree-sitter-php',
  'tree-sitter-python',
  'tree-sitter-ruby',
  'tree-sitter-rust',
  'tree-sitter-tsx',
  'tree-sitter-typescript',
];

/** Quality 9 (1.2 MB, 3 s) is for packages, 1 (1.8 MB, 0.2 s) for builds. */
export function writeGrammars(outDir, quality = 9) {
  const from = dirname(require.resolve('@vscode/tree-sitter-wasm'));
  mkdirSync(join(outDir, 'grammars'), { recursive: true });
  for (const name of grammars) {
    const wasm = readFileSync(join(from, `${name}.wasm`));
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length,
    };
    writeFileSync(join(outDir, 'grammars', `${name}.wasm.br`), brotliCompressSync(wasm, { params }));
  }
}
