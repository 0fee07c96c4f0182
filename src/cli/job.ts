import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';

import { createOfflineEndpoint } from '../core/offline/offlineEndpoint.ts';
import { createEvidenceStore, type EvidenceStore } from '../core/endpoint/evidenceStore.ts';
import type { Endpoint, LimitEvidence } from '../core/endpoint/types.ts';
import { describeError } from '../core/errors.ts';
import { createMeasurer, type Measurer } from '../core/pack/measurer.ts';
import { countingFor, countingOf } from '../core/review/counting.ts';
import { countingWith, createTokenizers, tokenizerPath } from '../core/review/ownTokenizer.ts';
import { exactly } from '../core/tokens/counters.ts';
import type { Counting } from '../core/tokens/counting.ts';
import { openRatios, type RatioBook } from '../core/tokens/ratioStore.ts';
import { loadSalt } from '../core/tokens/saltFile.ts';
import { encodings, type Encoding } from '../core/tokens/createCounter.ts';
import type { WorkspaceFolder } from '../core/workspace/types.ts';
import type { Options } from './args.ts';
import { cacheFolder, chooseEndpoint } from './endpoints.ts';
import type { Terminal } from './terminal.ts';

/** What every command that packs needs; ends with {@link close}, which keeps the counts for the next run. */
export interface Job {
  readonly measurer: Measurer;
  readonly offline: () => Endpoint;
  endpoint(options: Options): Promise<Endpoint | undefined>;
  /** What endpoints' replies taught about their tokens. */
  readonly ratios: RatioBook;
  /**
   * By what `--tokenizer` names, else by the endpoint's `tokenizer`, else by its model; corrected by its replies.
   * Throws `bad-settings` where the file that `--tokenizer` names cannot count, or is another model's; where the
   * endpoint's cannot, that is told and the count is an estimate.
   */
  counting(endpoint: Endpoint | null, options: Options, signal: AbortSignal): Promise<Counting>;
  close(): Promise<void>;
}

/** `alone`: nothing else waits for this thread, as a server's clients do. */
export async function openJob(
  terminal: Terminal,
  options: Pick<Options, 'allowSecrets' | 'full'> = {},
  { alone = true } = {},
): Promise<Job> {
  const file = join(cacheFolder(terminal.env), 'counts');
  const ratios = await openRatios(join(cacheFolder(terminal.env), 'ratios'));
  const measurer = createMeasurer(
    join(__dirname, 'measureWorker.js'),
    {
      file,
      measuredFolder: join(cacheFolder(terminal.env), 'measured'),
      warn: message => terminal.tell(message),
    },
    {
      salt: await saltOf(terminal),
      ids: () => options.allowSecrets ?? [],
      keepFull: () => options.full ?? [],
    },
    { alone },
  );
  const tokenizers = createTokenizers(measurer);
  const offline = () => createOfflineEndpoint({ countTokens: text => measurer.count(text) });
  return {
    measurer,
    offline,
    ratios,
    endpoint: options => chooseEndpoint(options, terminal.env, offline),
    async counting(endpoint, { tokenizer }, signal) {
      if (tokenizer === undefined) {
        const counting = await countingWith(
          endpoint,
          tokenizerPath(endpoint),
          { tokenizers, ratios },
          signal,
        );
        if (counting.problem !== undefined) terminal.tell(counting.problem);
        return counting;
      }
      const encoding = encodings.find((name): name is Encoding => name === tokenizer);
      if (encoding !== undefined) {
        return countingOf(exactly({ kind: 'encoding', encoding }), endpoint, ratios);
      }
      const own = await measurer.inspectTokenizer(resolve(terminal.cwd, tokenizer), signal);
      if (endpoint?.kind === 'server') return countingFor(endpoint, own, ratios);
      return countingOf(exactly({ kind: 'file', path: own.path, counterId: own.counterId }), endpoint);
    },
    async close() {
      await measurer.keepCounts();
      await measurer.dispose();
    },
  };
}

async function saltOf(terminal: Terminal): Promise<string> {
  return loadSalt(join(cacheFolder(terminal.env), 'salt')).catch((error: unknown) => {
    terminal.tell(
      `The cache folder cannot be written (${String(error)}), so ids of secrets hold for this run only.`,
    );
    return randomUUID();
  });
}

export function folderOf(dir: string, terminal: Terminal): WorkspaceFolder {
  const path = resolve(terminal.cwd, dir);
  return { name: path.split(/[\\/]/).pop() || 'workspace', path };
}

/** What earlier runs learned about limits. Beside the token counts: it can be observed again. */
export function evidenceStore(terminal: Terminal): EvidenceStore {
  const file = join(cacheFolder(terminal.env), 'evidence.json');
  return createEvidenceStore(file, error => {
    terminal.tell(
      `What is known of limits could not be kept (${describeError(error)}); the next run asks again.`,
    );
  });
}

/** A tokenizer that vanished while it was counting; what was wrong before has been told. */
export function tellLost(before: Counting, { counting }: { counting: Counting }, terminal: Terminal): void {
  if (counting.problem !== undefined && counting.problem !== before.problem) terminal.tell(counting.problem);
}

/** `--limit` as evidence. */
export function declared(options: Options): LimitEvidence[] {
  if (options.limit === undefined) return [];
  return [{ source: 'declared', tokens: options.limit, at: new Date().toISOString(), detail: '--limit' }];
}
