import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the bench inside the extension host finds the endpoint that answers so: base URL, a space, the model. */
export const longAnswerVariable = 'LONGVIEW_BENCH_ENDPOINT';

const anchors = 500;
/** UTF-16 units; about 30,000 tokens of prose and code. */
const length = 120_000;
const mostFiles = 120;

/**
 * An answer that cites the folder 500 times: three of four places are quoted rightly, the others some lines off, as
 * models do. The same folder gives the same answer.
 */
export function longAnswer(folder: string): string {
  const names = execFileSync('git', ['ls-files', '-z'], { cwd: folder, maxBuffer: 1 << 28 })
    .toString()
    .split('\0');
  const files: { readonly path: string; readonly lines: readonly string[]; readonly quotable: number[] }[] =
    [];
  for (const path of names) {
    if (files.length === mostFiles) break;
    if (!/\.(?:ts|js|py|go|rs|c|h|java|md)$/.test(path)) continue;
    const lines = readFileSync(join(folder, path), 'utf8').split('\n');
    const quotable = lines.flatMap((line, i) => (/^[^`]{20,90}$/.test(line.trim()) ? [i] : []));
    if (quotable.length > 10) files.push({ path, lines, quotable });
  }
  if (files.length === 0) throw new Error(`${folder} holds nothing that could be cited.`);
  let all = '';
  for (let i = 0; i < anchors; i++) {
    const file = files[i % files.length];
    const at = file?.quotable[(i * 37) % file.quotable.length];
    if (file === undefined || at === undefined) continue;
    const cited = i % 4 === 3 ? at + 1 + (i % 20) : at + 1;
    all += `Point ${i}: this is decided in \`${file.path}:${cited}\` \`${file.lines[at]?.trim()}\`. `;
    all += 'Nothing else depends on it, as far as the files of this workspace show.\n';
    if (i % 10 === 0) all += `\n\`\`\`\n${file.lines.slice(at, at + 8).join('\n')}\n\`\`\`\n\n`;
  }
  const filler = 'What follows from it is that the rest can stay as it is, and is read when it is wanted. ';
  const rows = Math.ceil(Math.max(0, length - all.length) / (filler.length * 5 + 2));
  return all + `\n${filler.repeat(5)}\n`.repeat(rows);
}
