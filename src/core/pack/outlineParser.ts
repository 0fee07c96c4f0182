import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

import { Language, Parser } from '@vscode/tree-sitter-wasm';

import { outlineRows } from './outlineTree.ts';
import { outlineRules } from './outlineRules.ts';

/** Longer texts are not parsed. Characters. */
const mostChars = 1_000_000;

/**
 * How often a parser may report progress on a text before it is told to stop: about five times what real code takes.
 * Steps and no clock, so that an outline does not depend on how busy the machine is; 10,000 are 2 to 4 seconds.
 */
function mostSteps(chars: number): number {
  return Math.min(10_000, 200 + Math.ceil(chars / 50));
}

/** Signatures of one text. */
export interface OutlineParser {
  /** 1-based lines to keep, ascending; empty where nothing is declared, or where the text cannot be parsed in time. */
  lines(language: string, text: string): Promise<readonly number[]>;
}

/** `folder` holds the runtime and the grammars, as `tools/grammars.mjs` writes them; each is loaded when first needed. */
export function createOutlineParser(folder: string): OutlineParser {
  const wasm = (name: string) => brotliDecompressSync(readFileSync(join(folder, `${name}.wasm.br`)));
  const languages = new Map<string, Promise<Language>>();
  let ready: Promise<void> | undefined;
  let broken = false;

  async function load(grammar: string): Promise<Language> {
    // Both are emscripten's, and only one of them is in the types.
    const options = { wasmBinary: wasm('tree-sitter'), locateFile: (file: string) => file };
    ready ??= Parser.init(options);
    await ready;
    return Language.load(wasm(grammar));
  }

  return {
    async lines(language, text) {
      const rules = outlineRules[language];
      if (rules === undefined || broken || text.length > mostChars) return [];
      const known = languages.get(rules.grammar) ?? load(rules.grammar);
      languages.set(rules.grammar, known);
      const grammar = await known;
      try {
        return parse(grammar, text, root => outlineRows(root, rules)).map(row => row + 1);
      } catch {
        // The runtime's memory is in an unknown state: no further outlines in this worker, but everything else.
        broken = true;
        return [];
      }
    },
  };
}

function parse(
  language: Language,
  text: string,
  read: (root: Parameters<typeof outlineRows>[0]) => number[],
): number[] {
  const parser = new Parser();
  try {
    parser.setLanguage(language);
    let left = mostSteps(text.length);
    // Typed as if it returned nothing; what it returns decides.
    const progressCallback: (state: unknown) => void = () => --left < 0;
    const tree = parser.parse(text, null, { progressCallback });
    if (tree === null) return [];
    try {
      return read(tree.rootNode);
    } finally {
      tree.delete();
    }
  } finally {
    parser.delete();
  }
}
