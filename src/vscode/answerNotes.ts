import * as vscode from 'vscode';

import { actualCost, dollars, priceOf } from '../core/endpoint/cost.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import type { Answer } from '../core/review/ask.ts';
import type { HistoryEntry } from '../core/review/history.ts';
import { plainMarkdown, stateText } from '../core/review/historyMarkdown.ts';
import type { Prepared } from '../core/review/prepare.ts';
import { anchorSummary } from './anchorLinks.ts';
import { filesText, tokens } from './format.ts';
import type { Services } from './services.ts';

/** What stands below an answer, one sentence each: anchors, how it ended, tokens and cost. */
export async function answerNotes(
  answer: Answer,
  endpoint: Endpoint,
  prepared: Prepared,
  { store }: Pick<Services, 'store'>,
): Promise<string[]> {
  const notes = [anchorSummary(answer.anchors)];
  const { files } = prepared.plan;
  if (prepared.pack.manifest.length < files.length) {
    notes.push(
      vscode.l10n.t(
        '{0} of {1} files were in the prompt.',
        tokens(prepared.pack.manifest.length),
        tokens(files.length),
      ),
    );
  }
  // What became of it after the answer had been asked for: the rest stands above it.
  const { images } = prepared;
  if (images?.why !== undefined && images.others.some(image => image.tokens !== null))
    notes.push(vscode.l10n.t('It was answered without images: {0}', images.why));
  const { noRoom, changed, deleted } = prepared.addition;
  if (changed.length + deleted.length > 0) {
    notes.push(
      vscode.l10n.t(
        'What changed since the pack went along: {0}, {1} deleted.',
        filesText(changed.length),
        tokens(deleted.length),
      ),
    );
  }
  if (noRoom.length > 0)
    notes.push(vscode.l10n.t('There was no room for {0}, which the question names.', noRoom.join(', ')));
  if (prepared.foreign.length > 0)
    notes.push(
      vscode.l10n.t('Not sent, being no text files of this workspace: {0}.', prepared.foreign.join(', ')),
    );
  if (prepared.counting.problem !== undefined) notes.push(prepared.counting.problem);
  if (answer.finishReason === 'length')
    notes.push(vscode.l10n.t('The answer reached its token limit and stops early.'));
  if (endpoint.kind === 'offline') return notes;
  const price = await priceOf(endpoint, store);
  const { promptTokens, cachedTokens } = answer.usage;
  if (promptTokens !== null) {
    const cost = actualCost(price, answer.usage);
    const parts = [
      vscode.l10n.t('{0} prompt tokens', tokens(promptTokens)),
      ...(cachedTokens === null ? [] : [vscode.l10n.t('{0} from cache', tokens(cachedTokens))]),
      ...(cost === undefined ? [] : [dollars(cost)]),
    ];
    notes.push(`${parts.join(', ')}.`);
  }
  if (answer.cacheWarning !== undefined) {
    notes.push(
      vscode.l10n.t(
        'The same {0} tokens were sent again and met no cache: they were read, and charged, anew.',
        tokens(answer.cacheWarning.tokens),
      ),
    );
  }
  return notes;
}

/** The same below an answer from the history. */
export function historyNote(entry: HistoryEntry): string {
  const { usage, costUsd, failure, endpoint } = entry;
  const when = new Date(entry.at).toLocaleString();
  const parts = [
    vscode.l10n.t('{0}, {1}; {2}.', plainMarkdown(endpoint.name), plainMarkdown(when), stateText(entry)),
    ...(entry.answer === '' ? [] : [anchorSummary(entry.anchors)]),
    ...(usage?.promptTokens == null
      ? []
      : [
          `${vscode.l10n.t('{0} prompt tokens', tokens(usage.promptTokens))}${costUsd === undefined ? '' : `, ${dollars(costUsd)}`}.`,
        ]),
    ...(failure === undefined ? [] : [`**${plainMarkdown(`${failure.message} ${failure.remedy}`)}**`]),
  ];
  return parts.join(' ');
}
