import assert from 'node:assert/strict';
import fc from 'fast-check';
import { classifyRefusal } from '../../../src/core/endpoint/refusal.ts';
import { blind, comparable, corpus, expected, more, type Entry } from './refusalCorpus.ts';

/** A way a gateway dresses up what it got from upstream. */
interface Wrapping {
  readonly name: string;
  readonly wrap: (body: unknown) => unknown;
}

const asText = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

/** Python's `repr` of a parsed body. */
function repr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([k, v]) => `${repr(k)}: ${repr(v)}`)
      .join(', ')}}`;
  }
  const text = String(value).replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replace(/'/g, "\\'")}'`;
}

const bytes = (text: string): string =>
  `b'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`;
const inObject = (body: unknown): unknown => (typeof body === 'string' ? { error: { message: body } } : body);

const wrappings: readonly Wrapping[] = [
  { name: 'JSON text', wrap: body => JSON.stringify(body) },
  {
    name: 'JSON in error.message',
    wrap: body => ({ error: { message: asText(body), code: 400, status: 'Bad Request' } }),
  },
  { name: 'error string', wrap: body => ({ error: asText(body) }) },
  { name: 'array', wrap: body => [inObject(body)] },
  { name: 'SSE data', wrap: body => `data: ${JSON.stringify(inObject(body))}\n\ndata: [DONE]\n\n` },
  { name: 'SSE error event', wrap: body => `event: error\ndata: ${JSON.stringify(inObject(body))}\n\n` },
  {
    name: 'SSE after an answer',
    wrap: body =>
      `: ping\n\ndata: {"choices":[{"delta":{"content":"Hello"}}]}\n\ndata: ${JSON.stringify(inObject(body))}\n\n`,
  },
  { name: 'bare JSON line', wrap: body => `\n${JSON.stringify(inObject(body))}\n` },
  {
    name: 'OpenRouter raw',
    wrap: body => ({
      error: {
        message: 'Provider returned error',
        code: 400,
        metadata: { raw: asText(body), provider_name: 'Nova' },
      },
    }),
  },
  {
    name: 'Cloudflare errors',
    wrap: body => ({
      success: false,
      errors: [{ code: 5021, message: asText(body) }],
      messages: [],
      result: null,
    }),
  },
  { name: 'detail', wrap: body => ({ detail: body }) },
  { name: 'problem+json', wrap: body => ({ status: 400, title: 'Bad Request', detail: asText(body) }) },
  {
    name: 'LiteLLM with a Python dict',
    wrap: body =>
      `litellm.BadRequestError: OpenAIException - Error code: 400 - ${repr(inObject(body))}\nmodel=m. context_window_fallbacks=None. fallbacks=None.`,
  },
  {
    name: 'LiteLLM with bytes',
    wrap: body => ({
      error: {
        message: `litellm.BadRequestError: VertexAIException BadRequestError - ${bytes(JSON.stringify(inObject(body)))}`,
      },
    }),
  },
  {
    name: 'LiteLLM text',
    wrap: body =>
      typeof body === 'string' ? `litellm.BadRequestError: OpenrouterException - ${body}` : { error: body },
  },
  { name: 'words before', wrap: body => `Upstream request failed: ${asText(body)}` },
  {
    name: 'words around',
    wrap: body => `[proxy-7] ${asText(body)} (request id: req_011CUB2XUHWkFnQzxcKBbjpF)`,
  },
];

const known: readonly Entry[] = [...corpus, ...more, ...blind];
/** Stacks that were once misread, kept as examples of the law. */
function stack(id: string, ...names: readonly string[]): [Entry, Wrapping[], undefined] {
  const entry = known.find(e => e.id === id);
  const layers = wrappings.filter(w => names.includes(w.name));
  assert.ok(entry !== undefined && layers.length === names.length, `no such stack: ${id} ${names.join()}`);
  return [entry, names.flatMap(name => layers.filter(w => w.name === name)), undefined];
}
const onceMisread = [
  stack('e185', 'SSE data', 'JSON text', 'words around'),
  stack('e221', 'words around', 'words before'),
  stack('d19', 'words around', 'words before'),
];

const anyEntry = fc.constantFrom(...known);
const anyWrapping = fc.constantFrom(...wrappings);
const statuses = [200, 400, 404, 413, 422, 500, 502, 503];

function reads(entry: Entry, body: unknown, status: number | null | undefined): void {
  const got = classifyRefusal({ ...(status != null && { status }), body });
  assert.deepEqual(comparable(entry, got), expected(entry));
}

describe('classifyRefusal under wrappings', function () {
  this.timeout(120_000);
  for (const wrapping of wrappings) {
    it(`reads every recorded refusal as ${wrapping.name}`, () => {
      for (const entry of known) {
        try {
          reads(entry, wrapping.wrap(entry.body), entry.status);
        } catch (error) {
          assert.fail(`${entry.id}: ${(error as Error).message}`);
        }
      }
    });
  }

  it('reads through any stack of wrappings, whatever the status', () => {
    fc.assert(
      fc.property(
        anyEntry.filter(e => e.status_matters !== true),
        fc.array(anyWrapping, { minLength: 1, maxLength: 4 }),
        fc.option(fc.constantFrom(...statuses), { nil: undefined }),
        (entry, layers, status) => {
          reads(
            entry,
            layers.reduce<unknown>((body, layer) => layer.wrap(body), entry.body),
            status,
          );
        },
      ),
      { numRuns: 2000, examples: onceMisread },
    );
  });

  it('reads through many levels of JSON in JSON', () => {
    fc.assert(
      fc.property(anyEntry, fc.integer({ min: 0, max: 8 }), (entry, levels) => {
        let body: unknown = entry.body;
        for (let i = 0; i < levels; i += 1) body = { error: { message: asText(body) } };
        reads(entry, body, entry.status);
      }),
    );
  });
});

/** The ways servers and locales write a count. */
const formats: readonly ((n: string) => string)[] = [
  n => n.replace(/\B(?=(\d{3})+$)/g, ','),
  n => n.replace(/\B(?=(\d{3})+$)/g, '_'),
  n => n.replace(/\B(?=(\d{3})+$)/g, ' '),
  n => n.replace(/\B(?=(\d{3})+$)/g, '\u202f'),
  n => n.replace(/\B(?=(\d{3})+$)/g, '.'),
  n => `${n}.0`,
];

/** Rewrites the free-standing counts in the sentences of a body, leaving codes, ids and names alone. */
function reformat(value: unknown, write: (n: string) => string, key = ''): unknown {
  if (typeof value === 'string') {
    if (/^(?:code|id|type|status|request_id|raw)$/.test(key) || /\d{3}[_-]?\w*@|Error code/.test(value))
      return value;
    return value.replace(
      /(?<![\w.,:/#@=-])(?<!code: |code )\d{4,9}(?![\w/-]|[.,:]\d| characters| bytes)/g,
      write,
    );
  }
  if (Array.isArray(value)) return value.map(v => reformat(v, write, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, reformat(v, write, k)]));
}

describe('classifyRefusal under other number formats', () => {
  it('reads the same counts', () => {
    const overflows = known.filter(e => e.kind === 'context' && e.limit_tokens != null);
    fc.assert(
      fc.property(fc.constantFrom(...overflows), fc.constantFrom(...formats), (entry, write) => {
        reads(entry, reformat(entry.body, write), entry.status);
      }),
      { numRuns: 600 },
    );
  });
});

describe('classifyRefusal on anything', function () {
  // Generation of the values takes longer than the reading; the runner's limit only ends what never would.
  this.timeout(120_000);
  const kinds = new Set(['context', 'rate', 'output', 'other']);
  const harmless = (body: unknown): void => {
    const got = classifyRefusal({ status: 400, body });
    assert.ok(kinds.has(got.kind));
    assert.ok(got.limitTokens === undefined || got.kind === 'context');
  };

  it('never throws on values', () => {
    fc.assert(
      fc.property(
        fc.anything({ withDate: true, withMap: true, withTypedArray: true, withNullPrototype: true }),
        harmless,
      ),
      { numRuns: 500 },
    );
  });

  it('never throws on text and JSON', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.jsonValue()), harmless), {
      numRuns: 500,
    });
  });

  it('never throws on refusals cut anywhere', () => {
    fc.assert(
      fc.property(anyEntry, anyWrapping, fc.nat(), (entry, wrapping, at) => {
        const text = asText(wrapping.wrap(entry.body));
        harmless(text.slice(0, at % (text.length + 1)));
      }),
    );
  });

  it('never throws on cycles, deep nesting and throwing getters', () => {
    const cycle: Record<string, unknown> = { error: {} };
    cycle['error'] = { message: 'no', cause: cycle };
    harmless(cycle);
    const hostile = Object.defineProperty({ message: 'context length exceeded' }, 'status', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    assert.equal(classifyRefusal({ body: hostile }).kind, 'context');
    harmless('['.repeat(100_000));
    harmless('{"a":'.repeat(50_000));
    harmless(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
  });

  // A pattern or a scan that is not linear does not come back from a megabyte of these within the runner's limit.
  const fragments = [
    '{',
    '[',
    '"',
    "'",
    "b'",
    '{"a":',
    "{'a': ",
    '\\',
    '\\"',
    'data: ',
    'data: {',
    '\n',
    ' ',
    '#',
    '1 ',
    '1,',
    '123 456 ',
    '1.',
    '<a',
    '&#',
    'http://a',
    'max ',
    'context ',
    'context length is ',
    'limit: 5 ',
    'tokens ',
    'prompt input ',
    'exceeds ',
    'try again in ',
    'input_value=',
    "value: '",
    'a_b_',
    '(5 > ',
    '5 + 6 > ',
  ];
  it('reads a megabyte of any repeated fragments', () => {
    const megabyte = (parts: readonly string[]): string => {
      const unit = parts.join('');
      return unit.repeat(Math.ceil(1_000_000 / unit.length));
    };
    for (const fragment of fragments) harmless(megabyte([fragment]));
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...fragments), { minLength: 2, maxLength: 5 }), parts => {
        harmless(megabyte(parts));
        harmless({ error: { message: megabyte(parts) } });
      }),
      { numRuns: 10 },
    );
  });

  it('finds the refusal around a megabyte of echoed prompt', () => {
    const content = 'context_length_exceeded maximum context length is 5 tokens '.repeat(20_000);
    const request = { model: 'm', messages: [{ role: 'user', content }] };
    const message = 'prompt is too long: 250000 tokens > 200000 maximum';
    for (const body of [{ request, error: { message } }, JSON.stringify({ request, error: { message } })]) {
      const got = classifyRefusal({ status: 400, body });
      assert.deepEqual([got.kind, got.limitTokens], ['context', 200_000]);
    }
    assert.equal(
      classifyRefusal({ status: 400, body: JSON.stringify({ request, error: 'no' }) }).kind,
      'other',
    );
  });
});
