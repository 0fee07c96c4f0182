import assert from 'node:assert/strict';
import { verifyAnchor, type AnchorMention } from '../../../src/core/review/anchors.ts';

const file = [
  "import { open } from 'node:fs';", // 1
  '',
  '/**',
  ' * Opens the socket once and keeps it for the whole session,',
  ' * so that a second caller never waits.', // 5
  ' */',
  'export function openSocket(path: string): Socket {',
  '  const socket = connect(path, { retry: 3 });',
  '  socket.on("close", () => forget(path));',
  '  if (socket.dead) {', // 10
  '    return;',
  '  } else {',
  '    register(socket);',
  '  }',
  '  return socket;', // 15
  '}',
  '',
  'function reset(): void {',
  '  counters.clear();',
  '  log("reset done");', // 20
  '}',
  '',
  'function resetAll(): void {',
  '  counters.clear();',
  '  log("reset done");', // 25
  '}',
  '',
  'const table = [',
  '  { name: "alpha", size: 1 },',
  '  { name: "beta", size: 2 },', // 30
  '];',
  '# legacy note about sockets',
  'export const MAX_RETRIES_PER_SOCKET = 12;',
];
const text = `${file.join('\n')}\n`;
type Row = readonly [
  name: string,
  cited: Partial<AnchorMention>,
  expected: string,
  texts?: { text?: string | undefined; packedText?: string },
];
const lines = (startLine: number, endLine = startLine): Partial<AnchorMention> => ({ startLine, endLine });
const quoted = (quote: string, startLine?: number, endLine = startLine): Partial<AnchorMention> => ({
  quote,
  ...(startLine === undefined || endLine === undefined ? {} : { startLine, endLine }),
});
const connect = 'const socket = connect(path, { retry: 3 });';
const above = `// new\n// header\n${text}`;
const without = `${file.filter(line => !line.includes('connect(')).join('\n')}\n`;
const changed = text.replace('{ retry: 3 }', '{ retry: 5, jitter: true }');

const rows: readonly Row[] = [
  // The quote stands where it is said to stand.
  ['exact', quoted(connect, 8), 'verified 8-8'],
  ['exact, with its indentation', quoted(`  ${connect}`, 8), 'verified 8-8'],
  ['within a range', quoted(connect, 7, 9), 'verified 7-9'],
  ['part of a line', quoted('connect(path, { retry: 3 })', 8), 'verified 8-8'],
  ['without the semicolon', quoted('const socket = connect(path, { retry: 3 })', 8), 'verified 8-8'],
  ['tabs for spaces', quoted('\tconst socket\t= connect(path, {retry: 3});', 8), 'verified 8-8'],
  ['curly quotes for straight ones', quoted('socket.on(“close”, () => forget(path));', 9), 'verified 9-9'],
  ['other quotes', quoted("socket.on('close', () => forget(path));", 9), 'unquoted 9-9'],
  ['a comment with its leader', quoted('* so that a second caller never waits.', 5), 'verified 5-5'],
  ['a comment without its leader', quoted('so that a second caller never waits.', 5), 'verified 5-5'],
  [
    'a comment joined over two lines',
    quoted('keeps it for the whole session, so that a second caller never waits.', 4, 5),
    'verified 4-5',
  ],
  ['a comment in another style', quoted('// legacy note about sockets', 32), 'verified 32-32'],
  ['several lines', quoted(file.slice(6, 9).join('\n'), 7, 9), 'verified 7-9'],
  [
    'several lines, dedented',
    quoted(
      file
        .slice(7, 9)
        .map(l => l.trim())
        .join('\n'),
      8,
      9,
    ),
    'verified 8-9',
  ],
  [
    'several lines on one',
    quoted(
      file
        .slice(7, 9)
        .map(l => l.trim())
        .join(' '),
      8,
      9,
    ),
    'verified 8-9',
  ],
  ['several lines with CRLF', quoted(file.slice(6, 9).join('\r\n'), 7, 9), 'verified 7-9'],
  [
    'an ellipsis line between',
    quoted(`export function openSocket(path: string): Socket {\n  // ...\n  return socket;`, 7, 16),
    'verified 7-16',
  ],
  ['an ellipsis within a line', quoted('const socket = connect(path, …)', 8), 'verified 8-8'],
  ['an ellipsis at the end', quoted('export function openSocket(path: string)...', 7), 'verified 7-7'],
  [
    'the prompt’s gutter',
    quoted('  socket.on("close", () => forget(path));\n10|  if (socket.dead) {', 9, 10),
    'verified 9-10',
  ],
  ['a gutter of its own', quoted(' 8 |   const socket = connect(path, { retry: 3 });', 8), 'verified 8-8'],
  ['a gutter with a colon', quoted('8:   const socket = connect(path, { retry: 3 });', 8), 'verified 8-8'],
  ['diff signs', quoted('+  const socket = connect(path, { retry: 3 });', 8), 'unquoted 8-8'],
  ['a quote cut off within a word', quoted('MAX_RETRIES_PER_SOCK', 33), 'verified 33-33'],
  ['a long constant', quoted('MAX_RETRIES_PER_SOCKET', 33), 'verified 33-33'],
  // It stands elsewhere.
  ['one line off', quoted(connect, 9), 'relocated 8-8'],
  ['thirty lines off', quoted(connect, 33), 'relocated 8-8'],
  ['past the end', quoted(connect, 99), 'relocated 8-8'],
  ['line 0', quoted(connect, 0), 'relocated 8-8'],
  ['several lines off', quoted(file.slice(6, 9).join('\n'), 10, 12), 'relocated 7-9'],
  ['one of two, the line decides', quoted('log("reset done");', 25), 'verified 25-25'],
  ['one of two, the line is wrong', quoted('log("reset done");', 22), 'ambiguous 22-22'],
  ['both of two in the range', quoted('log("reset done");', 18, 26), 'verified 18-26'],
  ['two lines twice', quoted('  counters.clear();\n  log("reset done");', 24, 25), 'verified 24-25'],
  [
    'made unique by its head',
    quoted('function resetAll(): void {\n  counters.clear();', 1),
    'relocated 23-24',
  ],
  // No line is cited.
  ['no line, once', quoted(connect), 'verified 8-8'],
  ['no line, twice', quoted('log("reset done");'), 'ambiguous 20-20'],
  ['no line, no quote', {}, 'unquoted 1-1'],
  ['no line, a symbol', { symbol: 'resetAll' }, 'unquoted 23-23'],
  // Quotes that prove nothing.
  ['a brace', quoted('}', 16), 'unquoted 16-16'],
  ['a return', quoted('return;', 11), 'unquoted 11-11'],
  ['a bare return', quoted('return', 11), 'unquoted 11-11'],
  ['an else', quoted('} else {', 12), 'unquoted 12-12'],
  ['else', quoted('else {', 12), 'unquoted 12-12'],
  ['closing brackets', quoted('});', 9), 'unquoted 9-9'],
  ['a blank', quoted('   ', 9), 'unquoted 9-9'],
  ['nothing', quoted('', 9), 'unquoted 9-9'],
  ['an ellipsis alone', quoted('...', 9), 'unquoted 9-9'],
  ['a gutter alone', quoted('10|', 10), 'unquoted 10-10'],
  ['braces over lines', quoted('}\n\n}', 16), 'unquoted 16-16'],
  ['a comment leader', quoted('//', 5), 'unquoted 5-5'],
  ['a keyword of declarations', quoted('const', 8), 'unquoted 8-8'],
  ['a short word that is common', quoted('path', 8), 'unquoted 8-8'],
  // Quotes that do not stand in the file.
  ['paraphrased', quoted('connects the socket with three retries', 8), 'unquoted 8-8'],
  ['another number', quoted('const socket = connect(path, { retry: 30 });', 8), 'unquoted 8-8'],
  ['negated', quoted('if (!socket.dead) {', 10), 'unquoted 10-10'],
  ['another operator', quoted('const socket += connect(path, { retry: 3 });', 8), 'unquoted 8-8'],
  [
    'an ellipsis in the wrong order',
    quoted('return socket;\n...\nconst socket = connect(path', 7, 16),
    'unquoted 7-16',
  ],
  ['absent and out of range', quoted('nothing of the kind', 99), 'out-of-range 99-99'],
  // Lines alone.
  ['lines in range', lines(7, 16), 'unquoted 7-16'],
  ['the last line', lines(33), 'unquoted 33-33'],
  ['past the end, alone', lines(40), 'out-of-range 40-40'],
  ['line 0, alone', lines(0), 'out-of-range 0-0'],
  ['ends far past the end', lines(30, 90), 'out-of-range 30-90'],
  ['enormous', lines(9_999_999), 'out-of-range 9999999-9999999'],
  // Texts as files have them.
  ['CRLF', quoted(connect, 8), 'verified 8-8', { text: text.replaceAll('\n', '\r\n') }],
  ['lone CR', quoted(connect, 8), 'verified 8-8', { text: text.replaceAll('\n', '\r') }],
  ['a BOM', quoted("import { open } from 'node:fs';", 1), 'verified 1-1', { text: `\uFEFF${text}` }],
  [
    'no final newline',
    quoted('MAX_RETRIES_PER_SOCKET = 12', 33),
    'verified 33-33',
    { text: file.join('\n') },
  ],
  ['an empty file', lines(1), 'unquoted 1-1', { text: '' }],
  ['an empty file, line 2', lines(3), 'out-of-range 3-3', { text: '' }],
  ['no such file', quoted(connect, 8), 'missing 8-8', { text: undefined }],
  ['a deleted file', quoted(connect, 8), 'missing 8-8', { text: undefined, packedText: text }],
  ['several files', { ...lines(8), candidates: ['a/x.ts', 'b/x.ts'] }, 'ambiguous 8-8', { text: undefined }],
  // Edited since the pack.
  ['lines above', quoted(connect, 8), 'relocated 10-10', { text: above, packedText: text }],
  ['lines above, nothing quoted', lines(8), 'unquoted 10-10', { text: above, packedText: text }],
  ['lines above, off by one', quoted(connect, 9), 'relocated 10-10', { text: above, packedText: text }],
  [
    'lines above, and the model saw today',
    quoted(connect, 10),
    'verified 10-10',
    { text: above, packedText: above },
  ],
  ['an edit below', quoted(connect, 8), 'verified 8-8', { text: `${text}// more\n`, packedText: text }],
  ['the line changed', quoted(connect, 8), 'stale 8-8', { text: changed, packedText: text }],
  ['the line changed, nothing quoted', lines(8), 'stale 8-8', { text: changed, packedText: text }],
  ['the line is gone', quoted(connect, 8), 'stale', { text: without, packedText: text }],
  ['the line is gone, nothing quoted', lines(8), 'stale', { text: without, packedText: text }],
  ['rewritten', quoted(connect, 8), 'stale', { text: 'all new\nnothing left\n', packedText: text }],
  ['emptied', quoted(connect, 8), 'stale', { text: '', packedText: text }],
  [
    'only line ends changed',
    quoted(connect, 8),
    'verified 8-8',
    { text: text.replaceAll('\n', '\r\n'), packedText: text },
  ],
  [
    'moved to the end',
    quoted(connect, 8),
    'relocated 33-33',
    { text: `${without}  ${connect}\n`, packedText: text },
  ],
  ['out of range then and now', lines(99), 'out-of-range 99-99', { text: above, packedText: text }],
];

describe('verifyAnchor, from a table written before anybody looked at it', () => {
  for (const [name, cited, expected, texts] of rows)
    it(name, () => {
      const anchor = verifyAnchor({ path: 'src/a.ts', offset: 0, length: 8, ...cited }, { text, ...texts });
      const told = `${anchor.state} ${anchor.startLine}-${anchor.endLine}`;
      assert.equal(expected.includes(' ') ? told : anchor.state, expected, anchor.note);
    });

  it('takes any numbers', () => {
    const odd = [Number.NaN, -1, 0, 1.5, Infinity, -Infinity, 1e308, 2 ** 53];
    for (const startLine of odd)
      for (const endLine of odd)
        for (const quote of [undefined, connect, '}', ''])
          for (const packedText of [undefined, above]) {
            const cited = { startLine, endLine, ...(quote === undefined ? {} : { quote }) };
            const mention = { path: 'a', offset: 0, length: 1, ...cited };
            const anchor = verifyAnchor(mention, { text, packedText });
            if (anchor.state === 'out-of-range' || anchor.state === 'missing') continue;
            const { startLine: from, endLine: to } = anchor;
            assert.ok(
              Number.isInteger(from) && from >= 1 && from <= to && to <= file.length,
              JSON.stringify([cited, anchor]),
            );
          }
  });

  it('takes a range that is written backwards', () => {
    const backwards = verifyAnchor(
      { path: 'a', offset: 0, length: 1, startLine: 9, endLine: 7, quote: connect },
      { text },
    );
    assert.deepEqual([backwards.state, backwards.startLine, backwards.endLine], ['verified', 7, 9]);
  });
});
