import type { AnchorMention } from '../../../src/core/review/anchors.ts';
import { readFileSync } from 'node:fs';

/** One snippet of data/anchors_blind.txt, with what the contract's words promise for it. */
export interface BlindCase {
  readonly name: string;
  readonly files: readonly string[];
  readonly markdown: string;
  /** One line a mention: `path | lines | key=value …`; keys that are not named are not compared. */
  readonly expected: readonly string[];
}

const usualFiles = [
  'src/a.ts',
  'src/foo.ts',
  'src/foo.test.ts',
  'src/server/ask.ts',
  'src/server/index.ts',
  'src/client/index.ts',
  'src/core/pack/plan.ts',
  'src/core/Parser.java',
  'src/vec.cpp',
  'include/vec.h',
  'src/a b/c d.ts',
  'src/app/[slug]/page.tsx',
  'src/routes/(auth)/login.svelte',
  'src/日本語/説明.ts',
  'src/components/Button.tsx',
  'src/components/Button.module.css',
  'crates/cli/src/lib.rs',
  'crates/cli/src/main.rs',
  'crates/core/src/lib.rs',
  'lib/utils.py',
  'cmd/main.go',
  'docs/Getting Started.md',
  'docs/übersicht.md',
  '.github/workflows/ci.yml',
  '.gitignore',
  '.env.example',
  'package.json',
  'README.md',
  'Makefile',
  'Dockerfile',
  'LICENSE',
];

const header = /^(?<name>[^{]*)(?:\{(?<files>.*)\})?$/u;

/** The corpus: `=== name {files}`, the Markdown, `--->`, and a line for each expected mention. */
export function blindCases(file: string | URL): BlindCase[] {
  return readFileSync(file, 'utf8')
    .split(/^=== /mu)
    .slice(1)
    .map(block => {
      const [head = '', ...rest] = block.split('\n');
      const [markdown = '', expected = ''] = rest.join('\n').split(/\n--->\n?/u);
      const { name = '', files } = header.exec(head)?.groups ?? {};
      return {
        name: name.trim(),
        files: files === undefined ? usualFiles : files.split(', '),
        markdown: name.startsWith('CRLF') ? markdown.replaceAll('\n', '\r\n') : markdown,
        expected: expected.split('\n').filter(line => line !== ''),
      };
    });
}

/** The mention in the corpus's notation, telling only the keys that `like` names. */
export function notation(mention: AnchorMention, markdown: string, like = ''): string {
  const { path, startLine, endLine = startLine, symbol, quote, candidates, offset, length } = mention;
  const lines = startLine === endLine ? `${startLine ?? ''}` : `${startLine}-${endLine}`;
  const told: Record<string, string | undefined> = {
    slice: markdown.slice(offset, offset + length),
    symbol,
    quote: quote?.trim().replaceAll('\n', '⏎'),
    candidates: candidates?.toSorted().join(', '),
  };
  const keys = Object.keys(told).filter(key => key === 'candidates' || like.includes(`| ${key}=`));
  const parts = [
    path,
    lines,
    ...keys.flatMap(key => (told[key] === undefined ? [] : [`${key}=${told[key]}`])),
  ];
  return parts.join(' | ').replace(/ +/gu, ' ').trim();
}

/** An expected line as `notation` would spell it. */
export function normalised(expected: string): string {
  const [path = '', lines = '', ...rest] = expected.split(' |').map(part => part.trim());
  const order = ['slice', 'symbol', 'quote', 'candidates'];
  rest.sort((a, b) => order.indexOf(a.split('=')[0] ?? '') - order.indexOf(b.split('=')[0] ?? ''));
  return [path, lines, ...rest].join(' | ').replace(/ +/gu, ' ').trim();
}
