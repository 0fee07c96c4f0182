/** A repository of any size, the same for the same size: source that imports, tests, documents, data and binaries. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../../tools/processes.ts';

/** Files of one kind in a folder of a package. */
const perFolder = 25;

export async function makeManyFiles(folder: string, count: number): Promise<void> {
  const made = new Set<string>();
  for (let i = 0; i < count; i++) {
    const [path, content] = fileAt(i);
    const at = path.slice(0, path.lastIndexOf('/'));
    if (!made.has(at)) mkdirSync(join(folder, at), { recursive: true });
    made.add(at);
    writeFileSync(join(folder, path), content);
  }
  const git = (...args: string[]) => run('git', ['-C', folder, ...args]);
  await git('init', '--quiet');
  await git('add', '.');
  await git('-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '--quiet', '-m', 'All');
}

function fileAt(i: number): [path: string, content: string | Uint8Array] {
  const folder = Math.floor(i / perFolder);
  const root = `packages/area${folder % 20}/package${Math.floor(folder / 20)}`;
  switch (i % 10) {
    case 0:
      return [`${root}/docs/page${i}.md`, `# Page ${i}\n\n${sentence(i).repeat(20)}\n`];
    case 1:
    case 2:
      return [
        `${root}/test/part${i}.test.ts`,
        `import { part${i + 2} } from '../src/part${i + 2}.ts';\n${code(i, 15)}`,
      ];
    case 3:
      return i % 100 === 3
        ? [`${root}/assets/image${i}.png`, Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, i & 255, 0)]
        : [`${root}/data/table${i}.json`, `${JSON.stringify({ id: i, text: sentence(i) }, null, 2)}\n`];
    default:
      return [`${root}/src/part${i}.ts`, `import { part${i - 1} } from './part${i - 1}.ts';\n${code(i, 30)}`];
  }
}

function code(i: number, lines: number): string {
  const body = Array.from(
    { length: lines },
    (_, n) => `  if (input === ${n * i}) return '${sentence(n)}';\n`,
  );
  return `/** ${sentence(i)} */\nexport function part${i}(input: number): string {\n${body.join('')}  return '';\n}\n`;
}

const words = 'the budget of a prompt is what its window leaves for the files that it holds'.split(' ');

function sentence(seed: number): string {
  return Array.from({ length: 8 }, (_, n) => words[(seed * 7 + n * 5) % words.length]).join(' ');
}
