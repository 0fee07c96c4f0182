import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startFake, type Fake, type FakeOptions } from '../fakes/index.ts';
import { runCli } from './run.ts';

/** The shape of a JSON document as the README writes it: `limit{tokens|null, evidence[{source, detail?}]}`. */
interface Field {
  readonly optional: boolean;
  readonly nullable: boolean;
  readonly list: boolean;
  /** Undefined for a plain value. */
  readonly fields?: ReadonlyMap<string, Field>;
}

function readShape(text: string): ReadonlyMap<string, Field> {
  let at = 0;
  const skip = (pattern: RegExp): string => {
    const [found = ''] = new RegExp(pattern.source, 'y').exec(text.slice(at)) ?? [];
    at += found.length;
    return found;
  };
  function fields(): Map<string, Field> {
    const all = new Map<string, Field>();
    do {
      const name = skip(/\s*\w+/).trim();
      assert.ok(name !== '', `no field name at: ${text.slice(at, at + 40)}`);
      const optional = skip(/\?/) !== '';
      const list = skip(/\[/) !== '';
      const inner = skip(/\{/) === '' ? undefined : fields();
      if (inner !== undefined) assert.equal(skip(/\}/), '}', text.slice(at, at + 40));
      if (list) assert.equal(skip(/\]/), ']', text.slice(at, at + 40));
      const nullable = skip(/\|null/) !== '';
      all.set(name, { optional, nullable, list, ...(inner && { fields: inner }) });
    } while (skip(/,/) !== '');
    return all;
  }
  const shape = fields();
  assert.equal(text.slice(at).trim(), '', 'the whole shape was read');
  return shape;
}

/** What of a value is not as documented, one line each. */
function differences(value: unknown, shape: ReadonlyMap<string, Field>, where: string): string[] {
  const object = value as Record<string, unknown>;
  const unknown = Object.keys(object).filter(key => !shape.has(key));
  return [
    ...unknown.map(key => `${where}.${key} is not documented`),
    ...[...shape].flatMap(([key, field]) => {
      const path = `${where}.${key}`;
      if (!(key in object)) return field.optional ? [] : [`${path} is missing`];
      return ofField(object[key], field, path);
    }),
  ];
}

function ofField(value: unknown, field: Field, path: string): string[] {
  if (value === null) return field.nullable ? [] : [`${path} is null`];
  if (field.list !== Array.isArray(value)) return [`${path} is ${field.list ? 'no' : 'a'} list`];
  const { fields } = field;
  if (fields === undefined) return [];
  return (field.list ? (value as unknown[]) : [value]).flatMap(one => differences(one, fields, path));
}

describe('the JSON of longview, as the README documents it', function () {
  this.timeout(60_000);
  let home: string;
  const fakes: Fake[] = [];
  const shapes = new Map<string, ReadonlyMap<string, Field>>();
  /** Fields that were seen with a value at least once; what nobody ever sees is not shown to be true. */
  const seen = new Set<string>();

  before(async () => {
    const readme = (await readFile('README.md', 'utf8')).replace(/\s+/g, ' ');
    for (const [, name = '', shape = ''] of readme.matchAll(/\*\*`(longview\.\w+\/1)`\*\*: `([^`]+)`/g))
      shapes.set(name, readShape(shape));
    home = await mkdtemp(join(tmpdir(), 'longview-json-'));
    const folder = join(home, 'project');
    await mkdir(folder);
    await writeFile(join(folder, 'pump.ts'), 'export const litres = 2;\n'.repeat(300));
    await writeFile(
      join(folder, 'latin.txt'),
      Buffer.from('Wasser f\xfcr \xfcber f\xfcnf B\xe4ume\n', 'latin1'),
    );
    await writeFile(join(folder, '.env'), 'TOKEN=ghp_abcdefghijklmnopqrstuvwxyz0123456789\n');
    await writeFile(join(folder, 'logo.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0]));
    const start = async (options: FakeOptions) => {
      const fake = await startFake(options);
      fakes.push(fake);
      return fake;
    };
    const { baseUrl, model } = await start({
      system: 'openrouter',
      contextTokens: 50_000,
      price: { input: 1, output: 2, cacheRead: 0.5 },
      reportsCache: true,
      answer: 'Two: `pump.ts:1` `export const litres = 2;` and `ghost.ts:3`.',
    });
    await mkdir(join(home, 'config', 'longview'), { recursive: true });
    const gone = await start({ system: 'groq', model: 'openai/gpt-oss-120b', contextTokens: 131_072 });
    const tgi = await start({ system: 'tgi', contextTokens: 32_768, maxInputTokens: 30_000 });
    const scout = 'meta-llama/llama-4-scout-17b-16e-instruct';
    const endpoints = [
      { id: 'one', provider: 'openrouter', baseUrl, model, contextLimit: 40_000, maxOutputTokens: 3000 },
      {
        id: 'gone',
        provider: 'groq',
        baseUrl: gone.baseUrl,
        model: scout,
        apiKeyEnv: 'KEY',
        tokenizer: '~/x',
      },
      { id: 'tgi', provider: 'tgi', baseUrl: tgi.baseUrl, model: tgi.model },
      { id: 'paid', name: 'Paid', baseUrl, model, price: { input: 1, output: 2, cachedInput: 0.1 } },
    ];
    await writeFile(join(home, 'config', 'longview', 'endpoints.json'), JSON.stringify(endpoints));
  });
  after(async () => {
    await Promise.all(fakes.map(fake => fake.close()));
    await rm(home, { recursive: true });
  });

  function note(value: unknown, shape: ReadonlyMap<string, Field>, where: string): void {
    for (const [key, field] of shape) {
      const found = (value as Record<string, unknown>)[key];
      const list = (field.list ? ((found ?? []) as unknown[]) : [found]).filter(one => one != null);
      if (list.length > 0) seen.add(`${where}.${key}`);
      for (const one of list) if (field.fields) note(one, field.fields, `${where}.${key}`);
    }
  }

  const commands: [string, ...string[]][] = [
    ['longview.pack/1', 'pack', 'project'],
    ['longview.pack/1', 'pack', 'project', '--limit', '2500'],
    ['longview.ask/1', 'ask', 'What does pump.ts hold?', 'project'],
    ['longview.ask/1', 'ask', 'How many litres?', 'project', '--endpoint', 'one'],
    ['longview.count/1', 'count', 'project'],
    ['longview.limit/1', 'limit'],
    ['longview.limit/1', 'limit', '--endpoint', 'one'],
    ['longview.limit/1', 'limit', '--endpoint', 'gone'],
    ['longview.limit/1', 'limit', '--endpoint', 'tgi'],
    ['longview.limit/1', 'limit', '--endpoint', 'one', '--measure', '--limit', '60k'],
    ['longview.endpoints/1', 'endpoints'],
  ];
  for (const [schema, ...args] of commands)
    it(args.join(' '), async () => {
      const env = { KEY: 'k' };
      const { stdout, stderr } = await runCli([...args, '--json'], { home, cwd: home, env });
      const document = JSON.parse(stdout || `{"stderr":${JSON.stringify(stderr)}}`) as { schema: string };
      assert.equal(document.schema, schema, stderr);
      const shape = shapes.get(schema);
      assert.ok(shape, `the README does not document ${schema}`);
      assert.deepEqual(differences(document, shape, schema), []);
      note(document, shape, schema);
    });

  it('every field that is always there was there with a value', () => {
    const expected = (shape: ReadonlyMap<string, Field>, where: string): string[] =>
      [...shape].flatMap(([key, field]) =>
        field.optional
          ? []
          : [`${where}.${key}`, ...(field.fields ? expected(field.fields, `${where}.${key}`) : [])],
      );
    const all = [...shapes].flatMap(([name, shape]) => expected(shape, name));
    // No server listens on this machine's default ports in a test.
    const unseen = all.filter(path => !seen.has(path) && !path.startsWith('longview.endpoints/1.local'));
    assert.deepEqual(unseen, []);
  });
});
