import { LongviewError } from '../errors.ts';
import { readChanges, type Changes } from '../workspace/gitChanges.ts';
import { uniqueNames } from '../workspace/listFiles.ts';
import type { WorkspaceFolder } from '../workspace/types.ts';
import { attachmentNotes, placeLabel, sortAttachments, type Attachment, type Place } from './attachments.ts';
import { codeSpan } from './codeSpan.ts';
import { describeImages } from './imagePlan.ts';
import {
  findCommand,
  readTyped,
  typedText,
  type CommandName,
  type SlashCommand,
  type Typed,
} from './commands.ts';
import type { Prepared, PrepareRequest, WhenFull } from './prepareTypes.ts';
import { describeCuts, type AttachedText } from './texts.ts';
import { noWorkspace } from '../workspace/skips.ts';

export interface ComposeRequest extends Typed {
  readonly attachments?: readonly Attachment[];
  readonly folders: readonly WorkspaceFolder[];
  readonly trusted: boolean;
  readonly signal?: AbortSignal;
}

/** What is asked, ready to be spread into an `AskRequest`, and what to tell of it. */
export interface Composed {
  readonly command?: CommandName;
  /** As the user typed it, for titles and history. */
  readonly typed: string;
  /** As it is sent. */
  readonly question: string;
  readonly attached: readonly Place[];
  readonly texts: readonly AttachedText[];
  /** True: packs anew. */
  readonly fresh: boolean;
  /** True: without earlier turns. */
  readonly anew: boolean;
  readonly whenFull?: WhenFull;
  /** For the user, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Turns what was typed and attached into a question. One function for Chat, documents, the command line and agents.
 * Throws `bad-usage` where a command misses its subject, `untrusted` and what `readChanges` throws for `/diff`.
 */
export async function composeAsk(
  request: ComposeRequest,
  deps: { readonly readChanges: typeof readChanges } = { readChanges },
): Promise<Composed> {
  const command: SlashCommand | undefined =
    request.command === undefined ? undefined : findCommand(request.command);
  if (command?.whenFull !== undefined && request.text.startsWith('/')) {
    const { command: _outer, ...inner } = request;
    const asked = await composeAsk({ ...inner, ...readTyped(request.text) }, deps);
    return { ...asked, fresh: asked.fresh || command.fresh === true, whenFull: command.whenFull };
  }
  const { places, folders, texts, notes } = sortAttachments(request.attachments ?? [], request.folders);
  const named = [...places.map(placeLabel), ...folders.map(path => `${path}/`)].map(codeSpan);
  const changes = command?.changes === true ? await changesOf(request, deps) : undefined;
  const written = changes?.subject ?? request.text;
  const pointed = [...named, ...texts.map(text => codeSpan(text.title))].join(', ');
  const words = word(command, written, pointed);
  const about = written !== '' && pointed !== '' ? `${words}\n\nThis is about: ${pointed}.` : words;
  const cut =
    changes?.found.filter(({ cut }) => cut).map(({ base }) => `The diff against ${base} is cut.`) ?? [];
  const told = changes?.found.map(describeChanges) ?? [];
  return {
    ...(request.command !== undefined && { command: request.command }),
    typed: typedText(request),
    question: about,
    attached: places,
    texts: [...texts, ...(changes?.found.map(diffText) ?? [])],
    fresh: command?.fresh === true,
    anew: command?.anew === true,
    ...(command?.whenFull !== undefined && { whenFull: command.whenFull }),
    notes: [...told, ...cut, ...notes],
  };
}

/** The parts of an `AskRequest` that were composed. */
export function askOf({
  question,
  attached,
  texts,
  fresh,
  whenFull,
}: Composed): Pick<PrepareRequest, 'question' | 'attached' | 'texts' | 'fresh' | 'whenFull'> {
  return { question, attached, texts, fresh, ...(whenFull !== undefined && { whenFull }) };
}

/** What of it is not in the prompt as the user may think, one sentence each. */
export function promptNotes({ attached }: Composed, prepared: Prepared): string[] {
  return [
    ...attachmentNotes(attached, prepared),
    ...describeCuts(prepared.texts),
    ...describeImages(prepared.images),
  ];
}

function word(command: SlashCommand | undefined, written: string, pointed: string): string {
  const subject = written === '' ? pointed : written;
  if (command?.wording === undefined) {
    if (subject !== '')
      return written === '' ? `What is this, and what part does it play? ${pointed}` : written;
    throw new LongviewError(
      'bad-usage',
      'There is no question.',
      'Write one, for example: Where are settings read?',
    );
  }
  if (subject !== '') return command.wording.replace('{subject}', () => subject);
  if (command.alone !== undefined) return command.alone;
  throw new LongviewError(
    'bad-usage',
    `/${command.name} needs something to look for.`,
    `For example: /${command.name} ${command.example ?? ''}`,
  );
}

/** A single word after `/diff` names what to compare with. */
async function changesOf(
  { text, folders, trusted, signal }: ComposeRequest,
  deps: { readonly readChanges: typeof readChanges },
): Promise<{ readonly subject: string; readonly found: readonly Changes[] }> {
  if (!trusted)
    throw new LongviewError(
      'untrusted',
      'This workspace is not trusted, so git is not run in it.',
      'Trust the workspace to review its changes.',
    );
  const base = /^\S+$/.test(text) ? text : undefined;
  const names = uniqueNames(folders.map(folder => folder.name));
  const found: Changes[] = [];
  let nothing: LongviewError | undefined;
  for (const [i, folder] of folders.entries()) {
    const prefix = folders.length === 1 ? '' : `${names[i] ?? folder.name}/`;
    const options = { prefix, ...(base !== undefined && { base }), ...(signal && { signal }) };
    try {
      found.push(await deps.readChanges(folder.path, options));
    } catch (error) {
      // One folder of several may have no changes, or no repository.
      if (!(error instanceof LongviewError)) throw error;
      nothing = error;
    }
  }
  if (found.length === 0) throw nothing ?? noWorkspace();
  return { subject: base === undefined ? text : '', found };
}

function diffText({ base, mergeBase, diff, untracked, leftOut }: Changes): AttachedText {
  const others = [
    ...(untracked.length === 0 ? [] : [`New files that git does not track yet: ${untracked.join(', ')}`]),
    ...(leftOut.length === 0 ? [] : [`Changed, and left out by the user: ${leftOut.join(', ')}`]),
  ];
  // First, because the end is what is cut.
  return { title: `diff against ${base} (${mergeBase})`, text: [...others, diff].join('\n') };
}

function describeChanges({ base, mergeBase, diff, untracked, leftOut }: Changes): string {
  const files = diff.match(/^diff --git /gm)?.length ?? 0;
  const parts = [
    `${files} changed ${files === 1 ? 'file' : 'files'} since ${base} (${mergeBase})`,
    ...(untracked.length === 0 ? [] : [`${untracked.length} new and untracked`]),
    ...(leftOut.length === 0 ? [] : [`${leftOut.length} left out by .longviewignore`]),
  ];
  return `${parts.join(', ')}.`;
}
