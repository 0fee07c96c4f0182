import { atOnce, type Pausing } from '../pace.ts';
import type { SourceFile } from '../workspace/types.ts';
import { noSteering, wishLookup, type Steering } from './steering.ts';
import type { PlannedFile, Signal } from './types.ts';

/** What its name and its shape say a file is. */
export type FileKind =
  | 'lock file'
  | 'vendored, generated or minified'
  | 'read me or manifest'
  | 'data'
  | 'test'
  | 'manifest'
  | 'documentation'
  | 'configuration'
  | 'source'
  | 'very long lines: minified or data';

/** How much a reviewer misses a file when there is no room for it. */
interface RankClass {
  readonly factor: number;
  readonly name: FileKind;
  readonly matches: (path: string) => boolean;
}

const segment = (names: string) => new RegExp(`(^|/)(${names})/`, 'i');
const named = (pattern: string) => new RegExp(`(^|/)(${pattern})$`, 'i');

/** First match wins. Demoted is not hidden: the plan names every file that found no room. */
const classes: readonly RankClass[] = [
  {
    factor: 0.02,
    name: 'lock file',
    matches: path =>
      named(
        'package-lock\\.json|npm-shrinkwrap\\.json|yarn\\.lock|pnpm-lock\\.yaml|bun\\.lockb?|Cargo\\.lock|poetry\\.lock|uv\\.lock|Pipfile\\.lock|Gemfile\\.lock|composer\\.lock|go\\.sum|flake\\.lock|packages\\.lock\\.json',
      ).test(path),
  },
  {
    factor: 0.05,
    name: 'vendored, generated or minified',
    matches: path =>
      segment(
        'node_modules|vendor|vendored|third[_-]?party|external|dist|build|out|target|generated|__generated__|coverage',
      ).test(path) ||
      /\.(min\.(js|css|mjs)|map|bundle\.js|pb\.go|g\.dart|designer\.cs|snap)$|_pb2\.py$/i.test(path),
  },
  { factor: 8, name: 'read me or manifest', matches: path => /^[^/]*$/.test(path) && manifest.test(path) },
  {
    factor: 0.15,
    name: 'data',
    matches: path =>
      /\.(csv|tsv|jsonl|ndjson|svg|geojson|xsd|ipynb|sql|po|pot|xlf|resx|drawio|lock|log|txt\.gz)$/i.test(
        path,
      ),
  },
  {
    factor: 0.35,
    name: 'test',
    matches: path =>
      segment(
        'tests?|__tests__|spec|specs|e2e|fixtures|__fixtures__|testdata|__mocks__|__snapshots__|benchmarks?',
      ).test(path) ||
      /[._-](test|spec|e2e)\.[^/]+$|(^|\/)test_[^/]+\.py$|_test\.(go|py|rb|exs?)$|Tests?\.(java|kt|cs|swift|scala)$/.test(
        path,
      ),
  },
  { factor: 3, name: 'manifest', matches: path => manifest.test(path) },
  {
    factor: 0.6,
    name: 'documentation',
    matches: path => /\.(md|mdx|rst|adoc|txt|tex)$/i.test(path) || segment('docs?').test(path),
  },
  {
    factor: 0.5,
    name: 'configuration',
    matches: path =>
      /\.(json|jsonc|ya?ml|toml|ini|cfg|xml|properties|env|editorconfig)$/i.test(path) ||
      named('\\.[^/]+').test(path),
  },
];

const manifest =
  /(^|\/)(readme[^/]*|package\.json|cargo\.toml|go\.mod|pyproject\.toml|setup\.py|requirements\.txt|pom\.xml|build\.gradle(\.kts)?|settings\.gradle(\.kts)?|[^/]+\.csproj|[^/]+\.sln|gemfile|composer\.json|cmakelists\.txt|makefile|dockerfile|docker-compose\.ya?ml|architecture\.md|contributing\.md)$/i;

/** What is known beyond a file's own name and size; what is absent is not known, and moves nothing. */
export interface RankContext {
  readonly steering?: Steering;
  /** Open in an editor, or selected. */
  readonly open?: ReadonlySet<string>;
  /** Changed on this branch. */
  readonly changed?: ReadonlySet<string>;
  /** How many commits ago a file was changed last. */
  readonly lastChanged?: ReadonlyMap<string, number>;
  /** By path; see `Centrality`. */
  readonly central?: {
    get(path: string): { readonly score: number; readonly importers: number } | undefined;
  };
}

export interface Ranked {
  readonly file: SourceFile;
  /** Product of the signals' factors: what a token of this file is worth beside one of an ordinary source file. */
  readonly weight: number;
  /** What a user sees in "why is this file not in the prompt?". */
  readonly signals: readonly Signal[];
  /** What a plan said of it last, and on what basis: another click must not make 100,000 descriptions anew. */
  planned: PlannedFile | undefined;
  plannedOn: number;
}

export function kindOf(file: SourceFile): FileKind {
  return ownSignals(file).kind;
}

/** Each file's worth, in the order given. Depends on nothing but its input. */
export function rankFiles(files: readonly SourceFile[], context: RankContext = {}): Ranked[] {
  return atOnce(ranking(files, context));
}

/**
 * {@link rankFiles}, in pieces: names are matched with many patterns. `before`: how a file was ranked; where that is the
 * same now it is the same object.
 */
export function* ranking(
  files: readonly SourceFile[],
  context: RankContext = {},
  before?: (file: SourceFile) => Ranked | undefined,
): Pausing<Ranked[]> {
  const wishOf = wishLookup(context.steering ?? noSteering);
  const ranked: Ranked[] = [];
  for (let i = 0; i < files.length; i++) {
    const file = files[i] as SourceFile;
    ranked.push(rankOne(file, wishOf(file.path) === 'pin', context, before?.(file)));
    if (ranked.length % 100 === 0) yield;
  }
  return ranked;
}

/** What {@link ranking} gives, from a ranking in the same context without the steering: only pins make a difference. */
export function* pinning(ranked: readonly Ranked[], context: RankContext): Pausing<readonly Ranked[]> {
  const { steering = noSteering } = context;
  if (![...steering.values()].includes('pin')) return ranked;
  const wishOf = wishLookup(steering);
  const again: Ranked[] = [];
  for (let i = 0; i < ranked.length; i++) {
    const one = ranked[i] as Ranked;
    again.push(wishOf(one.file.path) === 'pin' ? rankOne(one.file, true, context) : one);
    if (again.length % 1000 === 0) yield;
  }
  return again;
}

function rankOne(file: SourceFile, isPinned: boolean, context: RankContext, before?: Ranked): Ranked {
  const own = ownSignals(file);
  const more = contextSignals(file.path, isPinned, context);
  const signals = more.length === 0 ? own.signals : shared([...own.signals, ...more]);
  const weight = more.reduce((product, s) => product * s.factor, own.weight);
  if (before?.signals === signals && before.weight === weight) return before;
  return { file, signals, weight, planned: undefined, plannedOn: 0 };
}

/** 100,000 files have some hundred lists of signals: what is new and stays is what the garbage collector pauses for. */
function shared(signals: readonly Signal[]): readonly Signal[] {
  const key = signals.map(s => `${s.name}\0${s.factor}`).join('\0');
  const before = lists.get(key);
  if (before !== undefined) return before;
  if (lists.size === mostLists) lists.clear();
  lists.set(key, signals);
  return signals;
}

const lists = new Map<string, readonly Signal[]>();
const mostLists = 10_000;

/** More than all other signals together. */
const pinned: Signal = { name: 'pinned by you', factor: 1e6 };
const open: Signal = { name: 'open in the editor', factor: 4 };
const changedHere: Signal = { name: 'changed on this branch', factor: 4 };
/** Commits after which a change is history. */
const recent = 200;

function contextSignals(path: string, isPinned: boolean, context: RankContext): Signal[] {
  const signals: Signal[] = [];
  const { changed, lastChanged, central } = context;
  if (isPinned) signals.push(pinned);
  if (context.open?.has(path) === true) signals.push(open);
  if (changed?.has(path) === true) signals.push(changedHere);
  const ago = lastChanged?.get(path);
  if (ago !== undefined && ago < recent) {
    const factor = Math.round(100 + 40 * (1 - ago / recent)) / 100;
    if (factor > 1.02)
      signals.push({ name: ago === 0 ? 'changed by the last commit' : `changed ${ago} commits ago`, factor });
  }
  const node = central?.get(path);
  if (node !== undefined && node.importers > 0) {
    const factor = Math.round(100 * Math.min(3, Math.max(1, 0.6 + 0.5 * Math.log2(1 + node.score)))) / 100;
    signals.push({
      name: `imported by ${node.importers} ${node.importers === 1 ? 'file' : 'files'}`,
      factor,
    });
  }
  return signals;
}

type Own = Pick<Ranked, 'weight' | 'signals'> & { readonly kind: FileKind };

/**
 * By path, for each {@link shapeOf}. A weak map would forget by itself, and hold every full collection for as long as
 * it takes to look through 100,000 entries.
 */
const known: readonly Map<string, Own>[] = Array.from({ length: 4 }, () => new Map<string, Own>());
/** Far more than an inventory has. */
const mostKnown = 1_000_000;

/** What of a file's content decides: two bits. */
function shapeOf({ bytes, lines, language }: SourceFile): number {
  const hasLongLines = bytes > 4_000 && bytes > 500 * Math.max(1, lines);
  const isLargeJson = language === 'json' && bytes > 50_000;
  return (hasLongLines ? 1 : 0) + (isLargeJson ? 2 : 0);
}

/** What its name and its shape alone say of a file. */
function ownSignals(file: SourceFile): Own {
  const shape = shapeOf(file);
  const ofShape = known[shape];
  const before = ofShape?.get(file.path);
  if (before !== undefined) return before;
  const own = classOf(file.path, shape);
  const signals: Signal[] = [own];
  if (own === source && entryPoint.test(file.path)) signals.push({ name: 'entry point', factor: 1.5 });
  const depth = file.path.split('/').length - 1;
  const near = Math.round(100 * Math.max(0.7, 0.97 ** depth)) / 100;
  if (near < 1) signals.push({ name: `${depth} ${depth === 1 ? 'folder' : 'folders'} deep`, factor: near });
  const list = shared(signals);
  const same = ownByList.get(list);
  const made = same ?? { kind: own.name, signals: list, weight: list.reduce((w, s) => w * s.factor, 1) };
  if (same === undefined) ownByList.set(list, made);
  if (ofShape?.size === mostKnown) ofShape.clear();
  ofShape?.set(file.path, made);
  return made;
}

const ownByList = new WeakMap<readonly Signal[], Own>();

type KindSignal = Signal & { readonly name: FileKind };
const source: KindSignal = { name: 'source', factor: 1 };
const minified: KindSignal = { name: 'very long lines: minified or data', factor: 0.05 };
const largeJson: KindSignal = { name: 'data', factor: 0.15 };
const entryPoint = /(^|\/)(main|index|app|server|cli|extension|program|__main__|lib|mod)\.[a-z]+$/i;

function classOf(path: string, shape: number): KindSignal {
  const found = classes.find(c => c.matches(path));
  if ((shape & 1) !== 0 && (found?.factor ?? 1) > minified.factor) return minified;
  if ((shape & 2) !== 0 && (found?.factor ?? 1) > largeJson.factor) return largeJson;
  return found === undefined ? source : { name: found.name, factor: found.factor };
}
