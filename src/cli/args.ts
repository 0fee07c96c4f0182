import { parseArgs } from 'node:util';

import { LongviewError } from '../core/errors.ts';

export const usage = `Usage: longview <command> [options]

  pack [dir]               pack the workspace into one prompt and show where the tokens go
  ask "<question>" [dir]   ask a question about the workspace; the offline reader answers unless you name an endpoint
  count [paths]            count the tokens of files and folders as they are on disk, by o200k or as an endpoint would
  limit                    show an endpoint's context limit and its evidence
  endpoints                list the endpoints you have configured

  --endpoint ID            an endpoint of your endpoints.json, or "offline"
  --base-url URL --model M an OpenAI-compatible endpoint, without configuring it
  --api-key-env NAME       the environment variable that holds its key
  --limit N                context limit in tokens: lowers a known limit, stands where none is known
  --tokenizer NAME|FILE    count with o200k, cl100k, or your copy of a tokenizer.model or tokenizer.json
  --measure                limit: find the real limit by asking; says first what that costs at worst
  --max-tokens N           limit --measure: tokens to spend at most (1,000,000)
  --allow-secret ID        send this secret as it is, by its id in the list of redacted ones; may be repeated
  --full PATH              send this file or folder of data as it is, not shortened; may be repeated
  --json                   one JSON document on stdout
  --out FILE               pack: write the prompt; ask: write the answer ("-" is stdout)
  --help, --version

Exit codes: 0 done, 1 the job failed, 2 wrong usage, 130 cancelled.
`;

export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'pack'; readonly dir: string; readonly options: Options }
  | { readonly kind: 'ask'; readonly question: string; readonly dir: string; readonly options: Options }
  | { readonly kind: 'count'; readonly paths: readonly string[]; readonly options: Options }
  | { readonly kind: 'limit' | 'endpoints'; readonly options: Options };

export interface Options {
  readonly endpoint?: string;
  readonly baseUrl?: string;
  readonly model?: string;
  readonly apiKeyEnv?: string;
  /** Tokens. */
  readonly limit?: number;
  /** `limit`: find it by asking. */
  readonly measure?: true;
  /** Tokens that measuring may spend. */
  readonly maxTokens?: number;
  /** `o200k`, `cl100k` or a file. */
  readonly tokenizer?: string;
  /** Ids of secrets that are not redacted. */
  readonly allowSecrets?: readonly string[];
  /** Paths that are not shortened. */
  readonly full?: readonly string[];
  readonly json: boolean;
  readonly out?: string;
}

/** Reads the command line. Throws `bad-usage`, which exits with 2. */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  const options: Options = {
    json: values.json === true,
    ...(values.measure === true && { measure: true }),
    ...(values['max-tokens'] !== undefined && { maxTokens: tokens(values['max-tokens'], '--max-tokens') }),
    ...(values.endpoint !== undefined && { endpoint: values.endpoint }),
    ...(values['base-url'] !== undefined && { baseUrl: values['base-url'] }),
    ...(values.model !== undefined && { model: values.model }),
    ...(values['api-key-env'] !== undefined && { apiKeyEnv: values['api-key-env'] }),
    ...(values.out !== undefined && { out: values.out }),
    ...(values.limit !== undefined && { limit: tokens(values.limit, '--limit') }),
    ...(values.tokenizer !== undefined && { tokenizer: values.tokenizer }),
    ...(values.full !== undefined && { full: values.full.map(path => path.replace(/^\.\//, '')) }),
    ...(values['allow-secret'] !== undefined && { allowSecrets: values['allow-secret'].map(secretIdOf) }),
  };
  if (options.endpoint !== undefined && options.baseUrl !== undefined) {
    throw wrong('--endpoint and --base-url name two different endpoints');
  }
  if (options.json && options.out === '-') throw wrong('--json and --out - both want stdout');
  if ((options.baseUrl === undefined) !== (options.model === undefined)) {
    throw wrong('--base-url and --model go together');
  }
  const [command, ...rest] = positionals;
  if (options.measure === true && command !== 'limit') throw wrong('--measure belongs to limit');
  if (options.maxTokens !== undefined && options.measure !== true)
    throw wrong('--max-tokens belongs to --measure');
  switch (command) {
    case 'pack':
      return { kind: 'pack', dir: only(rest, 1)[0] ?? '.', options };
    case 'ask': {
      const [question, dir] = only(rest, 2);
      if (question === undefined || question.trim() === '') throw wrong('ask needs a question');
      return { kind: 'ask', question, dir: dir ?? '.', options };
    }
    case 'count':
      return { kind: 'count', paths: rest.length === 0 ? ['.'] : rest, options };
    case 'limit':
    case 'endpoints':
      only(rest, 0);
      return { kind: command, options };
    case undefined:
      throw wrong('no command was given');
    default:
      throw wrong(`"${command}" is not a command`);
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        endpoint: { type: 'string' },
        'base-url': { type: 'string' },
        model: { type: 'string' },
        'api-key-env': { type: 'string' },
        limit: { type: 'string' },
        measure: { type: 'boolean' },
        'max-tokens': { type: 'string' },
        tokenizer: { type: 'string' },
        full: { type: 'string', multiple: true },
        'allow-secret': { type: 'string', multiple: true },
        json: { type: 'boolean' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function only(rest: readonly string[], most: number): readonly string[] {
  const extra = rest[most];
  if (extra !== undefined) throw wrong(`"${extra}" is one argument too many`);
  return rest;
}

/** `131072`, `131,072`, `128k`, `1.3M`. */
function tokens(value: string, option: string): number {
  const [, digits, unit] = /^([\d_,]+|\d+\.\d+(?=[kKmM]))([kKmM]?)$/.exec(value) ?? [];
  const factor = unit === undefined || unit === '' ? 1 : unit.toLowerCase() === 'k' ? 1000 : 1_000_000;
  const number = Math.round(Number(digits?.replace(/[_,]/g, '')) * factor);
  if (!Number.isInteger(number) || number <= 0)
    throw wrong(`${option} takes a number of tokens above 0, such as 131072 or 128k`);
  return number;
}

/** An id that cannot be one would silently allow nothing. */
function secretIdOf(value: string): string {
  if (!/^[0-9a-f]{12}$/.test(value))
    throw wrong('--allow-secret takes an id of 12 digits, as `longview pack` lists it');
  return value;
}

function wrong(what: string): LongviewError {
  return new LongviewError('bad-usage', `${what.replace(/[.\s]+$/, '')}.`, 'See longview --help.');
}
