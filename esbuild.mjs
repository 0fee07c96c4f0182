// Bundles what ships, and reports what it weighs.
//   --production  minified, without source maps: what goes into the package
//   --tests       also the bundle that runs inside a VS Code extension host
//   --watch       rebuilds on every change
//   --quiet       no size report
import { build, context } from 'esbuild';
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { writeGrammars } from './tools/grammars.mjs';
import { writeRanks } from './tools/ranks.mjs';

/** One bundle per process or thread that starts on its own. */
const shipped = [
  { out: 'dist/extension.js', entry: 'src/vscode/extension.ts', external: ['vscode'] },
  { out: 'dist/measureWorker.js', entry: 'src/core/pack/measureWorker.ts' },
  // The MCP SDK, loaded by `longview mcp` alone.
  { out: 'dist/mcp.js', entry: 'src/cli/mcpServer.ts' },
  // AWS's client: loaded with the first question to Bedrock, by `import()` from the bundles above and below.
  {
    out: 'dist/bedrock.js',
    entry: 'src/core/endpoint/bedrock/converse.ts',
    // That a later version of it will want a newer Node.js is no news for whoever asks a question.
    define: { 'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED': '"true"' },
  },
  { out: 'dist/map.js', entry: 'src/webview/map/main.ts', platform: 'browser' },
  { out: 'dist/cli.js', entry: 'src/cli/main.ts', banner: '#!/usr/bin/env node', executable: true },
];

/** mocha stays outside: it loads the bundle and must be the one instance whose `describe` the bundle calls. */
const tests = [
  { out: 'dist/test/host.js', entry: 'test/run/hostEntry.ts', external: ['vscode', 'mocha'] },
  { out: 'dist/test/suite.js', contents: hostTestImports, external: ['vscode', 'mocha'] },
  { out: 'dist/test/hostBench.js', entry: 'test/bench/hostBench.ts', external: ['vscode', 'mocha'] },
];

const flags = new Set(process.argv.slice(2));
const production = flags.has('--production');
const targets = flags.has('--tests') ? [...shipped, ...tests] : shipped;

/** @param {(typeof shipped)[number] & { contents?: () => string }} target */
function options(target) {
  return {
    ...(target.contents === undefined
      ? { entryPoints: [target.entry] }
      : { stdin: { contents: target.contents(), resolveDir: '.', loader: 'ts' } }),
    outfile: target.out,
    bundle: true,
    platform: target.platform ?? 'node',
    target: target.platform === 'browser' ? 'es2022' : 'node20',
    format: target.platform === 'browser' ? 'iife' : 'cjs',
    external: target.external ?? [],
    define: target.define ?? {},
    loader: { '.svg': 'text' },
    plugins: [loadedLater(target.out)],
    banner: target.banner === undefined ? {} : { js: target.banner },
    minify: production,
    // mocha and error reports name functions and classes, so names survive minifying.
    keepNames: true,
    sourcemap: production ? false : 'linked',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  };
}

/** Modules that are bundles of their own: an `import()` of one stays an import, of that bundle. */
const later = { 'converse.ts': 'dist/bedrock.js', 'mcpServer.ts': 'dist/mcp.js' };

function loadedLater(out) {
  return {
    name: 'loaded later',
    setup({ onResolve }) {
      onResolve({ filter: /\/\w+\.ts$/ }, ({ kind, path }) => {
        const bundle = kind === 'dynamic-import' ? later[path.slice(path.lastIndexOf('/') + 1)] : undefined;
        if (bundle === undefined) return undefined;
        const at = relative(dirname(out), bundle);
        return { path: at.startsWith('.') ? at : `./${at}`, external: true };
      });
    },
  };
}

/** Every host test, found when the bundle is made, so that a new file cannot be forgotten in a list. */
function hostTestImports() {
  return readdirSync('test/host', { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.ts'))
    .sort()
    .map(name => `import './test/host/${name.replaceAll('\\', '/')}';`)
    .join('\n');
}

/** `dist/cli.js 812.4 kB: openai 402.1 kB, src 61.0 kB, …`, heaviest first. */
function sizeReport(out, { bytes, inputs }) {
  const weights = new Map();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const owner = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path.split('/')[0];
    weights.set(owner, (weights.get(owner) ?? 0) + bytesInOutput);
  }
  const parts = [...weights]
    .sort((a, b) => b[1] - a[1])
    .map(([owner, size]) => `${owner} ${kilobytes(size)}`);
  return `${out} ${kilobytes(bytes)}: ${parts.join(', ')}`;
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

async function buildTarget(target) {
  const { metafile } = await build(options(target));
  if (target.executable) chmodSync(target.out, 0o755);
  const output = metafile.outputs[target.out];
  if (!flags.has('--quiet')) console.log(sizeReport(target.out, output));
}

// A bundle of an entry that is gone, or a map of the last development build, must not be packed by accident.
rmSync('dist', { recursive: true, force: true });
// Compressing them best takes seconds, which only a package is worth.
writeRanks('dist', production ? 11 : 5);
writeGrammars('dist', production ? 9 : 1);
if (flags.has('--watch')) {
  for (const target of targets) await (await context(options(target))).watch();
} else {
  await Promise.all(targets.map(buildTarget));
}
