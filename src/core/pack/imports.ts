/**
 * What a source file says it uses, found by patterns and not by parsing: 20,000 files must cost tenths of a second.
 * Each import comes as a path: `./x` and `../x` from the file's own folder, else `a/b/c`, to be found as a suffix.
 */

/** Imports stand at the beginning, nearly always. Characters. */
const searched = 64 * 1024;
const mostImports = 200;

type Extract = (text: string) => Iterable<string>;

const ecmaScript: Extract = text =>
  matches(text, /\b(?:from|import|require)\s*\(?\s*['"]([^'"\n]{1,200})['"]/g).map(s =>
    s.replace(/\.[cm]?[jt]sx?$/, ''),
  );
const dotted: Extract = text =>
  matches(text, /^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]{1,300})/gm).map(s => s.replaceAll('.', '/'));
const includes: Extract = text =>
  matches(text, /^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]{1,200})[">]/gm).map(s => s.replace(/\.\w+$/, ''));

const extractors: Readonly<Record<string, Extract>> = {
  typescript: ecmaScript,
  typescriptreact: ecmaScript,
  javascript: ecmaScript,
  javascriptreact: ecmaScript,
  vue: ecmaScript,
  svelte: ecmaScript,
  java: dotted,
  kotlin: dotted,
  scala: dotted,
  groovy: dotted,
  c: includes,
  cpp: includes,
  'objective-c': includes,
  'cuda-cpp': includes,
  python,
  go,
  rust,
  csharp: text =>
    matches(text, /^[ \t]*using[ \t]+(?:static[ \t]+)?([\w.]{1,300})[ \t]*;/gm).map(s =>
      s.replaceAll('.', '/'),
    ),
  ruby: text =>
    matches(text, /^[ \t]*require(?:_relative)?[ \t(]*['"]([^'"\n]{1,200})['"]/gm).map(s =>
      s.replace(/\.rb$/, ''),
    ),
  php: text =>
    matches(text, /^[ \t]*use[ \t]+(?:function[ \t]+|const[ \t]+)?([\w\\]{1,300})/gm).map(s =>
      s.replaceAll('\\', '/'),
    ),
};

export function hasImports(language: string): boolean {
  return Object.hasOwn(extractors, language);
}

/** In the order they stand, each once; none for a language whose imports nobody here can read. */
export function importsOf(language: string, text: string): string[] {
  const extract = hasImports(language) ? extractors[language] : undefined;
  if (extract === undefined) return [];
  const found = new Set<string>();
  for (const path of extract(text.slice(0, searched))) {
    if (path !== '' && !/[\r\n]/.test(path)) found.add(path);
    if (found.size >= mostImports) break;
  }
  return [...found];
}

function matches(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), match => match[1] ?? '');
}

/** `from .a import b, c` may mean `a/b`, `a/c`, or names of `a`: the resolver tries the longer path first. */
function* python(text: string): Generator<string> {
  const pattern =
    /^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+\(?[ \t]*([\w, \t]*)|import[ \t]+([\w., \t]+))/gm;
  for (const [, dots = '', module = '', names = '', plain] of text.matchAll(pattern)) {
    if (plain !== undefined) {
      for (const name of plain.split(',')) yield name.trim().split(/\s/)[0]?.replaceAll('.', '/') ?? '';
      continue;
    }
    const up = dots === '' ? '' : dots.length === 1 ? './' : '../'.repeat(dots.length - 1);
    const base = `${up}${module.replaceAll('.', '/')}`;
    const imported = names.split(',').map(name => name.trim().split(/\s/)[0] ?? '');
    for (const name of imported.slice(0, 20)) {
      if (name !== '') yield base === '' || base.endsWith('/') ? base + name : `${base}/${name}`;
      else if (base !== '') yield base;
    }
  }
}

function* go(text: string): Generator<string> {
  for (const [, block = ''] of text.matchAll(/^import[ \t]+(\([^)]*\)|[\w.]*[ \t]*"[^"\n]*")/gm))
    yield* matches(block, /"([^"\n]{1,200})"/g);
}

function* rust(text: string): Generator<string> {
  for (const name of matches(text, /^[ \t]*(?:pub(?:\([^)\n]*\))?[ \t]+)?mod[ \t]+(\w+)[ \t]*;/gm))
    yield `./${name}`;
  for (const path of matches(text, /^[ \t]*(?:pub(?:\([^)\n]*\))?[ \t]+)?use[ \t]+([\w:]{1,300})/gm)) {
    const parts = path.split('::').filter(part => part !== '');
    if (parts[0] === 'super') yield `../${parts.slice(1).join('/')}`;
    else if (parts[0] === 'self') yield `./${parts.slice(1).join('/')}`;
    else yield (parts[0] === 'crate' ? parts.slice(1) : parts).join('/');
  }
}
