import type { SourceFile } from '../workspace/types.ts';

/** How much a reviewer misses a file when there is no room for it; lower is kept first. */
interface RankClass {
  readonly rank: number;
  readonly name: string;
  readonly matches: (path: string) => boolean;
}

const segment = (names: string) => new RegExp(`(^|/)(${names})/`, 'i');
const named = (pattern: string) => new RegExp(`(^|/)(${pattern})$`, 'i');

/** First match wins. Demoted is not hidden: the plan names every file that found no room. */
const classes: readonly RankClass[] = [
  {
    rank: 8,
    name: 'lock file',
    matches: path =>
      named(
        'package-lock\\.json|npm-shrinkwrap\\.json|yarn\\.lock|pnpm-lock\\.yaml|bun\\.lockb?|Cargo\\.lock|poetry\\.lock|uv\\.lock|Pipfile\\.lock|Gemfile\\.lock|composer\\.lock|go\\.sum|flake\\.lock|packages\\.lock\\.json',
      ).test(path),
  },
  {
    rank: 7,
    name: 'vendored, generated or minified',
    matches: path =>
      segment(
        'node_modules|vendor|vendored|third[_-]?party|external|dist|build|out|target|generated|__generated__|coverage',
      ).test(path) ||
      /\.(min\.(js|css|mjs)|map|bundle\.js|pb\.go|g\.dart|designer\.cs|snap)$|_pb2\.py$/i.test(path),
  },
  { rank: 0, name: 'read me or manifest', matches: path => /^[^/]*$/.test(path) && manifest.test(path) },
  {
    rank: 5,
    name: 'data',
    matches: path =>
      /\.(csv|tsv|jsonl|ndjson|svg|geojson|xsd|ipynb|sql|po|pot|xlf|resx|drawio|lock|log|txt\.gz)$/i.test(
        path,
      ),
  },
  {
    rank: 4,
    name: 'test',
    matches: path =>
      segment(
        'tests?|__tests__|spec|specs|e2e|fixtures|__fixtures__|testdata|__mocks__|__snapshots__|benchmarks?',
      ).test(path) ||
      /[._-](test|spec|e2e)\.[^/]+$|(^|\/)test_[^/]+\.py$|_test\.(go|py|rb|exs?)$|Tests?\.(java|kt|cs|swift|scala)$/.test(
        path,
      ),
  },
  { rank: 1, name: 'manifest', matches: path => manifest.test(path) },
  {
    rank: 3,
    name: 'documentation',
    matches: path => /\.(md|mdx|rst|adoc|txt|tex)$/i.test(path) || segment('docs?').test(path),
  },
  {
    rank: 3,
    name: 'configuration',
    matches: path =>
      /\.(json|jsonc|ya?ml|toml|ini|cfg|xml|properties|env|editorconfig)$/i.test(path) ||
      named('\\.[^/]+').test(path),
  },
];

const manifest =
  /(^|\/)(readme[^/]*|package\.json|cargo\.toml|go\.mod|pyproject\.toml|setup\.py|requirements\.txt|pom\.xml|build\.gradle(\.kts)?|settings\.gradle(\.kts)?|[^/]+\.csproj|[^/]+\.sln|gemfile|composer\.json|cmakelists\.txt|makefile|dockerfile|docker-compose\.ya?ml|architecture\.md|contributing\.md)$/i;

export interface Ranked {
  readonly file: SourceFile;
  readonly rank: number;
  /** The class, in words a user sees in "why is this file not in the prompt?". */
  readonly name: string;
}

/** Most wanted first: class, then nearness to the root, then path. Depends on paths alone, so it is stable under edits. */
export function rankFiles(files: readonly SourceFile[]): readonly Ranked[] {
  const known = rankings.get(files);
  if (known !== undefined) return known;
  const ranked = files
    .map(file => ({ file, ...placeOf(file) }))
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        a.depth - b.depth ||
        (a.file.path < b.file.path ? -1 : a.file.path > b.file.path ? 1 : 0),
    );
  rankings.set(files, ranked);
  return ranked;
}

/** A survey plans the same files three times, and of a live inventory all but the edited ones are the same objects. */
const rankings = new WeakMap<readonly SourceFile[], readonly Ranked[]>();
const places = new WeakMap<SourceFile, Omit<Ranked, 'file'> & { readonly depth: number }>();

function placeOf(file: SourceFile): Omit<Ranked, 'file'> & { readonly depth: number } {
  const known = places.get(file);
  if (known !== undefined) return known;
  const found = classes.find(c => c.matches(file.path));
  const depth = file.path.split('/').length;
  const place = { rank: found?.rank ?? 2, name: found?.name ?? 'source', depth };
  places.set(file, place);
  return place;
}
