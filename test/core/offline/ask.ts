import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import OpenAI from 'openai';
import { answerPrompt } from '../../../src/core/offline/answer.ts';
import { createOfflineFetch, type OfflineOptions } from '../../../src/core/offline/fetch.ts';
import { readPrompt, sliceAtFrames } from '../../../src/core/offline/prompt.ts';
import { createTurns } from '../../../src/core/offline/turns.ts';
import { offlineBaseUrl } from '../../../src/core/offline/wire.ts';
import { fileSegment, parseFramePath } from '../../../src/core/pack/frame.ts';
import { splitLines } from '../../../src/core/workspace/lines.ts';

export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Every quarter of a character is no token: four characters are one. Additive only roughly, which is enough. */
export const countRoughly = (text: string): number => Math.ceil(text.length / 4);

export function packOf(files: readonly TextFile[], question: string): string {
  const segments = files.map(({ path, text }) => fileSegment(path, text)).join('');
  return `@@@@ pack\nFiles of a workspace.\n${segments}@@@@ end\n@@@@ question\n${question}\n`;
}

export const noHurry = createTurns(1000, new AbortController().signal);

/** The answer of the offline reader, without the wire. */
export async function answerTo(files: readonly TextFile[], ...questions: string[]): Promise<string> {
  const [first = '', ...later] = questions;
  const contents = [packOf(files, first), ...later];
  const messages = [];
  for (const content of contents)
    messages.push({ role: 'user', slices: await sliceAtFrames([content], noHurry) } as const);
  return answerPrompt(await readPrompt(messages, noHurry), noHurry);
}

export function clientFor(options: Partial<OfflineOptions> = {}): OpenAI {
  const fetch = createOfflineFetch({ contextLimit: 100_000, countTokens: countRoughly, ...options });
  return new OpenAI({ baseURL: offlineBaseUrl, apiKey: 'x', fetch, maxRetries: 0 });
}

export interface Cited {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly quote: string | undefined;
  /** Of the fenced block that follows. */
  readonly excerpt: readonly string[];
}

/** Reads an answer as a Markdown reader would: code spans and fenced blocks by CommonMark's rules. */
export function citations(answer: string): Cited[] {
  const found: {
    path: string;
    startLine: number;
    endLine: number;
    quote: string | undefined;
    excerpt: string[];
  }[] = [];
  let fence: string | undefined;
  for (const line of answer.split('\n')) {
    const opened = /^(`{3,})[^`]*$/.exec(line)?.[1];
    if (fence !== undefined) {
      if (opened !== undefined && opened.length >= fence.length && line.trim() === opened) fence = undefined;
      else found.at(-1)?.excerpt.push(line);
    } else if (opened !== undefined) fence = opened;
    else {
      const spans = codeSpans(line);
      const place = /^(.+):(\d+)-(\d+)$/s.exec(spans[0] ?? '');
      if (place === null || !line.startsWith('`')) continue;
      const path = parseFramePath(place[1] ?? '');
      assert(path !== undefined, `not a path: ${place[1]}`);
      const [startLine, endLine] = [Number(place[2]), Number(place[3])];
      found.push({ path, startLine, endLine, quote: spans[1], excerpt: [] });
    }
  }
  assert.equal(fence, undefined, 'a fence was left open');
  return found;
}

function codeSpans(line: string): string[] {
  return [...line.matchAll(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g)].map(([, , inner = '']) =>
    /^ .*[^ ].* $/.test(inner) ? inner.slice(1, -1) : inner,
  );
}

/** Every citation names a file, lines in it, and a quote that stands in one of those lines. */
export function checkCitations(answer: string, files: readonly TextFile[]): Cited[] {
  const cited = citations(answer);
  for (const { path, startLine, endLine, quote } of cited) {
    const file = files.find(f => f.path === path);
    assert(file, `cites ${path}, which is not in the pack`);
    const { lines } = splitLines(file.text);
    assert(
      startLine >= 1 && startLine <= endLine && endLine <= lines.length,
      `${path}:${startLine}-${endLine}`,
    );
    if (quote !== undefined)
      assert(
        lines.slice(startLine - 1, endLine).some(line => line.includes(quote)),
        `${path}:${startLine}-${endLine} does not hold ${quote}`,
      );
  }
  return cited;
}

/** The text files below a folder that match `wanted`, as a workspace would list them. */
export function filesBelow(root: string, wanted: RegExp): TextFile[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && wanted.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(path => ({ path: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }));
}
