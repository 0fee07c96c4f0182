import assert from 'node:assert/strict';

import fc from 'fast-check';

import { excerptsAt, hasOutline, outlineLines } from '../../../src/core/pack/outline.ts';
import { createOutlineParser } from '../../../src/core/pack/outlineParser.ts';
import { outlineRules } from '../../../src/core/pack/outlineRules.ts';
import { splitLines } from '../../../src/core/workspace/lines.ts';

const parser = createOutlineParser('dist/grammars');

async function outlined(language: string, text: string): Promise<string[]> {
  return excerptsAt(text, await outlineLines(language, text, parser)).map(e => `${e.line}|${e.text}`);
}

/** A text whose lines to be kept start with a `»`, which is taken off before it is outlined. */
async function keepsMarked(language: string, marked: string): Promise<void> {
  const lines = marked.replace(/^\n/, '').split('\n');
  const text = lines.map(line => line.replace(/^»/, '')).join('\n');
  const expected = lines.flatMap((line, i) => (line.startsWith('»') ? [`${i + 1}|${line.slice(1)}`] : []));
  assert.deepEqual(await outlined(language, text), expected);
}

const samples: [string, string][] = [
  [
    'typescript',
    `
»import { a } from './a.ts';
»/** Waters the plants. Daily. */
»export class Pump<T>
»  extends Machine
»  implements Thing {
»  readonly litres: number = 3;
»  constructor() {
    super();
  }
»  run(
»    howLong: number,
»  ): void {
    this.inner(() => {
      const deep = 1;
    });
  }
}
»export interface Valve {
»  open(): void;
»  readonly bore: number;
}
»export type Flow = 'in' | 'out';
»export function start(litres: number): Pump {
  return new Pump();
}
»export const limit = 3;`,
  ],
  [
    'typescriptreact',
    `
»export function App({ name }: Props): JSX.Element {
  return <b>{name}</b>;
}`,
  ],
  [
    'javascript',
    `
»const fs = require('fs');
»exports.read = function (name) {
  return fs.read(name);
};
»class A {
»  static b() {
    return 1;
  }
}`,
  ],
  [
    'python',
    `
»from a.b import c
»LIMIT = 3
»@decorated
»class Pump(Machine):
    """Waters."""
»    size: int = 3
»    def run(
»        self,
»        litres,
»    ) -> None:
        pass
»async def main():
    await x()`,
  ],
  [
    'go',
    `
»package pump
»import "fmt"
»// Pump waters.
»type Pump struct {
»	litres int
}
»type Valve interface {
»	Open() error
}
»func (p *Pump) Run(
»	n int,
») error {
	return nil
}
»const limit = 3`,
  ],
  [
    'rust',
    `
»use crate::valve::Valve;
»/// Waters.
»pub struct Pump {
»    litres: u32,
}
»impl Pump {
»    pub fn run(&self) -> u32 {
        self.litres
    }
}
»pub trait Machine {
»    fn start(&self);
}
»enum Flow {
»    In,
»    Out,
}`,
  ],
  [
    'java',
    `
»package a.b;
»import java.util.List;
»/** Waters. */
»public class Pump extends Machine {
»    private final int litres = 3;
»    @Override
»    public void run(int n) throws IOException {
        inner();
    }
»    enum Flow {
»        IN,
»        OUT
    }
}
»interface Valve {
»    void open();
}`,
  ],
  [
    'c',
    `
»#include "pump.h"
»#define LIMIT 3
»typedef struct pump {
»    int litres;
»} pump;
»static int run(struct pump *p,
»               int n)
{
    return n;
}
»int stop(void);`,
  ],
  [
    'cpp',
    `
»namespace garden {
»template <typename T>
»class Pump : public Machine {
public:
»    int run(int n) {
        return n;
    }
»    int litres = 3;
};
}`,
  ],
  [
    'csharp',
    `
»using System;
»namespace Garden
{
»    public class Pump : Machine
    {
»        public int Litres { get; set; }
»        public void Run(int n)
        {
            Inner();
        }
    }
}`,
  ],
  [
    'ruby',
    `
»require 'set'
»module Garden
»  class Pump < Machine
»    attr_reader :litres
»    LIMIT = 3
»    def run(n)
      inner(n)
    end
»    def self.start
    end
  end
end`,
  ],
  [
    'php',
    `
<?php
»namespace Garden;
»use Garden\\Valve;
»class Pump extends Machine
{
»    private int $litres = 3;
»    public function run(int $n): void
    {
        inner();
    }
}
»function start() {
}`,
  ],
  [
    'markdown',
    `
»# Garden
Text.
\`\`\`sh
# not a heading
\`\`\`
»Pumps
-----
»## Valves ##`,
  ],
];

describe('outline', function () {
  this.timeout(60_000);

  for (const [language, sample] of samples)
    it(`keeps the signatures of ${language}, with their lines`, () => keepsMarked(language, sample));

  it('is held for every language it claims', () => {
    const shown = new Set(samples.map(([language]) => language));
    const same = new Set(['javascriptreact', 'cuda-cpp']);
    for (const language of Object.keys(outlineRules))
      assert.ok(shown.has(language) || same.has(language), language);
    assert.ok(!hasOutline('plaintext') && !hasOutline('constructor') && !hasOutline('kotlin'));
  });

  it('gives what it can of broken code', () =>
    keepsMarked(
      'typescript',
      `
»export class A {
»  run(): void {
    if (x) {
  }
  stop(): void {}
}
»export function b() {}`,
    ));

  it('counts lines as the file does, whatever ends them', async () => {
    assert.deepEqual(await outlined('typescript', '\r\n\rexport class A {}\r'), ['3|export class A {}']);
  });

  it('cuts a line that is a whole file, visibly and not through a character', async () => {
    const [shown = ''] = await outlined('javascript', `function f(){return '${'👍'.repeat(4000)}'}`);
    assert.ok(shown.length < 260 && shown.endsWith(' …'), `${shown.length}`);
    assert.ok(!/\p{Cs}/u.test(shown));
  });

  const hostile: [string, string][] = [
    ['brackets that never close', '('.repeat(300_000)],
    ['a megabyte of words', 'a '.repeat(450_000)],
    ['templates in templates', '`${'.repeat(100_000)],
    ['classes in classes', 'class A { static x = '.repeat(20_000)],
    ['more than is parsed', 'export class A {}\n'.repeat(60_000)],
  ];
  for (const [what, text] of hostile)
    it(`comes back from ${what}, and outlines the next file`, async () => {
      await outlineLines('typescript', text, parser);
      assert.deepEqual(await outlined('typescript', 'class B {}'), ['1|class B {}']);
    });

  it('law: lines ascend, are the file’s own, and depend on the text alone', async () => {
    const pieces = fc.constantFrom(
      ...samples.slice(0, 4).flatMap(([, text]) => text.replaceAll('»', '').split('\n')),
      '{',
      '}',
      '(',
      '"""',
      '`',
      '/*',
      '\0',
      'é',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('typescript', 'javascript', 'python'),
        fc.array(pieces, { maxLength: 40 }).map(lines => lines.join('\n')),
        async (language, text) => {
          const lines = await outlineLines(language, text, parser);
          assert.deepEqual(
            lines,
            [...new Set(lines)].sort((a, b) => a - b),
          );
          assert.ok(lines.every(line => line >= 1 && line <= splitLines(text).lines.length));
          assert.deepEqual(await outlineLines(language, text, parser), lines);
        },
      ),
      { numRuns: 150 },
    );
  });
});
