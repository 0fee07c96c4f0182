import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { LongviewError } from '../errors.ts';
import type { TokenCounter } from '../tokens/counter.ts';
import { counterIdOf, type CounterSource } from '../tokens/counterSource.ts';
import { counterOver, type Encoding } from '../tokens/createCounter.ts';
import { decodeRanks } from '../tokens/ranks.ts';
import { loadTokenizer, type OwnTokenizer } from '../tokens/tokenizerFile.ts';
import { vocabularyTables, type VocabularyTables } from '../tokens/vocabulary.ts';

/** The counters of one worker thread, loaded when first asked for. */
export interface WorkerCounters {
  /** Throws `tokenizer-gone` where a tokenizer file is not there any more, or is not what it was. */
  get(source: CounterSource): TokenCounter;
  /** As {@link get}, but a shipped vocabulary is loaded when first something is counted: often all counts are known. */
  lazy(source: CounterSource): TokenCounter;
  /**
   * Loads a shipped vocabulary, over tables that another thread has made where there are some, and tells which. Undefined
   * for a tokenizer file, and where it is loaded already.
   */
  prepare(source: CounterSource, tables?: VocabularyTables): VocabularyTables | undefined;
  /** Reads and checks a tokenizer file, and keeps its counter. Throws `bad-settings` with the reason. */
  inspect(path: string): OwnTokenizer;
}

/** A counter holds 25 to 70 MB: the one in use, and the one before it. */
const mostKept = 2;
/** The largest `tokenizer.json` in the wild have 35 MB. */
const mostBytes = 200_000_000;

/** `ranksFolder` holds `<encoding>.ranks`. */
export function createWorkerCounters(ranksFolder: string): WorkerCounters {
  const kept = new Map<string, TokenCounter>();

  function keep(counter: TokenCounter): TokenCounter {
    kept.delete(counter.id);
    kept.set(counter.id, counter);
    for (const id of [...kept.keys()].slice(0, -mostKept)) kept.delete(id);
    return counter;
  }

  function inspect(path: string): OwnTokenizer {
    const { counter, ...facts } = loadTokenizer(readTokenizer(path));
    keep(counter);
    return { ...facts, path, counterId: counter.id };
  }

  /** Another worker could use the file a moment ago. */
  function inspectAgain(path: string): OwnTokenizer {
    try {
      return inspect(path);
    } catch (error) {
      if (!(error instanceof LongviewError)) throw error;
      throw new LongviewError('tokenizer-gone', error.message, error.remedy, error);
    }
  }

  function lazy(source: CounterSource): TokenCounter {
    if (source.kind === 'file' || kept.has(counterIdOf(source))) return get(source);
    return {
      id: counterIdOf(source),
      exact: true,
      countText: text => get(source).countText(text),
      countUtf8: bytes => get(source).countUtf8(bytes),
    };
  }

  function get(source: CounterSource): TokenCounter {
    const id = counterIdOf(source);
    const known = kept.get(id);
    if (known !== undefined) return keep(known);
    if (source.kind === 'encoding') return keep(counterOver(tablesOf(source.encoding), source.encoding, id));
    const { counterId } = inspectAgain(source.path);
    const counter = kept.get(id);
    if (counter !== undefined) return counter;
    throw new LongviewError(
      'tokenizer-gone',
      `The tokenizer file ${source.path} has changed: it is ${counterId} now, and was ${id}.`,
      'Choose it again.',
    );
  }

  function tablesOf(encoding: Encoding): VocabularyTables {
    return vocabularyTables(decodeRanks(readFileSync(join(ranksFolder, `${encoding}.ranks`))));
  }

  function prepare(source: CounterSource, made?: VocabularyTables): VocabularyTables | undefined {
    if (source.kind === 'file' || kept.has(source.encoding)) return undefined;
    const tables = made ?? tablesOf(source.encoding);
    keep(counterOver(tables, source.encoding, source.encoding));
    return tables;
  }

  return { get, lazy, prepare, inspect };
}

function readTokenizer(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size <= mostBytes) return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error), error);
  }
  throw unreadable(path, 'it is larger than any tokenizer file');
}

function unreadable(path: string, why: string, cause?: unknown): LongviewError {
  return new LongviewError(
    'bad-settings',
    `The tokenizer file ${path} could not be read: ${why}.`,
    'Name your copy of the model’s tokenizer.model or tokenizer.json.',
    cause,
  );
}
