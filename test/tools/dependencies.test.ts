import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
};
const contributing = readFileSync('CONTRIBUTING.md', 'utf8');

describe('dependencies', () => {
  it('each at run time has its line in CONTRIBUTING: why, licence, and what it weighs', () => {
    const rows = [...contributing.matchAll(/^\| `([^`]+)` +\|([^|]+)\|([^|]+)\|([^|]+)\|$/gm)];
    assert.deepEqual(rows.map(([, name]) => name).sort(), Object.keys(manifest.dependencies).sort());
    for (const [, name, why = '', licence = '', weight = ''] of rows) {
      assert.ok(why.trim().length > 20 && licence.trim() !== '', name);
      assert.match(weight, /\d+(\.\d+)? (kB|MB)|nothing yet/, name);
    }
  });

  it('all are pinned', () => {
    const { dependencies, devDependencies } = manifest;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      assert.match(version, /^\d+\.\d+\.\d+$/, name);
  });

  it('the types of VS Code are those of the oldest version we claim', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { vscode: string } };
    assert.equal(engines.vscode, `^${manifest.devDependencies['@types/vscode']}`);
  });
});
