import { isAbsolute, sep } from 'node:path';
import { parseArgs } from 'node:util';

import { LongviewError } from '../core/errors.ts';
import { presets, readPreset, type PresetId } from '../core/pack/presets.ts';
import type { Steering } from '../core/pack/steering.ts';

export const usage = `Usage: longview <command> [options]

  pack [dir]               pack the workspace into one prompt and show where the tokens go
  unpack FILE --to DIR     write the files that stand in full in a prompt of pack --out
  ask "<question>" [dir]   ask a question about the workspace; the offline reader answers unless you name an endpoint;
                           it may begin with /explain, /where, /impact, /audit or /diff
  mcp [dir]                serve the workspace to other agents, as an MCP server on stdin and stdout
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
  --preset NAME            pack, ask: what the prompt holds: everything, source, changed (on this branch, and what
                           it touches), tests (and what they test), docs
  --selection NAME         pack, ask: a selection of the workspace's .longview/selections.json
  --pin PATH               pack, ask: this file or folder of the workspace first; may be repeated
  --exclude PATH           pack, ask: nothing of this file or folder; may be repeated
  --outline PATH           pack, ask: only the signatures of this file or folder; may be repeated
  --images                 pack, ask: send the images that packed Markdown files refer to, where the model reads them
  --to DIR, --force        unpack: where to; and replace what is there
  --json                   one JSON document on stdout
  --map                    pack: draw the budget and a table of folders
  --html FILE              pack: write the budget map as one HTML page that needs nothing else
  --out FILE               pack: write the prompt; ask: write the answer ("-" is stdout)
  --help, --version

Exit codes: 0 done, 1 the job failed, 2 wrong usage, 130 cancelled.
`;

export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'pack' | 'mcp'; readonly dir: string; readonly options: Options }
  | { readonly kind: 'ask'; readonly question: string; readonly dir: string; readonly options: Options }
  | { readonly kind: 'count'; readonly paths: readonly string[]; readonly options: Options }
  | { readonly kind: 'unpack'; readonly prompt: string; readonly to: string; readonly options: Options }
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
  readonly preset?: PresetId;
  /** Name of a shared selection. */
  readonly selection?: string;
  /** Images that Markdown files refer to go along. */
  readonly images?: true;
  /** What is wanted of files and folders, by path in the workspace. */
  readonly steering?: Steering;
  /** `unpack`: replace files. */
  readonly force?: true;
  /** `pack`: draw the budget and a table of folders. */
  readonly map?: true;
  /** `pack`: file of the budget map's page. */
  readonly html?: string;
  readonly json: boolean;
  readonly out?: string;
}

/** Reads the command line. Throws `bad-usage`, which exits with 2. */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  const [command, ...rest] = positionals;
  const steering = steeringOf(values);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  const options: Options = {
    json: values.json === true,
    ...(steering !== undefined && { steering }),
    ...(values.preset !== undefined && { preset: presetNamed(values.preset) }),
    ...(values.selection !== undefined && { selection: values.selection }),
    ...(values.force === true && { force: true }),
    ...(values.images === true && { images: true }),
    ...(values.measure === true && { measure: true }),
    ...(values['max-tokens'] !== undefined && { maxTokens: tokens(values['max-tokens'], '--max-tokens') }),
    ...(values.map === true && { map: true }),
    ...(values.html !== undefined && { html: values.html }),
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
  if (values.to !== undefined && command !== 'unpack') throw wrong('--to belongs to unpack');
  if (values.force === true && command !== 'unpack') throw wrong('--force belongs to unpack');
  const steers = options.steering ?? options.preset ?? options.selection;
  if (steers !== undefined && command !== 'pack' && command !== 'ask')
    throw wrong('--preset, --selection, --pin, --exclude and --outline belong to pack and ask');
  if (options.preset !== undefined && options.selection !== undefined)
    throw wrong('--preset and --selection name two different things: a selection has its own preset');
  if (options.images === true && command !== 'pack' && command !== 'ask')
    throw wrong('--images belongs to pack and ask');
  if ((options.map === true || options.html !== undefined) && command !== 'pack')
    throw wrong('--map and --html belong to pack');
  if (options.map === true && options.json) throw wrong('--map and --json both want stdout');
  if (options.html === '-' || options.html === '') throw wrong('--html takes the name of a file');
  if (options.endpoint !== undefined && options.baseUrl !== undefined) {
    throw wrong('--endpoint and --base-url name two different endpoints');
  }
  if (options.json && options.out === '-') throw wrong('--json and --out - both want stdout');
  if ((options.baseUrl === undefined) !== (options.model === undefined)) {
    throw wrong('--base-url and --model go together');
  }
  if (command === 'mcp' && (options.json || options.out !== undefined))
    throw wrong('mcp speaks its protocol on stdout, so --json and --out have no place');
  if (options.measure === true && command !== 'limit') throw wrong('--measure belongs to limit');
  if (options.maxTokens !== undefined && options.measure !== true)
    throw wrong('--max-tokens belongs to --measure');
  switch (command) {
    case 'pack':
      return { kind: 'pack', dir: only(rest, 1)[0] ?? '.', options };
    case 'unpack': {
      const [prompt] = only(rest, 1);
      if (prompt === undefined) throw wrong('unpack needs the file of a prompt');
      if (values.to === undefined) throw wrong('unpack needs --to, the folder to write to');
      return { kind: 'unpack', prompt, to: values.to, options };
    }
    case 'mcp':
      return { kind: command, dir: only(rest, 1)[0] ?? '.', options };
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
        preset: { type: 'string' },
        selection: { type: 'string' },
        pin: { type: 'string', multiple: true },
        exclude: { type: 'string', multiple: true },
        outline: { type: 'string', multiple: true },
        to: { type: 'string' },
        force: { type: 'boolean' },
        images: { type: 'boolean' },
        map: { type: 'boolean' },
        html: { type: 'string' },
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

function presetNamed(name: string): PresetId {
  const preset = readPreset(name);
  if (preset === undefined) throw wrong(`--preset takes one of ${presets.map(p => p.id).join(', ')}`);
  return preset;
}

/** Undefined where nothing is wanted of any path. */
function steeringOf(values: {
  readonly pin?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly outline?: readonly string[] | undefined;
}): Steering | undefined {
  const wishes = (['pin', 'exclude', 'outline'] as const).flatMap(wish =>
    (values[wish] ?? []).map(path => [inWorkspace(path, wish), wish] as const),
  );
  return wishes.length === 0 ? undefined : new Map(wishes);
}

function inWorkspace(path: string, option: string): string {
  const steps = (sep === '\\' ? path.replaceAll('\\', '/') : path).split('/');
  const kept = steps.filter(step => step !== '' && step !== '.');
  if (isAbsolute(path) || kept.includes('..'))
    throw wrong(`--${option} takes a path inside the workspace, such as src/app.ts`);
  return kept.join('/');
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
