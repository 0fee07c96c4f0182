import assert from 'node:assert/strict';
import { grammars } from '../../tools/grammars.mjs';
import { findFaults, listZip, maxPackageBytes, type Entry } from '../../tools/vsix.ts';

const whole: readonly Entry[] = [
  '[Content_Types].xml',
  'extension.vsixmanifest',
  'extension/package.json',
  'extension/package.nls.json',
  'extension/readme.md',
  'extension/changelog.md',
  'extension/LICENSE.txt',
  'extension/media/icon.png',
  'extension/media/walkthrough/ask.svg',
  'extension/dist/extension.js',
  'extension/dist/measureWorker.js',
  'extension/dist/bedrock.js',
  'extension/dist/o200k.ranks',
  'extension/dist/cl100k.ranks',
  'extension/dist/mcp.js',
  'extension/dist/map.js',
  'extension/media/map.css',
  ...grammars.map(name => `extension/dist/grammars/${name}.wasm.br`),
  'extension/dist/cli.js',
].map(path => ({ path, bytes: 1, packedBytes: 1 }));

describe('what may be in a package', () => {
  it('accepts exactly what ships', () => {
    assert.deepEqual(findFaults(whole, 1000), []);
  });

  for (const path of [
    'extension/dist/extension.js.map',
    'extension/dist/test/host.js',
    'extension/node_modules/openai/index.js',
    'extension/.env',
    'extension/src/cli/main.ts',
    'extension/media/notes.txt',
  ])
    it(`names ${path}`, () => {
      const faults = findFaults([...whole, { path, bytes: 1, packedBytes: 1 }], 1000);
      assert.deepEqual(faults, [`${path} does not belong in the package.`]);
    });

  it('names what is missing', () => {
    assert.deepEqual(findFaults(whole.slice(0, -1), 1000), ['extension/dist/cli.js is missing.']);
  });

  it('refuses a package above the size limit', () => {
    assert.equal(findFaults(whole, maxPackageBytes).length, 0);
    assert.match(findFaults(whole, maxPackageBytes + 1)[0]!, /are the most/);
  });

  it('says so when a file is no zip', () => {
    assert.throws(() => listZip(Buffer.from('x'.repeat(100))), /Not a zip file/);
  });
});
