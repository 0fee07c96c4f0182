import { rankTable, tokenBytes, type RankTable } from './ranks.ts';
import { unusable } from './tokenizerError.ts';

const LINE = /^([A-Za-z0-9+/]+={0,2}) (\d+)$/;

/**
 * Parses "base64 rank" lines, the format of OpenAI's `.tiktoken` and Meta's `tokenizer.model`. Ranks must be 0, 1,
 * 2 … without a gap, in any order, and no token may come twice.
 */
export function parseRankLines(text: string): RankTable {
  const tokens: Uint8Array[] = [];
  const seen = new Set<string>();
  let number = 0;
  for (const raw of text.split('\n')) {
    number++;
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line === '') continue;
    const [, base64, rank] = LINE.exec(line) ?? [];
    if (base64 === undefined || rank === undefined) throw unusable(`line ${number} is not "base64 rank"`);
    const token = Buffer.from(base64, 'base64');
    if (token.length === 0) throw unusable(`line ${number} holds an empty token`);
    if (tokens[Number(rank)] !== undefined) throw unusable(`line ${number} repeats rank ${rank}`);
    if (seen.has(base64)) throw unusable(`line ${number} repeats a token`);
    seen.add(base64);
    tokens[Number(rank)] = token;
  }
  if (seen.size === 0) throw unusable('it holds no tokens');
  if (tokens.length !== seen.size)
    throw unusable(`its ranks have gaps: ${seen.size} tokens, last rank ${tokens.length - 1}`);
  return rankTable(tokens);
}

/** Text of one token. */
export function tokenText(table: RankTable, rank: number): string {
  return Buffer.from(tokenBytes(table, rank)).toString('utf8');
}
