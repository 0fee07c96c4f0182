import type { TokenCounter } from './counter.ts';
import { splitters, type SplitterName } from './createCounter.ts';
import { createFastCounter } from './fastCounter.ts';
import { listedPairs } from './pairs.ts';
import { rankTable, type RankTable } from './ranks.ts';
import { unusable } from './tokenizerError.ts';
import { buildVocabulary, missingBytes } from './vocabulary.ts';

interface Loaded {
  readonly counter: TokenCounter;
  /** Tokens in the order of their ids, added (special) tokens left out. */
  readonly table: RankTable;
}

/**
 * Counter from the text of a Hugging Face `tokenizer.json`: byte-level BPE whose splitting pattern is one Longview
 * knows. The listed merges are followed to the letter, so the count is what the `tokenizers` library makes of
 * ordinary text. `nameIt` gives the counter its id. Throws `bad-settings` on anything else.
 */
export function huggingFaceCounter(json: string, nameIt: (table: RankTable) => string): Loaded {
  const file = record(parse(json), 'it is not a JSON object');
  const model = record(file['model'], 'it has no "model", so it is no tokenizer.json');
  refuseOtherModels(model);
  const splitter = splitterOf(file['pre_tokenizer']);
  const normalise = normaliserOf(file['normalizer']);
  const { table, numbers } = vocabularyOf(model['vocab'], addedTokens(file['added_tokens']));
  if (missingBytes(table).length > 0) throw unusable('its vocabulary lacks tokens for single bytes');
  const counter = createFastCounter({
    id: nameIt(table),
    vocabulary: buildVocabulary(table),
    pairs: listedPairs(mergesOf(model['merges'], numbers)),
    splitter: splitters[splitter](),
    wholePieces: model['ignore_merges'] === true,
    normalise,
  });
  return { counter, table };
}

function refuseOtherModels(model: Readonly<Record<string, unknown>>): void {
  const type = model['type'] ?? 'BPE';
  if (type !== 'BPE') throw unusable(`its model is ${JSON.stringify(type)}, not byte-level BPE`);
  if (model['byte_fallback'] === true) {
    throw unusable(
      'it falls back to bytes instead of starting from them (SentencePiece style, as Gemma has)',
    );
  }
  for (const key of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix']) {
    if (model[key]) throw unusable(`it sets "${key}", which byte-level BPE has no use for`);
  }
}

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const SPACES = String.raw`\s*[\r\n]+|\s+(?!\S)|\s+`;

function wordsOf(suffix: string, digits: string): string {
  const prefix = String.raw`[^\r\n\p{L}\p{N}]?`;
  const upper = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
  const lower = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
  const words = `${prefix}${upper}*${lower}+${suffix}|${prefix}${upper}+${lower}*${suffix}`;
  return String.raw`${words}|${digits}| ?[^\s\p{L}\p{N}]+[\r\n/]*|${SPACES}`;
}

function plainOf(digits: string): string {
  return String.raw`${CONTRACTIONS}|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|${SPACES}`;
}

/** Splitting patterns as tokenizer.json files spell them. */
export const knownPatterns: ReadonlyMap<string, SplitterName> = new Map([
  [wordsOf(`${CONTRACTIONS}?`, String.raw`\p{N}{1,3}`), 'o200k'],
  [wordsOf('', String.raw`\p{N}`), 'tekken'],
  [plainOf(String.raw`\p{N}{1,3}`), 'llama3'],
  [plainOf(String.raw`\p{N}`), 'qwen'],
]);

function splitterOf(value: unknown): SplitterName {
  const top = record(value, 'it has no pre-tokenizer');
  const steps =
    top['type'] === 'Sequence' && Array.isArray(top['pretokenizers']) ? top['pretokenizers'] : [top];
  const [split, bytes] = steps.map(step => record(step, 'its pre-tokenizer is malformed'));
  if (steps.length !== 2 || split?.['type'] !== 'Split' || bytes?.['type'] !== 'ByteLevel') {
    throw unusable('its pre-tokenizer is not one split followed by the byte-level alphabet');
  }
  if (bytes['add_prefix_space'] === true || bytes['use_regex'] !== false) {
    throw unusable('its byte-level step also changes or splits the text');
  }
  const kept =
    split['behavior'] === 'Isolated' || (split['behavior'] === 'Removed' && split['invert'] === true);
  const pattern = record(split['pattern'], 'its split has no pattern')['Regex'];
  const known = typeof pattern === 'string' && kept ? knownPatterns.get(pattern) : undefined;
  if (known === undefined)
    throw unusable(`it splits text by a pattern Longview does not know: ${String(pattern)}`);
  return known;
}

function normaliserOf(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  const { type, normalizers } = record(value, 'its normalizer is malformed');
  if (type === 'NFC') return true;
  if (type === 'Sequence' && Array.isArray(normalizers) && normalizers.length <= 1) {
    return normaliserOf(normalizers[0]);
  }
  throw unusable(`it normalises text by ${JSON.stringify(type)}, which Longview does not do`);
}

function addedTokens(value: unknown): ReadonlySet<string> {
  const list = Array.isArray(value) ? value : [];
  return new Set(list.map(token => String(record(token, 'an added token is malformed')['content'])));
}

function printable(byte: number): boolean {
  return (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
}

/** The byte-level alphabet (GPT-2's): printable bytes stand for themselves, the others for U+0100 and up, in order. */
export const byteOfChar: ReadonlyMap<string, number> = (() => {
  let strange = 0x100;
  const alphabet = new Map<string, number>();
  for (let byte = 0; byte < 256; byte++)
    alphabet.set(String.fromCodePoint(printable(byte) ? byte : strange++), byte);
  return alphabet;
})();

function vocabularyOf(
  value: unknown,
  added: ReadonlySet<string>,
): { readonly table: RankTable; readonly numbers: ReadonlyMap<string, number> } {
  const entries = Object.entries(record(value, 'its model has no vocabulary'));
  const ids = new Set<number>();
  const kept: [string, number][] = [];
  for (const [text, id] of entries) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0)
      throw unusable(`token ${text} has no whole id`);
    if (ids.has(id)) throw unusable(`two tokens share the id ${id}`);
    ids.add(id);
    if (!added.has(text)) kept.push([text, id]);
  }
  kept.sort((a, b) => a[1] - b[1]);
  const table = rankTable(kept.map(([text]) => bytesOf(text)));
  return { table, numbers: new Map(kept.map(([text], rank) => [text, rank])) };
}

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = byteOfChar.get(text.charAt(i));
    if (byte === undefined) throw unusable(`token ${JSON.stringify(text)} is not in the byte-level alphabet`);
    bytes[i] = byte;
  }
  if (bytes.length === 0) throw unusable('it holds an empty token');
  return bytes;
}

function mergesOf(value: unknown, numbers: ReadonlyMap<string, number>): Int32Array {
  if (!Array.isArray(value) || value.length === 0) throw unusable('its model lists no merges');
  const merges = new Int32Array(value.length * 3);
  value.forEach((merge: unknown, index) => {
    const parts: readonly unknown[] =
      typeof merge === 'string' ? merge.split(' ') : Array.isArray(merge) ? merge : [];
    const [left, right] = parts;
    const whole = typeof left === 'string' && typeof right === 'string' && parts.length === 2;
    const ranks = whole ? [left, right, left + right].map(part => numbers.get(part)) : [undefined];
    if (ranks.includes(undefined)) {
      throw unusable(`merge ${index + 1} does not join two tokens into a third: ${JSON.stringify(merge)}`);
    }
    merges.set(ranks as number[], index * 3);
  });
  return merges;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\uFEFF/u, ''));
  } catch (cause) {
    throw unusable('it is not valid JSON', cause);
  }
}

function record(value: unknown, why: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unusable(why);
  return value as Readonly<Record<string, unknown>>;
}
