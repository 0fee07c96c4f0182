/** VS Code's language ids by file name, for where no editor is there to ask. Ids of its built-in and best-known extensions. */
const byExtension = table({
  bat: 'bat cmd',
  c: 'c',
  clojure: 'clj cljs cljc edn',
  coffeescript: 'coffee cson',
  cpp: 'cpp cc cxx c++ hpp hh hxx h h++ ipp inl ino',
  csharp: 'cs csx cake',
  css: 'css',
  'cuda-cpp': 'cu cuh',
  dart: 'dart',
  diff: 'diff patch rej',
  elixir: 'ex exs',
  erlang: 'erl hrl',
  fsharp: 'fs fsi fsx fsscript',
  go: 'go',
  graphql: 'graphql gql',
  groovy: 'groovy gvy gradle jenkinsfile nf',
  handlebars: 'handlebars hbs hjs',
  haskell: 'hs lhs',
  hlsl: 'hlsl hlsli fx',
  html: 'html htm shtml xhtml jsp asp aspx jshtm',
  ini: 'ini',
  jade: 'pug jade',
  java: 'java jav',
  javascript: 'js mjs cjs es6',
  javascriptreact: 'jsx',
  json: 'json webmanifest har geojson ipynb map topojson jslintrc',
  jsonc: 'jsonc code-workspace code-snippets',
  jsonl: 'jsonl ndjson',
  json5: 'json5',
  julia: 'jl',
  kotlin: 'kt kts',
  latex: 'tex ltx ctx',
  bibtex: 'bib',
  less: 'less',
  lisp: 'lisp lsp cl el',
  log: 'log',
  lua: 'lua',
  makefile: 'mak mk',
  markdown: 'md markdown mkd mdown mdwn markdn mdtext',
  mdx: 'mdx',
  nix: 'nix',
  'objective-c': 'm',
  'objective-cpp': 'mm',
  ocaml: 'ml mli',
  perl: 'pl pm pod t psgi',
  raku: 'raku rakumod rakutest p6 pl6 pm6',
  php: 'php php4 php5 phtml ctp',
  powershell: 'ps1 psm1 psd1 pssc psrc',
  prisma: 'prisma',
  properties: 'properties cfg conf directory gitattributes gitconfig gitmodules editorconfig npmrc repo',
  proto3: 'proto',
  python: 'py rpy pyw cpy gyp gypi pyi ipy pyt',
  r: 'r rhistory rprofile rt',
  razor: 'cshtml razor',
  restructuredtext: 'rst',
  ruby: 'rb rbx rjs gemspec rake ru erb podspec rbi',
  rust: 'rs',
  sass: 'sass',
  scala: 'scala sc sbt',
  scss: 'scss',
  shaderlab: 'shader',
  shellscript:
    'sh bash bashrc bash_aliases bash_profile bash_login ebuild profile bash_logout xprofile zsh zshrc zprofile zlogin zlogout zshenv fish ksh csh cshrc tcshrc',
  solidity: 'sol',
  sql: 'sql dsql',
  svelte: 'svelte',
  swift: 'swift',
  terraform: 'tf tfvars hcl',
  toml: 'toml',
  typescript: 'ts cts mts',
  typescriptreact: 'tsx',
  vb: 'vb brs vbs bas vba',
  verilog: 'v vh',
  systemverilog: 'sv svh',
  vhdl: 'vhd vhdl',
  vue: 'vue',
  wgsl: 'wgsl',
  xml: 'xml xsd ascx atom axml bpmn csproj fsproj vbproj vcxproj props targets config plist pom rss svg wsdl xaml xib storyboard csl resx nuspec',
  xsl: 'xsl xslt',
  yaml: 'yaml yml eyaml eyml cff',
  zig: 'zig',
  asciidoc: 'adoc asciidoc',
  cmake: 'cmake',
  csv: 'csv',
  tsv: 'tsv',
  dockerfile: 'dockerfile containerfile',
  starlark: 'bzl star bazel',
  wat: 'wat wast',
  glsl: 'glsl vert frag geom comp',
});

const byName = table({
  dockerfile: 'dockerfile containerfile',
  dotenv: '.env',
  groovy: 'jenkinsfile',
  ignore:
    '.gitignore .npmignore .dockerignore .vscodeignore .longviewignore .ignore .prettierignore .eslintignore',
  json: 'composer.lock package-lock.json .watchmanconfig',
  jsonc:
    'tsconfig.json jsconfig.json .eslintrc .babelrc .jshintrc .swcrc settings.json launch.json tasks.json keybindings.json extensions.json devcontainer.json',
  makefile: 'makefile gnumakefile ocamlmakefile',
  properties: '.editorconfig .npmrc .gitconfig .gitattributes .gitmodules',
  ruby: 'rakefile gemfile guardfile podfile capfile cheffile hobofile vagrantfile fastfile appfile brewfile',
  shellscript: '.bashrc .zshrc .profile .bash_profile .envrc pkgbuild',
  starlark: 'build build.bazel workspace workspace.bazel',
  toml: 'cargo.lock pipfile poetry.lock uv.lock',
  cmake: 'cmakelists.txt',
  yaml: '.clang-format .clang-tidy .clangd pnpm-lock.yaml',
  'go.mod': 'go.mod go.work',
  'go.sum': 'go.sum',
  'pip-requirements': 'requirements.txt',
});

/** The id VS Code would show for a file of this name; `plaintext` where the name tells nothing. */
export function languageOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const known = byName.get(name);
  if (known !== undefined) return known;
  if (/^(dockerfile|containerfile)\./.test(name)) return 'dockerfile';
  if (/^\.env\./.test(name)) return 'dotenv';
  const dot = name.lastIndexOf('.');
  return (dot < 0 ? undefined : byExtension.get(name.slice(dot + 1))) ?? 'plaintext';
}

/** A map: looked up in an object, each name would join V8's table of property names, and a full collection weeds them out. */
function table(names: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(names).flatMap(([id, list]) => list.split(' ').map(name => [name, id] as const)),
  );
}
