import assert from 'node:assert/strict';
import { ESLint } from 'eslint';

/** Source text put in the place of a file that exists, and the rule that must refuse it (none: it must pass). */
const cases: readonly { what: string; file: string; text: string; rule?: string }[] = [
  {
    what: 'core reads the editor',
    file: 'src/core/errors.ts',
    text: `export * from 'vscode';`,
    rule: 'house/arrows',
  },
  {
    what: 'core loads the editor late',
    file: 'src/core/pack/frame.ts',
    text: `void import('vscode');`,
    rule: 'house/arrows',
  },
  {
    what: 'the command line reads the editor',
    file: 'src/cli/main.ts',
    text: `import 'vscode';`,
    rule: 'house/arrows',
  },
  {
    what: 'core imports a host',
    file: 'src/core/pack/frame.ts',
    text: `import '../../vscode/extension.ts';`,
    rule: 'house/arrows',
  },
  {
    what: 'a host imports another',
    file: 'src/vscode/extension.ts',
    text: `import '../cli/main.ts';`,
    rule: 'house/arrows',
  },
  {
    what: 'common ground imports a room',
    file: 'src/core/errors.ts',
    text: `import './pack/frame.ts';`,
    rule: 'house/arrows',
  },
  {
    what: 'siblings import each other',
    file: 'src/core/workspace/types.ts',
    text: `import '../endpoint/types.ts';`,
    rule: 'house/arrows',
  },
  {
    what: 'pack imports review',
    file: 'src/core/pack/frame.ts',
    text: `export * from '../review/x.ts';`,
    rule: 'house/arrows',
  },
  {
    what: 'pack imports the offline reader',
    file: 'src/core/pack/frame.ts',
    text: `import '../offline/x.ts';`,
    rule: 'house/arrows',
  },
  {
    what: 'pack names a type of lab',
    file: 'src/core/pack/frame.ts',
    text: `export type T = import('../lab/x.ts').X;`,
    rule: 'house/arrows',
  },
  {
    what: 'what ships imports a test',
    file: 'src/cli/main.ts',
    text: `import '../../test/run/all.ts';`,
    rule: 'house/arrows',
  },
  { what: 'pack imports workspace', file: 'src/core/pack/frame.ts', text: `import '../workspace/types.ts';` },
  {
    what: 'a host imports core',
    file: 'src/vscode/extension.ts',
    text: `import 'vscode';\nimport '../core/pack/frame.ts';`,
  },
  {
    what: 'a cycle',
    file: 'src/core/pack/frame.ts',
    text: `import './unpack.ts';`,
    rule: 'import-x/no-cycle',
  },
  {
    what: 'settings read elsewhere',
    file: 'src/vscode/extension.ts',
    text: `import { workspace } from 'vscode';\nworkspace.getConfiguration();`,
    rule: 'no-restricted-syntax',
  },
  {
    what: 'a path that is taken for the place of a file',
    file: 'src/vscode/extension.ts',
    text: `import * as vscode from 'vscode';\nvscode.Uri.file('/a');`,
    rule: 'no-restricted-syntax',
  },
  {
    what: 'an unwatched promise',
    file: 'src/cli/main.ts',
    text: `async function f(): Promise<void> {}\nf();`,
    rule: '@typescript-eslint/no-floating-promises',
  },
  {
    what: 'any',
    file: 'src/cli/main.ts',
    text: `export const a = (b: any): void => void b;`,
    rule: '@typescript-eslint/no-explicit-any',
  },
  {
    what: 'a forgotten case',
    file: 'src/cli/main.ts',
    text: `export function f(s: 'a' | 'b'): void {\n  switch (s) {\n    case 'a':\n  }\n}`,
    rule: '@typescript-eslint/switch-exhaustiveness-check',
  },
  { what: 'a long file', file: 'src/cli/main.ts', text: '// so long\n'.repeat(451), rule: 'max-lines' },
];

describe('the rules of the house, as lint', function () {
  this.timeout(60_000);
  const eslint = new ESLint();

  for (const { what, file, text, rule } of cases) {
    it(`${rule === undefined ? 'allows' : 'refuses'}: ${what}`, async () => {
      const [result] = await eslint.lintText(text, { filePath: file });
      const rules = result!.messages.map(({ ruleId, message }) => ruleId ?? message);
      if (rule === undefined) assert.deepEqual(rules, []);
      else assert.ok(rules.includes(rule), `expected ${rule}, got [${rules.join(', ')}]`);
    });
  }

  it('refuses: a disable comment that disables nothing', async () => {
    const [result] = await eslint.lintText('// eslint-disable-next-line eqeqeq\nexport {};\n', {
      filePath: 'src/cli/main.ts',
    });
    assert.match(result!.messages[0]!.message, /Unused eslint-disable/);
  });
});
