import { framePath } from '../pack/frame.ts';
import type { Candidates } from './candidates.ts';
import { pickCandidates } from './candidates.ts';
import { codeBlock, codeSpan, showInvisible } from './markdown.ts';
import type { ReadPrompt } from './prompt.ts';
import { quotePassage } from './quote.ts';
import { rankPassages, type Ranking } from './rank.ts';
import { readQuery, type Query } from './terms.ts';
import type { Turns } from './turns.ts';

/** Every answer starts with it: nobody may take a search for a thought. */
export const noModel = 'Offline reader: no model was involved.';

const shownPassages = 5;
const shownColumns = 240;

/** Searches the files of a prompt for its last question and writes the answer as Markdown. */
export async function answerPrompt(prompt: ReadPrompt, turns: Turns): Promise<string> {
  const query = readQuery(prompt.questions);
  if (prompt.files.length === 0) return nothingToRead();
  if (query.terms.size === 0) return nothingAsked(prompt.files.length);
  const candidates = await pickCandidates(prompt.files, query, turns);
  const ranking = await rankPassages(candidates, query, shownPassages, turns);
  const searched = describeSearch(prompt.files.length, candidates, ranking, query);
  if (ranking.best.length === 0) return nothingFound(searched);
  const weights = new Map(
    [...query.terms].map(([term, w]) => [term, w * (candidates.rarity.get(term) ?? 0)]),
  );
  const shown = ranking.best.map(({ passage }) => {
    const quote = quotePassage(passage, weights);
    const place = `${framePath(passage.file.path)}:${quote.startLine}-${quote.endLine}`;
    const saying = quote.text === undefined ? '' : ` ${codeSpan(quote.text)}`;
    const excerpt = codeBlock(quote.lines.map(showLine), extension(passage.file.path));
    return `${codeSpan(place)}${saying}\n\n${excerpt}`;
  });
  const opening = `${noModel} These are the passages that best match your question.\n`;
  return [opening, ...shown, searched].join('\n');
}

function nothingToRead(): string {
  return `${noModel} The prompt holds no files, so there is nothing to search.\n`;
}

function nothingAsked(files: number): string {
  return (
    `${noModel} It can only search, and the question holds no word to search for.\n\n` +
    `Ask about something by name, for example "Where is the context limit read?": ` +
    `the words of the question are looked up in the ${count(files, 'file')} of the prompt.\n`
  );
}

function nothingFound(searched: string): string {
  return (
    `${noModel} No passage matches your question.\n\n` +
    `Try the words that the code itself uses: the name of a function, a setting or a file, or a part of an ` +
    `error message. A question in another language than the code finds nothing.\n\n${searched}`
  );
}

function describeSearch(files: number, candidates: Candidates, ranking: Ranking, query: Query): string {
  const words = query.words.map(codeSpan).join(', ');
  return (
    `Searched: ${count(files, 'file')}, of which ${grouped(candidates.matching)} with a matching word; ` +
    `${count(ranking.passages, 'passage')} of the best ${grouped(candidates.files.length)} ranked (BM25). ` +
    `Words: ${words}.\n`
  );
}

function count(n: number, what: string): string {
  return `${grouped(n)} ${what}${n === 1 ? '' : 's'}`;
}

/** `7863` -> `7,863`, without waking ICU up for it (15 ms). */
function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A minified line would fill the window. */
function showLine(line: string): string {
  return showInvisible(line.length <= shownColumns ? line : `${line.slice(0, shownColumns)} …`);
}

function extension(path: string): string {
  return /\.([^./]+)$/.exec(path)?.[1] ?? '';
}
