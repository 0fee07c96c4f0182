import { grouped } from '../grouped.ts';
import { describeLeftOut, describeSkip } from '../workspace/types.ts';
import { reasonOf } from './describeFile.ts';
import { wantedFiles, type Sums } from './fileSums.ts';
import type { FileNode, FilesNode, FolderNode } from './filesTree.ts';
import type { Form } from './types.ts';

/** What the row of a file or folder says besides its name; `pack` is the tokens of all files, of which shares are. */
export function rowText(node: FilesNode, pack: number): string {
  return (node.kind === 'file' ? fileText(node, pack) : folderText(node, pack)).join(' · ');
}

function fileText({ standing }: FileNode, pack: number): string[] {
  switch (standing.kind) {
    case 'excluded':
      return ['excluded'];
    case 'unchosen': {
      const { form, tokens } = standing.planned;
      return form === 'left-out' ? ['not chosen'] : ['not chosen', formName(form), number(tokens)];
    }
    case 'ignored':
      return [
        'left out',
        standing.file.leftOutBy.kind === 'own-output' ? 'written by Longview' : 'by a rule',
      ];
    case 'skipped':
      return ['skipped', describeSkip(standing.skip.reason)];
    case 'planned': {
      const { planned, source, wish } = standing;
      const { form, tokens } = planned;
      const first = [...(wish === 'pin' ? ['pinned'] : []), formName(form)];
      if (form === 'left-out') return [...first, `needs ${number(source.tokens)}`];
      const saved = form === 'shortened' ? [`saves ${number(source.tokens - tokens)}`] : [];
      return [...first, number(tokens), ...saved, share(tokens, pack)];
    }
  }
}

function folderText({ sums }: FolderNode, pack: number): string[] {
  const wanted = wantedFiles(sums);
  const all = wanted + sums.excluded;
  if (all === 0) return sums.ignored === 0 ? ['skipped'] : ['left out'];
  if (wanted === 0) return ['excluded'];
  const some = sums.excluded === 0 ? [] : [`${number(wanted)} of ${number(all)} files`];
  return [...some, number(sums.tokens), share(sums.tokens, pack)];
}

/** Everything there is to know of a row, a line each, for its tooltip. */
export function rowDetails(node: FilesNode, pack: number): string[] {
  if (node.kind === 'folder') {
    const { sums } = node;
    return [
      ...(wantedFiles(sums) > 0
        ? [`${number(sums.tokens)} tokens, ${share(sums.tokens, pack)} of the pack`]
        : []),
      formsText(sums),
    ];
  }
  const { standing } = node;
  switch (standing.kind) {
    case 'excluded':
      return [`${standing.why ?? 'excluded by you'}; it has ${number(standing.source.tokens)} tokens`];
    case 'unchosen':
      return [reasonOf(standing.planned) ?? 'not chosen', `it has ${number(standing.source.tokens)} tokens`];
    case 'ignored':
      return [`left out: ${describeLeftOut(standing.file.leftOutBy)}`];
    case 'skipped':
      return [`skipped: ${describeSkip(standing.skip.reason)}`];
    case 'planned': {
      const { planned, source } = standing;
      const reason = reasonOf(planned);
      return [
        `${formName(planned.form)}, ${number(planned.tokens)} of ${number(source.tokens)} tokens, ${share(planned.tokens, pack)} of the pack`,
        ...(reason === undefined ? [] : [reason]),
        ...(source.note === undefined ? [] : [source.note]),
      ];
    }
  }
}

/** `312 full, 40 outline, 3 excluded, 2 skipped`: only what there is. */
export function formsText({ forms, excluded, ignored, skipped }: Sums): string {
  const counts: [number, string][] = [
    ...(Object.keys(forms) as Form[]).map((form): [number, string] => [forms[form], formName(form)]),
    [excluded, 'excluded'],
    [ignored, 'left out by rules'],
    [skipped, 'skipped'],
  ];
  return counts.flatMap(([n, name]) => (n === 0 ? [] : [`${number(n)} ${name}`])).join(', ');
}

export function formName(form: Form): string {
  return form === 'left-out' ? 'left out' : form;
}

export function number(count: number): string {
  return grouped(count);
}

/** `39 %`, and one decimal below ten. */
export function share(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (part / whole) * 100;
  return `${percent.toFixed(percent < 10 && percent > 0 ? 1 : 0)} %`;
}
