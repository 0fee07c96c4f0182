export const grammars: readonly string[];
export function writeGrammars(outDir: string, quality?: number): void;
