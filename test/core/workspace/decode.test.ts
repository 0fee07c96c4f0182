import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Decoded, decodeText } from '../../../src/core/workspace/decode.ts';

const bytes = (...values: number[]) => Buffer.from(values);
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const utf32 = (text: string, littleEndian: boolean) =>
  Buffer.concat(
    Array.from(text, character => {
      const unit = Buffer.alloc(4);
      const point = character.codePointAt(0) ?? 0;
      if (littleEndian) unit.writeUInt32LE(point);
      else unit.writeUInt32BE(point);
      return unit;
    }),
  );

/** The inverse of a two-byte table of `TextDecoder`. */
function encodeAs(label: string, text: string): Buffer {
  const decoder = new TextDecoder(label);
  const table = new Map<string, Buffer>();
  for (let a = 0x81; a <= 0xfe; a++) {
    for (let b = 0x40; b <= 0xfe; b++) {
      const pair = bytes(a, b);
      const character = decoder.decode(pair);
      if (character.length === 1 && !table.has(character)) table.set(character, pair);
    }
  }
  return Buffer.concat(
    Array.from(text, c => (c < '\x80' ? Buffer.from(c) : (table.get(c) ?? assert.fail(c)))),
  );
}

function text(decoded: Decoded) {
  return decoded.kind === 'text' ? decoded : assert.fail(decoded.kind);
}

describe('decoding', () => {
  const source = 'int größe = 1; // “naïve” – 日本 😀\r\n';
  const marked: [string, Buffer, string][] = [
    ['UTF-8', Buffer.concat([bytes(0xef, 0xbb, 0xbf), Buffer.from(source)]), 'utf-8'],
    ['UTF-16LE', Buffer.concat([bytes(0xff, 0xfe), Buffer.from(source, 'utf16le')]), 'utf-16le'],
    ['UTF-16BE', Buffer.concat([bytes(0xfe, 0xff), utf16be(source)]), 'utf-16be'],
    ['UTF-32LE', Buffer.concat([bytes(0xff, 0xfe, 0, 0), utf32(source, true)]), 'utf-32le'],
    ['UTF-32BE', Buffer.concat([bytes(0, 0, 0xfe, 0xff), utf32(source, false)]), 'utf-32be'],
  ];
  for (const [what, content, encoding] of marked) {
    it(`${what} with a BOM, which is dropped`, () => {
      assert.deepEqual(decodeText(content), { kind: 'text', text: source, encoding, bom: true });
    });
  }

  it('only one BOM is a BOM', () => {
    const content = Buffer.from('\ufeff\ufeffa');
    assert.equal(text(decodeText(content)).text, '\ufeffa');
    const wide = Buffer.from('\ufeff\ufeffa', 'utf16le');
    assert.equal(text(decodeText(wide)).text, '\ufeffa');
  });

  it('a BOM alone is an empty text', () => {
    for (const content of [bytes(0xef, 0xbb, 0xbf), bytes(0xff, 0xfe), bytes(0xfe, 0xff)]) {
      assert.equal(text(decodeText(content)).text, '');
    }
  });

  const unmarked: [string, Buffer, string][] = [
    ['ASCII', Buffer.from('class A {\n}\n', 'utf16le'), 'utf-16le'],
    ['ASCII', utf16be('class A {\n}\n'), 'utf-16be'],
    ['one letter', Buffer.from('a', 'utf16le'), 'utf-16le'],
    ['Japanese', Buffer.from('これは日本語の文章です。\n二行目もあります。\n', 'utf16le'), 'utf-16le'],
  ];
  for (const [what, content, encoding] of unmarked) {
    it(`${encoding} without a BOM: ${what}`, () => {
      const decoded = text(decodeText(content));
      assert.deepEqual([decoded.encoding, decoded.bom], [encoding, false]);
      assert.equal(
        encoding === 'utf-16le' ? Buffer.compare(Buffer.from(decoded.text, 'utf16le'), content) : 0,
        0,
      );
    });
  }

  const western: [string, string, Buffer][] = [
    [
      'Latin-1, pairs of accents inside names',
      'Osméúa\nChíÁvez\n',
      Buffer.from('Osméúa\nChíÁvez\n', 'latin1'),
    ],
    ['Latin-1, short', 'café\n', bytes(0x63, 0x61, 0x66, 0xe9, 0x0a)],
    [
      'Latin-1, one name in code',
      'int main() {\n  // François\n}\n',
      Buffer.from('int main() {\n  // François\n}\n', 'latin1'),
    ],
    [
      'Latin-1, German',
      '// Größe der Übung prüfen\nint größe;\n',
      Buffer.from('// Größe der Übung prüfen\nint größe;\n', 'latin1'),
    ],
    [
      'Latin-1, French',
      'Les élèves ont mangé à Noël, créée.\n',
      Buffer.from('Les élèves ont mangé à Noël, créée.\n', 'latin1'),
    ],
    [
      'CP1252',
      'He said “hello” – it’s 5€…\n',
      Buffer.from('He said \x93hello\x94 \x96 it\x92s 5\x80\x85\n', 'latin1'),
    ],
  ];
  for (const [what, expected, content] of western) {
    it(what, () => {
      const decoded = text(decodeText(content));
      assert.deepEqual([decoded.text, decoded.encoding], [expected, 'windows-1252']);
    });
  }

  const eastern: [string, string, string][] = [
    ['shift_jis', 'Shift_JIS', '// これは日本語のコメントです。\nint main() { return 0; }\n'],
    ['shift_jis', 'Shift_JIS', '// テスト用のファイル\n'],
    ['shift_jis', 'Shift_JIS', '日本語\n'],
    ['euc-jp', 'EUC-JP', '// これは日本語のコメントです。\n'],
    ['euc-jp', 'EUC-JP', '// テスト用のファイル\n'],
    ['euc-kr', 'EUC-KR', '// 이것은 한국어 주석입니다\nint main() { return 0; }\n'],
    ['euc-kr', 'EUC-KR', '한국어\n'],
    ['gbk', 'GB18030', '// 这是一个中文注释，用于测试编码。\nint main() { return 0; }\n'],
    ['gbk', 'GB18030', '// 读取配置文件\n'],
    ['gbk', 'GB18030', '中文\n'],
    ['gbk', 'GB18030', '// 朱镕基总理説：這是繁體字嗎？我们在测试很少见的字。\n'],
  ];
  for (const [label, encoding, sample] of eastern) {
    it(`${label}: ${JSON.stringify(sample)}`, () => {
      const decoded = text(decodeText(encodeAs(label, sample)));
      assert.deepEqual([decoded.text, decoded.encoding], [sample, encoding]);
    });
  }

  // Too short for statistics: single accents among ASCII letters are Western; runs of them, and Slavic ones, are not.
  for (const sample of [
    'naïve',
    '// Müller, café',
    'São Paulo',
    'señor ¿qué?',
    '© Nestlé',
    'Ångström “x” – y',
    'déjà',
  ]) {
    it(`short Western text: ${sample}`, () => {
      assert.deepEqual(decodeText(windows1252(sample)), {
        kind: 'text',
        text: sample,
        encoding: 'windows-1252',
        bom: false,
      });
    });
  }
  it('short text of other languages is not taken for Western', () => {
    const cyrillic = Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0x20, 0xec, 0xe8, 0xf0]);
    const czech = Buffer.from('P\xf8\xedli\x9a \x9elu\x9dou\xe8k\xfd k\xf9\xf2 \xfap\xecl', 'latin1');
    for (const bytes of [cyrillic, czech]) {
      const decoded = decodeText(bytes);
      assert.ok(decoded.kind === 'text' && decoded.encoding !== 'windows-1252', JSON.stringify(decoded));
    }
  });

  it('a legacy comment far down in a long ASCII file', () => {
    const code = 'int x = 1;\n'.repeat(5_000);
    const content = Buffer.concat([
      Buffer.from(code),
      encodeAs('shift_jis', '// テスト用のファイルです。\n'),
      Buffer.from(code),
    ]);
    assert.equal(text(decodeText(content)).encoding, 'Shift_JIS');
  });

  const undecodable: [string, Buffer][] = [
    [
      'a lone surrogate as CESU-8',
      Buffer.concat([Buffer.from('x = "'), bytes(0xed, 0xa0, 0x80), Buffer.from('"\n')]),
    ],
    [
      'UTF-8 with one cut character',
      Buffer.concat([Buffer.from('日本語のテキスト'), bytes(0xe6, 0x97), Buffer.from('\nend\n')]),
    ],
    ['UTF-8 with a BOM and a broken byte', bytes(0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62)],
    ['UTF-16 with a BOM and a lone surrogate', bytes(0xff, 0xfe, 0x61, 0, 0, 0xd8, 0x61, 0, 0x62, 0)],
    ['bytes no table has', bytes(0x61, 0x81, 0x20, 0x8d, 0x20, 0x90, 0x0a)],
  ];
  for (const [what, content] of undecodable) {
    it(`is never a guess: ${what}`, () => assert.equal(decodeText(content).kind, 'undecodable'));
  }

  it('U+FFFD, control characters, template traps and control tokens in a text are text', () => {
    const sample = 'a\ufffdb\x1b[31m\f\v\x07\x7f $& {{x}} FILE_CONTENT <|endoftext|> </file>\n';
    assert.equal(text(decodeText(Buffer.from(sample))).text, sample);
  });

  it('a character across any 1,024-byte border', () => {
    for (let i = 0; i < 4; i++) {
      const sample = 'x'.repeat(1022 + i) + '日本語'.repeat(500);
      assert.equal(text(decodeText(Buffer.from(sample))).text, sample);
    }
  });

  const binaries: [string, Buffer][] = [
    ['a NUL late in a text', Buffer.concat([Buffer.alloc(100_000, 'a\n'), bytes(0), Buffer.from('b')])],
    ['a NUL behind a BOM', bytes(0xef, 0xbb, 0xbf, 0x61, 0)],
    ['PNG', Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')],
    ['MPEG transport stream (.ts)', Buffer.concat([bytes(0x47, 0x40, 0, 0x10), Buffer.alloc(184, 0xff)])],
    ['16-bit numbers', Buffer.from(new Uint16Array(Array.from({ length: 50 }, (_, i) => i * 3)).buffer)],
    [
      'PDF',
      Buffer.concat([Buffer.from('%PDF-1.4\n%'), bytes(0xe2, 0xe3, 0xcf, 0xd3), Buffer.from('\n1 0 obj\n')]),
    ],
    ['gzip', gzipSync(Buffer.alloc(5_000, 'some text '))],
    ['WebAssembly', bytes(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)],
    ['noise without NULs', Buffer.from(randomFillSync(Buffer.alloc(4_096)).map(byte => byte || 1))],
  ];
  for (const [what, content] of binaries)
    it(`binary: ${what}`, () => assert.equal(decodeText(content).kind, 'binary'));

  it('every well-formed text is decoded to itself, from UTF-8 (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), value => {
        const sample = value.replaceAll('\0', '').replace(/^\ufeff/, '');
        assert.equal(text(decodeText(Buffer.from(sample))).text, sample);
      }),
    );
  });

  it('no bytes whatsoever make it throw, or put in a replacement character (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), values => {
        const content = Buffer.from(values);
        const decoded = decodeText(content);
        if (decoded.kind !== 'text' || decoded.encoding === 'utf-8') return;
        assert.ok(!decoded.text.includes('\ufffd') || /^utf-(16|32)/.test(decoded.encoding));
      }),
      { numRuns: 500 },
    );
  });
});

function windows1252(text: string): Buffer {
  const high = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';
  return Buffer.from(
    Array.from(text, c => (high.includes(c) && c !== ' ' ? 0x80 + high.indexOf(c) : c.charCodeAt(0))),
  );
}
