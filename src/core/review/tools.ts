import { hostOf } from '../endpoint/gates.ts';
import type { Price } from '../endpoint/price.ts';
import type { Endpoint } from '../endpoint/types.ts';
import { LongviewError } from '../errors.ts';
import type { Counting } from '../tokens/counting.ts';
import { ask } from './ask.ts';
import type { Anchor } from './anchors.ts';
import type { Answer, AskDeps, AskEvent, AskRequest } from './askTypes.ts';
import type { Attachment } from './attachments.ts';
import { budgetReport } from './budgetReport.ts';
import { codeBlock, codeSpan } from './codeSpan.ts';
import { readTyped } from './commands.ts';
import { askOf, composeAsk, promptNotes } from './compose.ts';
import { locate, type Search } from './locate.ts';
import { survey, type Prepared, type PrepareProgress, type PrepareRequest } from './prepare.ts';
import { readInput } from './toolInput.ts';
import { tools, type ToolDescription, type ToolName } from './toolTable.ts';
import { verifyText } from './verifyText.ts';

/** The place where tools run: an editor window, or a directory on the command line. */
export interface ToolHost {
  readonly deps: AskDeps;
  readonly search: Search;
  /** What every ask there has in common, as it is now. */
  request(): Omit<PrepareRequest, 'question' | 'endpoint' | 'signal' | 'onProgress'>;
  /** The endpoint that answers. Throws `bad-settings`. */
  endpoint(): Promise<Endpoint>;
  /** How its tokens are counted; absent: by its model's name. */
  readonly counting?: (endpoint: Endpoint, signal: AbortSignal) => Promise<Counting>;
  /** Undefined where none is known. */
  price(endpoint: Endpoint): Promise<Price | undefined>;
  /** How an ask is made where more than the answer is wanted, as an editor's history; absent: {@link ask}. */
  readonly ask?: (request: AskRequest) => AsyncIterable<AskEvent>;
}

export interface ToolRun {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ToolProgress) => void;
}

export type ToolProgress =
  | PrepareProgress
  | { readonly kind: 'sent'; readonly files: number; readonly tokens: number; readonly host: string }
  | { readonly kind: 'answering'; readonly characters: number };

/** What a tool gives: text for the model that called it, and the same as data. */
export interface ToolOutput {
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export function findTool(name: string): ToolDescription | undefined {
  return tools.find(tool => tool.name === name);
}

/** Runs a tool on input from outside. Throws `bad-usage` for wrong input, and what the work throws. */
export async function runTool(
  name: ToolName,
  input: unknown,
  host: ToolHost,
  run: ToolRun,
): Promise<ToolOutput> {
  const tool = findTool(name);
  if (tool === undefined)
    throw new LongviewError('bad-usage', `There is no tool ${name}.`, 'See the list of tools.');
  const read = readInput(name, tool.inputSchema, input);
  switch (name) {
    case 'longview_askRepository':
      return askRepository(read as { question: string; files?: string[] }, host, run);
    case 'longview_locate':
      return locateTool(read as { query: string; limit?: number }, host, run);
    case 'longview_verifyAnchors':
      return verifyTool(read as { text: string }, host, run);
    case 'longview_budget':
      return budgetTool(host, run);
  }
}

async function askRepository(
  { question, files = [] }: { question: string; files?: string[] },
  host: ToolHost,
  { signal, onProgress }: ToolRun,
): Promise<ToolOutput> {
  const request = host.request();
  const { folders, trusted } = request;
  const attachments = files.map(readPlace);
  const composed = await composeAsk({ ...readTyped(question), attachments, folders, trusted, signal });
  const endpoint = await host.endpoint();
  let prepared: Prepared | undefined;
  let answer: Answer | undefined;
  let characters = 0;
  const asked: AskRequest = {
    ...request,
    ...askOf(composed),
    ...(await countingOf(host, endpoint, signal)),
    endpoint,
    signal,
    ...(onProgress && { onProgress }),
  };
  for await (const event of host.ask?.(asked) ?? ask(asked, host.deps)) {
    if (event.kind === 'prepared') {
      prepared = event.prepared;
      const { pack, promptTokens } = prepared;
      onProgress?.({
        kind: 'sent',
        files: pack.manifest.length,
        tokens: promptTokens,
        host: hostOf(endpoint),
      });
    } else if (event.kind === 'text' || event.kind === 'anchor') {
      characters += event.text.length;
      onProgress?.({ kind: 'answering', characters });
    } else if (event.kind === 'done') answer = event.answer;
  }
  if (answer === undefined || prepared === undefined) throw new Error('The ask ended without an answer.');
  const notes = [
    ...composed.notes,
    ...promptNotes(composed, prepared),
    ...(prepared.plan.fits
      ? []
      : [`${prepared.pack.manifest.length} of ${prepared.plan.files.length} files were in the prompt.`]),
    ...(answer.failure === undefined ? [] : [`INCOMPLETE: ${answer.failure.message}`]),
  ];
  const { config, kind } = endpoint;
  const by = kind === 'offline' ? 'the offline reader (a search; no model)' : (config.name ?? config.id);
  return {
    text: [answer.text.trimEnd(), '', `Answered by ${by}.`, ...anchorLines(answer.anchors), ...notes].join(
      '\n',
    ),
    data: {
      answer: answer.text,
      complete: answer.failure === undefined,
      anchors: answer.anchors,
      endpoint: { id: config.id, model: config.model },
      usage: answer.usage,
      promptTokens: prepared.promptTokens,
      files: prepared.pack.manifest.length,
      notes,
    },
  };
}

async function countingOf({ counting }: ToolHost, endpoint: Endpoint, signal: AbortSignal) {
  return counting === undefined ? {} : { counting: await counting(endpoint, signal) };
}

/** `src/a.ts`, `src/a.ts:10`, `src/a.ts:10-20`. */
function readPlace(given: string): Attachment {
  const [, file = given, start, end = start] = /^(.+?):(\d{1,9})(?:-(\d{1,9}))?$/s.exec(given) ?? [];
  if (start === undefined) return { kind: 'file', file: given };
  const [a, b] = [Number(start), Number(end)];
  return { kind: 'file', file, startLine: Math.max(1, Math.min(a, b)), endLine: Math.max(1, a, b) };
}

const usualPassages = 5;

async function locateTool(
  { query, limit = usualPassages }: { query: string; limit?: number },
  host: ToolHost,
  { signal }: ToolRun,
): Promise<ToolOutput> {
  const found = await locate(query, limit, host.request(), signal, {
    measurer: host.deps.measurer,
    search: host.search,
  });
  const shown = found.passages.map(({ path, startLine, endLine, quote, lines }) => {
    const quoted = quote === undefined ? '' : ` ${codeSpan(quote)}`;
    return `${codeSpan(`${path}:${startLine}-${endLine}`)}${quoted}\n${codeBlock(lines)}`;
  });
  const paths = found.paths.length === 0 ? [] : [`Paths: ${found.paths.map(codeSpan).join(', ')}`];
  const none =
    found.words.length === 0
      ? 'The query holds no word to search for. Use names or words of the code.'
      : 'Nothing matches. Try the words that the code itself uses.';
  const head = shown.length + paths.length === 0 ? [none] : [];
  const text = [...head, ...shown, ...paths, `Searched ${found.searchedFiles} files.`].join('\n\n');
  return { text, data: { ...found } };
}

async function verifyTool(
  { text }: { text: string },
  host: ToolHost,
  { signal }: ToolRun,
): Promise<ToolOutput> {
  const { anchors, unchecked } = await verifyText(text, host.request(), signal, host.deps);
  const more = unchecked === 0 ? [] : [`${unchecked} more mentions were not checked.`];
  return { text: [...anchorLines(anchors), ...more].join('\n'), data: { anchors, unchecked } };
}

async function budgetTool(host: ToolHost, { signal, onProgress }: ToolRun): Promise<ToolOutput> {
  const endpoint = await host.endpoint();
  const request = {
    ...host.request(),
    ...(await countingOf(host, endpoint, signal)),
    endpoint,
    question: '',
    signal,
    ...(onProgress && { onProgress }),
  };
  const report = budgetReport(
    await survey(request, host.deps.measurer),
    endpoint,
    await host.price(endpoint),
  );
  return { text: JSON.stringify(report, null, 2), data: report };
}

function anchorLines(anchors: readonly Anchor[]): string[] {
  if (anchors.length === 0) return ['It cites no file.'];
  const verified = anchors.filter(({ state }) => state === 'verified').length;
  return [
    `Anchors: ${verified} of ${anchors.length} verified.`,
    ...anchors.map(({ path, startLine, endLine, state, note }) => {
      const lines = endLine === startLine ? String(startLine) : `${startLine}-${endLine}`;
      return `- ${state}: ${codeSpan(`${path}:${lines}`)}${note === undefined ? '' : ` ${note}`}`;
    }),
  ];
}
