import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { whatIfLimits, type BudgetMap } from '../../src/core/pack/budgetMap.ts';
import { runCli } from './run.ts';

const sum = (of: readonly { readonly tokens: number }[]) =>
  of.reduce((total, { tokens }) => total + tokens, 0);

describe('longview pack: the budget map', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'longview-map-'));
    folder = join(home, 'project');
    await mkdir(join(folder, 'src/deep'), { recursive: true });
    await mkdir(join(folder, 'docs'));
    const code = (name: string, times: number) =>
      Array.from({ length: times }, (_, i) => `export function ${name}${i}() { return ${i}; }\n`).join('');
    await writeFile(join(folder, 'src/a.ts'), code('a', 20));
    await writeFile(join(folder, 'src/deep/b.ts'), code('b', 3000));
    await writeFile(join(folder, 'docs/<\\script><b>.md'), '# Hello\n');
    await writeFile(join(folder, 'docs/guide.md'), '# Guide\n\nWords.\n');
  });
  after(() => rm(home, { recursive: true }));

  it('--map draws bar, parts and folders, and the parts add up to the limit', async () => {
    const run = await runCli(['pack', folder, '--map', '--limit', '120k', '--exclude', 'docs'], { home });
    assert.equal(run.code, 0, run.stderr);
    const lines = run.stdout.trimEnd().split('\n');
    const [, bar = ''] = /^\[(.*)\] 120,000 tokens$/.exec(lines[0] ?? '') ?? [];
    assert.match(bar, /^█+▒+░+$/);
    assert.equal(bar.length, 60);
    const parts = lines.flatMap(line => /^ {2}[█▒░] .*? {2,}([\d,]+) +[\d.]+ %$/.exec(line)?.[1] ?? []);
    assert.equal(
      parts.reduce((total, part) => total + Number(part.replaceAll(',', '')), 0),
      120_000,
    );
    const row = (name: string) => lines.find(line => line.startsWith(name)) ?? '';
    assert.match(row('docs/'), / 2 .* 0 .*2 not chosen$/);
    assert.match(row('src/deep/'), / 1 +[\d,]+ +[\d,]+ +9\d\.\d %/);
  });

  it('--html writes one page that holds the map, its code and nothing to load', async () => {
    const html = join(home, 'map.html');
    const run = await runCli(['pack', folder, '--html', html, '--limit', '40k', '--json'], { home });
    assert.equal(run.code, 0, run.stderr);
    const page = await readFile(html, 'utf8');
    const data = /<script type="application\/json" id="longview-map">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    const map = JSON.parse(data) as BudgetMap;
    assert.equal(map.limit, 40_000);
    assert.equal(sum(map.files) + sum(map.parts), 40_000);
    assert.deepEqual(map.files.map(f => f.path).sort(), [
      'docs/<\\script><b>.md',
      'docs/guide.md',
      'src/a.ts',
      'src/deep/b.ts',
    ]);
    assert.deepEqual(
      map.whatIf.map(w => w.limit),
      whatIfLimits,
    );
    for (const { limit, forms, tokens } of map.whatIf) {
      assert.equal(forms.length, map.files.length);
      assert.ok(tokens.reduce((a, b) => a + b, 0) < limit);
    }
    assert.deepEqual(new Set(map.whatIf.at(-1)?.forms), new Set(['full']));
    assert.ok(map.whatIf[0]?.forms.some(form => form !== 'full'));

    // What the code says of elements is no element.
    const markup = page.replace(/(<script\b[^>]*>).*?<\/script>/gs, '$1');
    assert.equal(markup.match(/<script/g)?.length, 2);
    assert.doesNotMatch(markup, /<(?:script|link|img|iframe)[^>]+(?:src|href)=/);
    const policy =
      /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
    assert.match(policy, /^default-src 'none';/);
    assert.doesNotMatch(policy, /unsafe|http/);
    for (const pattern of [/<script>(.*?)<\/script>/s, /<style>(.*?)<\/style>/s]) {
      const [, text = ''] = pattern.exec(page) ?? [];
      assert.ok(text.length > 1000);
      assert.ok(policy.includes(`'sha256-${createHash('sha256').update(text).digest('base64')}'`));
    }
  });

  it('does not pack the page it writes, and says where it cannot write it', async () => {
    const html = join(folder, 'map.html');
    for (let round = 0; round < 2; round++) {
      const run = await runCli(['pack', folder, '--html', html, '--json'], { home });
      assert.equal(run.code, 0, run.stderr);
      const { files } = JSON.parse(run.stdout) as { files: { path: string; form: string }[] };
      const own = files.find(f => f.path === 'map.html');
      if (round === 1) assert.equal(own?.form, 'left-out');
    }
    const failed = await runCli(['pack', folder, '--html', join(home, 'no/such/map.html')], { home });
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /map\.html could not be written/);
  });

  for (const args of [
    ['ask', 'why?', '--map'],
    ['count', '--html', 'x.html'],
    ['pack', '--map', '--json'],
    ['pack', '--html', '-'],
  ])
    it(`refuses ${args.join(' ')}`, async () => {
      const run = await runCli(args, { home });
      assert.equal(run.code, 2, run.stderr);
    });
});
