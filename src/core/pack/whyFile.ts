import { reasonOf } from './describeFile.ts';
import { lineOf, type IgnoredBy } from '../workspace/whyIgnored.ts';
import {
  describeLeftOut,
  describeSkip,
  type LeftOutBy,
  type Skip,
  type SourceFile,
} from '../workspace/types.ts';
import { formName, number } from './fileRowText.ts';
import type { Plan, PlannedFile } from './types.ts';
import type { Wish } from './steering.ts';

/** What is known of any file that somebody asks about. */
export type WhyCase =
  | {
      readonly kind: 'planned';
      readonly planned: PlannedFile;
      readonly source: SourceFile;
      /** `isOwn: false`: a saved selection says so. */
      readonly wish?: { readonly wish: Wish; readonly of: string; readonly isOwn?: boolean };
      /** 1-based, by value per token, where not everything fits. */
      readonly rank?: { readonly place: number; readonly of: number };
    }
  /** `of` is the path that was excluded: the file's own, or a folder's. `why`: where it was not the user who said so. */
  | {
      readonly kind: 'excluded';
      readonly path: string;
      readonly of: string;
      readonly source: SourceFile;
      readonly why?: string;
    }
  /** A preset leaves it out. */
  | { readonly kind: 'unchosen'; readonly planned: PlannedFile; readonly source: SourceFile }
  /** `file` is the rule's file, absolute. */
  | { readonly kind: 'left-out'; readonly path: string; readonly by: LeftOutBy; readonly file?: string }
  /** The skip may be a folder above: a link, a submodule. */
  | { readonly kind: 'skipped'; readonly path: string; readonly skip: Skip }
  | { readonly kind: 'ignored'; readonly path: string; readonly by: IgnoredBy }
  | { readonly kind: 'git-internal'; readonly path: string }
  | { readonly kind: 'outside'; readonly path: string }
  /** An editor's text that is no file, or not one of this machine's. */
  | { readonly kind: 'no-file'; readonly name: string }
  | { readonly kind: 'gone'; readonly path: string }
  | { readonly kind: 'not-listed'; readonly path: string }
  | { readonly kind: 'not-counted'; readonly why: string };

export type WhyAction =
  | { readonly kind: 'say'; readonly wish: Wish | undefined; readonly label: string; readonly detail: string }
  | {
      readonly kind: 'open-rule';
      readonly file: string;
      readonly line: number;
      readonly label: string;
      readonly detail: string;
    }
  | {
      readonly kind:
        'choose' | 'open-setting' | 'select-endpoint' | 'add-folder' | 'count-again' | 'reveal' | 'save';
      readonly label: string;
      readonly detail: string;
    };

export interface Why {
  /** One sentence that answers the question. */
  readonly answer: string;
  readonly facts: readonly string[];
  readonly actions: readonly WhyAction[];
}

const say = (wish: Wish | undefined, label: string, detail: string): WhyAction => ({
  kind: 'say',
  wish,
  label,
  detail,
});
const reveal: WhyAction = { kind: 'reveal', label: 'Show in the Files View', detail: '' };
const countAgain: WhyAction = {
  kind: 'count-again',
  label: 'Count Again',
  detail: 'Looks at the workspace anew',
};

/** "Why is this file not in the prompt?", and what to do about it. */
export function describeWhy(found: WhyCase): Why {
  switch (found.kind) {
    case 'planned':
      return plannedWhy(found);
    case 'excluded': {
      const own = found.of === found.path;
      const what = found.of === '' ? 'the whole workspace' : found.of;
      return {
        answer: `It is not in the prompt: ${found.why ?? `you excluded ${own ? 'it' : what}`}.`,
        facts: [`It has ${number(found.source.tokens)} tokens.`],
        actions: [
          say('include', 'Include', own ? 'Back in the prompt' : `This file alone, of all in ${what}`),
          reveal,
        ],
      };
    }
    case 'unchosen':
      return {
        answer: plannedAnswer(found.planned.form, reasonOf(found.planned)),
        facts: [`It has ${number(found.source.tokens)} tokens.`],
        actions: [
          say('include', 'Include', 'This file, beside what was chosen'),
          { kind: 'choose', label: 'Choose What the Prompt Holds', detail: 'Another preset, or everything' },
          reveal,
        ],
      };
    case 'left-out': {
      const answer = `It is left out: ${describeLeftOut(found.by)}.`;
      if (found.by.kind === 'own-output' || found.file === undefined)
        return { answer, facts: [], actions: [reveal] };
      const line = lineOf(found.by.rule, found.file) ?? 1;
      return {
        answer,
        facts: ['Files that a .longviewignore names are not even read.'],
        actions: [openRule(found.file, line, found.by.source), reveal],
      };
    }
    case 'skipped': {
      const above = found.skip.path !== found.path;
      const answer = above
        ? `It is skipped with ${found.skip.path}: ${describeSkip(found.skip.reason)}.`
        : `It is skipped: ${describeSkip(found.skip.reason)}.`;
      return { answer, facts: [], actions: [...skipActions(found.skip), reveal] };
    }
    case 'ignored': {
      const { file, line, rule } = found.by;
      return {
        answer: `It is not in the prompt: it is ignored by the rule ${rule}`,
        facts: [`The rule stands in ${file}${line === undefined ? '' : `, line ${line}`}.`],
        actions: [openRule(file, line ?? 1, 'the ignore file')],
      };
    }
    case 'git-internal':
      return { answer: 'It is git’s own file, which is never source.', facts: [], actions: [] };
    case 'outside':
      return {
        answer: 'It is outside of the workspace: only files of open folders are packed.',
        facts: [found.path],
        actions: [
          { kind: 'add-folder', label: 'Add Folder to Workspace…', detail: 'Its files are packed, too' },
        ],
      };
    case 'no-file':
      return {
        answer: `${found.name} is no file in the workspace.`,
        facts: ['Text is packed once it is saved into an open folder.'],
        actions: [{ kind: 'save', label: 'Save As…', detail: 'Into an open folder' }],
      };
    case 'gone':
      return { answer: 'There is no such file on disk.', facts: [found.path], actions: [countAgain] };
    case 'not-listed':
      return {
        answer: 'Longview has not seen it yet.',
        facts: ['No rule that is known ignores it. It may have been made a moment ago.'],
        actions: [countAgain],
      };
    case 'not-counted':
      return { answer: found.why, facts: [], actions: [countAgain] };
  }
}

function openRule(file: string, line: number, where: string): WhyAction {
  return { kind: 'open-rule', file, line, label: 'Open the Rule', detail: `${where}, line ${line}` };
}

function skipActions({ reason }: Skip): WhyAction[] {
  switch (reason.kind) {
    case 'too-large':
      return [
        { kind: 'open-setting', label: 'Change the Limit', detail: 'The setting longview.maxFileSizeMB' },
      ];
    case 'unreadable':
    case 'vanished':
    case 'not-checked-out':
      return [countAgain];
    case 'binary':
    case 'undecodable':
    case 'symlink':
    case 'not-a-file':
      return [];
  }
}

function plannedWhy({ planned, source, wish, rank }: Extract<WhyCase, { kind: 'planned' }>): Why {
  const { form, tokens, signals = [] } = planned;
  const reason = reasonOf(planned);
  const pinned = wish?.wish === 'pin';
  const facts = [
    `It takes ${number(tokens)} of its ${number(source.tokens)} tokens.`,
    ...(wish === undefined
      ? []
      : [
          `${wish.isOwn === false ? 'The saved selection says' : 'You said'} ${wish.wish} of ${wish.of === '' ? 'the whole workspace' : wish.of === planned.path ? 'it' : wish.of}.`,
        ]),
    ...(rank === undefined
      ? []
      : [
          `${ordinal(rank.place)} of ${number(rank.of)} files by value per token:`,
          ...signals.map(s => `× ${s.factor}  ${s.name}`),
        ]),
    ...(source.content === undefined
      ? []
      : ['It counts as the editor shows it, with changes that are not saved.']),
    ...(source.note === undefined ? [] : [source.note]),
  ];
  const room = {
    kind: 'select-endpoint',
    label: 'Select Another Endpoint',
    detail: 'With a larger window',
  } as const;
  const actions: WhyAction[] = [
    ...(form === 'shortened'
      ? [say('full', 'Send Whole', `${number(source.tokens - tokens)} tokens more`)]
      : []),
    ...(form !== 'full' && form !== 'shortened' && !pinned
      ? [say('pin', 'Pin', 'First in line for room')]
      : []),
    ...(wish?.of === planned.path && wish.isOwn !== false
      ? [say(undefined, 'Back to Automatic', 'Takes back what you said of it')]
      : []),
    ...(form === 'left-out' || form === 'listed' || form === 'outline'
      ? wish?.wish === 'outline'
        ? []
        : [room]
      : []),
    say('exclude', 'Exclude', 'Takes it out of the prompt'),
    reveal,
  ];
  return { answer: plannedAnswer(planned.form, reason), facts, actions };
}

function plannedAnswer(form: PlannedFile['form'], reason: string | undefined): string {
  // The signals are facts of their own.
  const because = reason === undefined ? '.' : `: ${reason.replace(/ \([^()]*\)$/, '')}.`;
  switch (form) {
    case 'full':
      return 'It is in the prompt, in full.';
    case 'left-out':
      return `It is not in the prompt${because}`;
    case 'listed':
      return `The prompt has its path only${because}`;
    case 'outline':
      return `The prompt has its signatures only${because}`;
    case 'shortened':
      return `It is in the prompt, ${formName(form)}${because}`;
  }
}

function ordinal(n: number): string {
  const last = n % 100 > 10 && n % 100 < 14 ? 0 : n % 10;
  return number(n) + (['th', 'st', 'nd', 'rd'][last] ?? 'th');
}

/** Where a file stands among all by what its tokens are worth; undefined where everything fits. */
export function rankOf(path: string, { files, fits }: Plan): { place: number; of: number } | undefined {
  if (fits) return undefined;
  const weight = ({ signals = [] }: PlannedFile) => signals.reduce((product, s) => product * s.factor, 1);
  const own = files.find(f => f.path === path);
  const ranked = files.filter(f => f.signals !== undefined);
  if (own?.signals === undefined) return undefined;
  const mine = weight(own);
  return { place: 1 + ranked.filter(f => weight(f) > mine).length, of: ranked.length };
}
