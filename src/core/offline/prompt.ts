import { parseFramePath, sentinel, type FrameKind } from '../pack/frame.ts';
import { unpack } from '../pack/unpack.ts';
import type { SlicedMessage } from './request.ts';
import type { Turns } from './turns.ts';

/** A file as it stands in the prompt: still framed, marked and neutralised. */
export interface PromptFile {
  readonly path: string;
  /** `excerpts`: some of its lines, each behind its number; `full` where absent. */
  readonly form?: 'full' | 'excerpts';
  /** Without its frame line; every line ends with LF. */
  readonly body: string;
}

export interface ReadPrompt {
  /** A path that occurs twice stands once, as it was sent last: an overlay is newer than the pack. */
  readonly files: readonly PromptFile[];
  /** The user's questions, oldest first; empty ones included. */
  readonly questions: readonly string[];
}

/**
 * Takes a conversation apart; the messages' slices end where frames do ({@link sliceAtFrames}). Frames are read
 * in user messages only: nobody else sends a pack. The question is what stands after the first `question` frame
 * (no content can forge it), else after the `end` frame, else the whole of a message without frames.
 */
export async function readPrompt(messages: readonly SlicedMessage[], turns: Turns): Promise<ReadPrompt> {
  const files = new Map<string, PromptFile>();
  const questions: string[] = [];
  for (const { role, slices } of messages) {
    if (role !== 'user') continue;
    let question = slices.some(isFramed) ? '' : slices.join('');
    let asking = false;
    for (const slice of slices) {
      if (asking) question += slice;
      for (const frame of asking ? [] : frames(slice)) {
        if (turns.due()) await turns.next();
        const kind = frameKind(frame.header);
        const path = kind === undefined ? undefined : filePath(kind, frame.header);
        const form = kind === 'file' ? 'full' : 'excerpts';
        if (path !== undefined)
          files.set(path, { path, form, body: slice.slice(frame.bodyStart, frame.end) });
        if (kind === 'deleted') files.delete(deletedPath(frame.header) ?? '');
        if (kind === 'end') question = slice.slice(frame.bodyStart, frame.end);
        asking = kind === 'question';
        if (!asking) continue;
        question = slice.slice(frame.bodyStart);
        break;
      }
    }
    questions.push(question.trim());
  }
  return { files: [...files.values()], questions };
}

function isFramed(text: string): boolean {
  return text.startsWith(sentinel) || text.includes(`\n${sentinel}`);
}

/** Cuts the slices anew, so that a frame never runs on into the next slice and each is counted exactly. */
export async function sliceAtFrames(slices: readonly string[], turns: Turns): Promise<string[]> {
  const whole: string[] = [];
  let open: string[] = [];
  for (const slice of slices) {
    // A frame line that begins in one slice and ends in the next must be seen: look a little way back.
    const tail = open.length === 0 ? '' : (open.pop() ?? '');
    const text = tail + slice;
    const border = text.lastIndexOf(`\n${sentinel}`) + 1;
    if (border > 0) {
      whole.push([...open, text.slice(0, border)].join(''));
      open = [];
    }
    const rest = text.slice(border);
    open.push(rest.slice(0, -sentinel.length), rest.slice(-sentinel.length));
    if (turns.due()) await turns.next();
  }
  const last = open.join('');
  return last === '' ? whole : [...whole, last];
}

interface Frame {
  readonly header: string;
  readonly bodyStart: number;
  readonly end: number;
}

function* frames(content: string): Generator<Frame> {
  let start = content.startsWith(sentinel) ? 0 : content.indexOf(`\n${sentinel}`) + 1;
  if (start === 0 && !content.startsWith(sentinel)) return;
  while (start < content.length) {
    const next = content.indexOf(`\n${sentinel}`, start);
    const end = next < 0 ? content.length : next + 1;
    const headerEnd = content.indexOf('\n', start);
    const bodyStart = headerEnd < 0 ? end : headerEnd + 1;
    yield { header: content.slice(start, headerEnd < 0 ? end : headerEnd), bodyStart, end };
    start = end;
  }
}

function frameKind(header: string): FrameKind | undefined {
  const word = header.slice(sentinel.length + 1).split(' ', 1)[0];
  return frameKinds.find(kind => kind === word);
}

const frameKinds = [
  'file',
  'outline',
  'shortened',
  'question',
  'end',
  'pack',
  'left-out',
  'deleted',
] satisfies FrameKind[];

function deletedPath(header: string): string | undefined {
  return parseFramePath(header.slice(`${sentinel} deleted `.length));
}

const excerptHeader = /^@@@@ (?:outline|shortened) (.+) \(\d+ lines?, \d+ shown\)$/s;

/** The header alone is a frame around an empty file, so the pack's own reader reads the path. */
function filePath(kind: FrameKind, header: string): string | undefined {
  switch (kind) {
    case 'file':
      return unpack(header)[0]?.path;
    case 'outline':
    case 'shortened':
      return parseFramePath(excerptHeader.exec(header)?.[1] ?? '') || undefined;
    default:
      return undefined;
  }
}

/** Pieces of about this many characters are counted at a time: about 15 ms with gpt-tokenizer. */
const pieceChars = 1 << 16;

/**
 * Cuts a text where token counts add up exactly: before a line that starts with a letter or a frame. (o200k and
 * Llama 4 never join a line end with a letter; see frame.ts for `@`.)
 */
export function* countablePieces(text: string): Generator<string> {
  const border = /\n(?=[A-Za-z]|@@@@)/g;
  for (let start = 0; start < text.length;) {
    border.lastIndex = start + pieceChars;
    const end = border.test(text) ? border.lastIndex : text.length;
    yield text.slice(start, end);
    start = end;
  }
}
