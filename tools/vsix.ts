import { grammars } from './grammars.mjs';

/** A file of a package. */
export interface Entry {
  readonly path: string;
  readonly bytes: number;
  readonly packedBytes: number;
}

/** No package of ours may be larger: a bundled model, a source map or node_modules would be. */
export const maxPackageBytes = 6_000_000;

const required: readonly string[] = [
  '[Content_Types].xml',
  'extension.vsixmanifest',
  'extension/package.json',
  'extension/package.nls.json',
  'extension/readme.md',
  'extension/changelog.md',
  'extension/LICENSE.txt',
  'extension/media/icon.png',
  'extension/dist/extension.js',
  'extension/dist/measureWorker.js',
  'extension/dist/bedrock.js',
  'extension/dist/o200k.ranks',
  'extension/dist/cl100k.ranks',
  'extension/dist/mcp.js',
  'extension/dist/cli.js',
  'extension/dist/map.js',
  ...grammars.map(name => `extension/dist/grammars/${name}.wasm.br`),
  'extension/media/map.css',
];

/** Pictures and styles may come and go; everything else is named. */
const allowed: readonly RegExp[] = [/^extension\/media\/((walkthrough|readme)\/)?[\w-]+\.(svg|png|css|md)$/];

/** What is wrong with a package, one sentence each; none when it may be shipped. */
export function findFaults(entries: readonly Entry[], packageBytes: number): string[] {
  const paths = new Set(entries.map(entry => entry.path));
  return [
    ...entries
      .filter(({ path }) => !required.includes(path) && !allowed.some(pattern => pattern.test(path)))
      .map(({ path }) => `${path} does not belong in the package.`),
    ...required.filter(path => !paths.has(path)).map(path => `${path} is missing.`),
    ...(packageBytes > maxPackageBytes
      ? [`The package has ${packageBytes} bytes; ${maxPackageBytes} are the most it may have.`]
      : []),
  ];
}

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

/** Lists a zip file from its central directory, which says what an installer would see. */
export function listZip(zip: Buffer): Entry[] {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== endOfDirectory) end--;
  if (end < 0) throw new Error('Not a zip file: it has no central directory.');
  const entries: Entry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== directoryEntry) throw new Error(`Not a zip directory entry at ${at}.`);
    const nameLength = zip.readUInt16LE(at + 28);
    entries.push({
      path: zip.toString('utf8', at + 46, at + 46 + nameLength),
      packedBytes: zip.readUInt32LE(at + 20),
      bytes: zip.readUInt32LE(at + 24),
    });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}
