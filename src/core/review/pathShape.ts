import type { PathIndex, Resolution } from './pathIndex.ts';

/** How a path was written; decides whether it is one. */
export interface Writing {
  readonly hasLines: boolean;
  /** In back-ticks, brackets or a link, so that its ends are certain. */
  readonly delimited: boolean;
}

// Enough to call `x.ext` a file even when no such file is known and no line is cited.
const strong = new Set(
  `ts tsx mts cts js jsx mjs cjs py pyi rb go rs java kt kts scala swift cpp cxx cc hpp hxx cs php lua dart exs erl clj
  cljs elm zig nim jl sh bash zsh ps1 vue svelte astro scss sass graphql ipynb md mdx rst adoc toml yaml yml tf gradle
  groovy sol cu`.split(/\s+/),
);
// Files too, but also members (`res.json`, `x.map`, `console.log`): these need a directory or a line.
const weak = new Set(
  `c h m mm r d s v hh ex hrl hs ml mli fs fsx vb pl pm pas f90 asm wat log env map txt text ini cfg conf config lock
  json jsonc json5 xml html htm css less svg csv tsv sql proto gql bat cmd fish hcl tfvars properties plist patch diff
  snap tex bib lisp el scm rkt cr coffee hbs ejs pug erb jinja j2 tmpl tpl cmake mk mod sum work bzl bazel nix dockerfile
  gitignore csproj sln editorconfig template sample example in am ac lds vy cljc thrift avsc http rest`.split(
    /\s+/,
  ),
);
const domains = new Set(
  'com org net io dev ai app co me gov edu uk de fr eu info xyz cloud sh tv gg so'.split(' '),
);
const products = new Set(
  `node next nuxt vue react express ember backbone three d3 chart moment angular alpine highlight prism socket discord
  handlebars mustache knockout underscore p5 matter pixi babylon electron deno bun`.split(/\s+/),
);
export const plainFileNames: ReadonlySet<string> = new Set(
  `makefile gnumakefile dockerfile containerfile gemfile rakefile procfile jenkinsfile vagrantfile brewfile justfile
  codeowners license licence readme changelog notice authors contributing copying pipfile podfile fastfile tiltfile
  earthfile build workspace`.split(/\s+/),
);

/** Is this mention a path at all? `resolution` is what the index makes of it. */
export function isMention(
  written: string,
  resolution: Resolution,
  writing: Writing,
  index: PathIndex,
): boolean {
  if (/^[vV]?\d+(?:\.\d+)*$/.test(written) || /[{}]/.test(written)) return false;
  return resolution.kind === 'unknown'
    ? isPathShaped(written, resolution.path, writing, index)
    : isKnownName(written, resolution, writing);
}

function isKnownName(written: string, resolution: Resolution, writing: Writing): boolean {
  const name = lastSegment(resolution.path);
  const slashed = /[\\/]/.test(written);
  if (extensionOf(name) !== undefined)
    return slashed || writing.hasLines || !isProduct(written, resolution.path);
  if (name.startsWith('.')) return lastSegment(written.replaceAll('\\', '/')) === name;
  if (slashed) return writing.delimited || writing.hasLines || resolution.path.endsWith(normal(written));
  // A file called `test` or `run` is not meant by every such word.
  const conventional = plainFileNames.has(name.toLowerCase()) || /^[A-Z][A-Z_-]{3,}$/.test(name);
  const sameSpelling = name === written || resolution.kind === 'several';
  if (conventional) return writing.hasLines || sameSpelling;
  const wholePath = resolution.kind === 'known' && resolution.by === 'path';
  return writing.hasLines && sameSpelling && (writing.delimited || wholePath);
}

function isPathShaped(written: string, path: string, writing: Writing, index: PathIndex): boolean {
  const segments = path.split('/');
  const name = segments.at(-1) ?? '';
  const first = segments[0] ?? '';
  if (/^[^/\\]*\w@/.test(written) || /[*?!<>|]/.test(path)) return false;
  const slashed = segments.length > 1;
  if (slashed && isHost(first, index)) return false;
  // "a.ts/b.ts" are two files.
  if (segments.slice(0, -1).some(segment => strong.has(extensionOf(segment) ?? ''))) return false;
  const extension = extensionOf(name)?.toLowerCase();
  if (extension === undefined) {
    if (!writing.hasLines) return false;
    if (plainFileNames.has(name.toLowerCase())) return true;
    if (/^\.[A-Za-z][\w.-]{2,}$/.test(name)) return true;
    return slashed && /^[\w.-]+$/.test(name) && index.hasTopDirectory(first);
  }
  const inUse = index.extensions.has(extension);
  const listed = strong.has(extension) || weak.has(extension) || inUse;
  if (writing.hasLines) return listed || (slashed && !domains.has(extension) && /^[a-z]\w*$/.test(extension));
  if (/^(?:\/|[A-Za-z]:|~)/.test(written)) return strong.has(extension);
  if (slashed) return listed && !isProduct(name, '');
  return writing.delimited && strong.has(extension) && !isProduct(name, '');
}

/** `Node.js`: a product, unless a file has exactly this name. */
function isProduct(written: string, known: string): boolean {
  if (!/^[\w]+\.js$/i.test(written) || lastSegment(known) === written) return false;
  return products.has(written.slice(0, -3).toLowerCase());
}

function isHost(first: string, index: PathIndex): boolean {
  const top = extensionOf(first)?.toLowerCase();
  return top !== undefined && domains.has(top) && !index.hasTopDirectory(first);
}

function extensionOf(name: string): string | undefined {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot + 1) : '';
  return /^[A-Za-z][A-Za-z0-9_+-]{0,11}$/.test(extension) || /^[0-9][A-Za-z]\w*$/.test(extension)
    ? extension
    : undefined;
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function normal(written: string): string {
  return written.replaceAll('\\', '/').replace(/^[./]+/, '');
}
