import assert from 'node:assert/strict';
import fc from 'fast-check';

import { atOnce } from '../../../src/core/pace.ts';
import { rowDetails, rowText, formsText } from '../../../src/core/pack/fileRowText.ts';
import { wantedFiles } from '../../../src/core/pack/fileSums.ts';
import {
  childrenOf,
  filesTree,
  tickOf,
  type FilesInput,
  type FilesNode,
  type FolderNode,
} from '../../../src/core/pack/filesTree.ts';
import { findable, findFiles } from '../../../src/core/pack/findFile.ts';
import { planPack } from '../../../src/core/pack/plan.ts';
import {
  noSteering,
  steer,
  tick,
  wishFor,
  wishNames,
  type Steering,
} from '../../../src/core/pack/steering.ts';
import type { LeftOutFile, Skip, SourceFile } from '../../../src/core/workspace/types.ts';

function source(path: string, tokens = 100, more: Partial<SourceFile> = {}): SourceFile {
  const base = {
    path,
    absolutePath: `/w/${path}`,
    bytes: 4 * tokens,
    lines: 9,
    language: 'plaintext',
    hash: path,
  };
  return { ...base, tokens, ...more };
}

function input(
  files: SourceFile[],
  steering = noSteering,
  room: number | null = null,
  more: Partial<FilesInput['inventory']> = {},
): FilesInput {
  const inventory = { files, leftOut: [], skips: [], ...more };
  return { inventory, plan: planPack(inventory, room, { steering }), steering };
}

const tree = (given: FilesInput) => atOnce(filesTree(given));
const texts = (node: FolderNode, pack: number): string[] =>
  childrenOf(node).map(child => `${child.name}: ${rowText(child, pack)}`);

const allOf = (node: FilesNode): FilesNode[] =>
  node.kind === 'file' ? [node] : [node, ...childrenOf(node).flatMap(allOf)];

describe('files tree', () => {
  const big: Skip = { path: 'src/big.bin', reason: { kind: 'binary' } };
  const ruled: LeftOutFile = {
    ...{ path: 'docs/old.md', absolutePath: '/w/docs/old.md' },
    leftOutBy: { kind: 'longviewignore', source: '.longviewignore', rule: 'old.md' },
  };
  const data = source('src/data.csv', 1000, { shortened: { tokens: 50, reason: '90 of 100 lines' } });
  const files = [
    source('README.md'),
    source('src/a.ts', 300),
    source('src/b10.ts'),
    source('src/b9.ts'),
    data,
  ];

  it('shows every file in its folder: folders first, numbers as numbers, what is skipped with the reason', () => {
    const { root } = tree(input(files, noSteering, null, { leftOut: [ruled], skips: [big] }));
    assert.deepEqual(texts(root, 650), ['docs: left out', 'src: 550 · 85 %', 'README.md: full · 100 · 15 %']);
    const [docs, src] = childrenOf(root) as FolderNode[];
    assert.deepEqual(texts(docs!, 650), ['old.md: left out · by a rule']);
    assert.deepEqual(texts(src!, 650), [
      'a.ts: full · 300 · 46 %',
      'b9.ts: full · 100 · 15 %',
      'b10.ts: full · 100 · 15 %',
      'big.bin: skipped · binary content',
      'data.csv: shortened · 50 · saves 950 · 7.7 %',
    ]);
    assert.equal(formsText(root.sums), '4 full, 1 shortened, 1 left out by rules, 1 skipped');
    assert.match(rowDetails(childrenOf(docs!)[0]!, 650)[0]!, /\.longviewignore says `old\.md`/);
  });

  it('a folder whose files are partly excluded looks so, and what nobody can wish for has no box', () => {
    const steering = steer(noSteering, ['src/a.ts'], 'exclude');
    const { root, nodes } = tree(input(files, steering, null, { leftOut: [ruled], skips: [big] }));
    const ticks = ['', 'src', 'src/a.ts', 'src/b9.ts', 'docs', 'src/big.bin'].map(p => tickOf(nodes.get(p)!));
    assert.deepEqual(ticks, ['partly', 'partly', 'off', 'on', 'none', 'none']);
    assert.equal(rowText(nodes.get('src')!, 350), '3 of 4 files · 250 · 71 %');
    assert.equal(rowText(nodes.get('src/a.ts')!, 350), 'excluded');
    assert.equal(root.sums.tokens, 350);
  });

  it('says what a file that found no room needs, and what is pinned', () => {
    const steering = steer(noSteering, ['src/b9.ts'], 'pin');
    const { nodes } = tree(input(files, steering, 120));
    assert.equal(rowText(nodes.get('src/b9.ts')!, 100), 'pinned · full · 100 · 100 %');
    assert.equal(rowText(nodes.get('src/a.ts')!, 100), 'left out · needs 300');
    assert.match(rowDetails(nodes.get('src/a.ts')!, 100)[1]!, /^no room: it needs 300 tokens/);
  });

  it('sends data whole on a wish, and takes it back', () => {
    const whole = steer(noSteering, ['src/data.csv'], 'full');
    assert.match(rowText(tree(input(files, whole)).nodes.get('src/data.csv')!, 1600), /^full · 1,000/);
    const back = steer(whole, ['src/data.csv'], undefined);
    assert.match(
      rowText(tree(input(files, back)).nodes.get('src/data.csv')!, 650),
      /^shortened · 50 · saves 950 /,
    );
  });

  it('a new plan of the same files changes the nodes that are there', () => {
    const before = input(files);
    const first = tree(before);
    const node = first.nodes.get('src/a.ts');
    const steering = steer(noSteering, ['src'], 'exclude');
    const plan = planPack(before.inventory, null, { steering });
    const next = atOnce(filesTree({ ...before, plan, steering }, first));
    assert.equal(next.nodes.get('src/a.ts'), node);
    assert.equal(tickOf(next.nodes.get('src')!), 'off');
    assert.equal(next.root.sums.tokens, 100);
    const other = atOnce(filesTree(input([...files]), next));
    assert.notEqual(other.nodes.get('src/a.ts'), node);
  });

  it('a tracked file that is a folder today is skipped beside that folder, which counts once', () => {
    const skip: Skip = { path: 'a', reason: { kind: 'not-a-file', what: 'a folder' } };
    const given = input([source('a/b', 5), source('c', 5)], noSteering, null, { skips: [skip] });
    let tree = atOnce(filesTree(given));
    for (let again = 0; again < 2; again++) tree = atOnce(filesTree(given, tree));
    const node = tree.nodes.get('a');
    assert.ok(node?.kind === 'folder');
    assert.equal(node.sums.tokens, given.plan.files.find(f => f.path === 'a/b')?.tokens);
    assert.equal(tree.root.sums.tokens, given.plan.tokens);
    assert.equal(tree.root.sums.skipped, 1);
  });

  it('takes a wish that the plan does not know yet', () => {
    const { inventory, plan } = input(files);
    const steering = steer(noSteering, ['README.md'], 'exclude');
    assert.equal(tickOf(tree({ inventory, plan, steering }).nodes.get('README.md')!), 'off');
  });

  const segment = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'));
  const paths = fc.uniqueArray(path, { maxLength: 12 }).map(all => {
    const isFolder = (p: string) => all.some(other => other.startsWith(`${p}/`));
    return all.filter(p => !isFolder(p)).sort();
  });
  const clicks = fc.array(fc.tuple(path, fc.boolean()), { maxLength: 8 });

  it('law: sums are those of the files, whatever was ticked', () => {
    fc.assert(
      fc.property(paths, clicks, (all, said) => {
        const steering = said.reduce<Steering>((s, [p, on]) => tick(s, [p], on), noSteering);
        const {
          root,
          nodes,
          paths: every,
        } = tree(
          input(
            all.map((p, i) => source(p, i + 1)),
            steering,
          ),
        );
        for (const node of allOf(root)) {
          if (node.kind === 'file') continue;
          const below = allOf(root).filter(
            n => n.kind === 'file' && (node.path === '' || n.path.startsWith(`${node.path}/`)),
          );
          const wanted = below.filter(n => tickOf(n) === 'on');
          assert.equal(wantedFiles(node.sums), wanted.length);
          assert.equal(node.sums.excluded, below.length - wanted.length);
          const tokens = wanted.reduce((sum, n) => sum + 1 + all.indexOf(n.path), 0);
          assert.equal(node.sums.tokens, tokens);
          const expected =
            below.length === 0
              ? 'none'
              : wanted.length === 0
                ? 'off'
                : wanted.length === below.length
                  ? 'on'
                  : 'partly';
          assert.equal(tickOf(node), expected);
        }
        assert.equal(root.path, '');
        assert.deepEqual([...every()].sort(), all);
        for (const node of allOf(root)) assert.equal(nodes.get(node.path), node);
      }),
    );
  });

  it('law: a tick holds for the path and all below it, and disturbs nothing else', () => {
    const wished = fc.array(fc.tuple(path, fc.constantFrom(...wishNames)), { maxLength: 6 });
    fc.assert(
      fc.property(paths, wished, path, fc.boolean(), (all, before, at, on) => {
        const first = before.reduce<Steering>((s, [p, w]) => steer(s, [p], w), noSteering);
        const next = tick(first, [at], on);
        for (const file of all) {
          const inside = file === at || file.startsWith(`${at}/`);
          const now = wishFor(next, file)?.wish;
          if (inside) assert.equal(now !== 'exclude', on);
          else assert.equal(now, wishFor(first, file)?.wish);
        }
      }),
    );
  });

  it('ticked again, a file under a folder with a wish has that wish again', () => {
    const outlined = steer(noSteering, ['src'], 'outline');
    const again = tick(tick(outlined, ['src/a.ts'], false), ['src/a.ts'], true);
    assert.deepEqual([...again], [['src', 'outline']]);
  });

  it('finds by words in any order, names before paths, and says how many there are', () => {
    const items = ['src/core/plan.ts', 'src/plan/core.ts', 'test/plan.test.ts', 'docs/a.md'].map(p => ({
      path: p,
      name: p.split('/').at(-1)!,
    }));
    const all = items.map(findable);
    assert.deepEqual(
      findFiles(all, 'PLAN core', 9).hits.map(f => f.path),
      ['src/core/plan.ts', 'src/plan/core.ts'],
    );
    assert.deepEqual(findFiles(all, 'plan', 1), { hits: [items[0]], total: 3 });
    assert.equal(findFiles(all, ' ', 2).total, 4);
    assert.deepEqual(findFiles(all, 'nowhere', 9), { hits: [], total: 0 });
  });

  it('of very many files it finds the same best ones as by sorting all', () => {
    const items = Array.from({ length: 2000 }, (_, i) => ({
      path: `${'d/'.repeat((i * 7) % 13)}part${i % 3 === 0 ? '' : '-plan'}${i}.ts`,
      name: `part${i % 3 === 0 ? '' : '-plan'}${i}.ts`,
    }));
    const all = items.map(findable);
    const sorted = findFiles(all, 'plan', all.length).hits.slice(0, 20);
    assert.deepEqual(findFiles(all, 'plan', 20).hits, sorted);
  });

  it('a folder of very many files keeps the order of their paths', () => {
    const many = Array.from({ length: 3100 }, (_, i) => source(`f${String(i).padStart(5, '0')}`));
    const children: readonly FilesNode[] = childrenOf(tree(input([...many, source('z/a')])).root);
    assert.equal(children[0]?.name, 'z');
    assert.deepEqual(
      children.slice(1).map(c => c.name),
      many.map(f => f.path),
    );
  });
});
