import { LongviewError } from '../errors.ts';
import type { WhenFull } from './prepareTypes.ts';

/**
 * A slash command: a question worth asking well. `{subject}` stands for what the user wrote after it, or points at
 * where nothing is written.
 */
export interface SlashCommand {
  readonly name: string;
  /** For menus and help. */
  readonly description: string;
  /** How the question is worded; absent where the command asks nothing by itself. */
  readonly wording?: string;
  /** The wording where there is no subject; absent where the command needs one. */
  readonly alone?: string;
  /** What to write after it, for help; absent where nothing is needed. */
  readonly example?: string;
  /** The branch's changes travel with the question; a subject of one word may name the branch to compare with. */
  readonly changes?: true;
  /** Packs anew. */
  readonly fresh?: true;
  /** Leaves the earlier turns behind. */
  readonly anew?: true;
  /** What to do where the conversation does not fit; what follows may be another command. */
  readonly whenFull?: WhenFull;
}

/** What an audit asks after, one at a time; a later audit runs them apart. */
export const auditQuestions = [
  { id: 'correctness', ask: 'logic that is wrong: cases not handled, conditions that can never hold, races' },
  {
    id: 'errors',
    ask: 'failures that are swallowed, turned into a default, or reported without what to do about them',
  },
  {
    id: 'security',
    ask: 'input from outside that is trusted: injection, path traversal, secrets in code or logs, missing checks',
  },
  {
    id: 'resources',
    ask: 'handles, listeners, timers or processes that are never released, and memory that only grows',
  },
  {
    id: 'architecture',
    ask: 'imports against the layering that the code itself shows, import cycles, one rule written in several places',
  },
  { id: 'tests', ask: 'behaviour that matters and that no test would notice being broken' },
] as const;

const auditOpening = 'Audit this workspace';

/** Whether a question, or the beginning of one, is what `/audit` asks. */
export function isAudit(question: string): boolean {
  return question.startsWith(auditOpening);
}

const auditWording = [
  '{opening}{focus}. Go through every file above and look for:',
  ...auditQuestions.map(({ id, ask }, i) => `${i + 1}. ${id}: ${ask}`),
  'Report each finding on a line of its own, the most severe first, in this form:',
  '- **high** (id): what is wrong and what follows from it. Cite the lines with their quote.',
  'Severities are high, medium and low. Report only what the files prove. For a question without findings, say that you found none.',
]
  .join('\n')
  .replace('{opening}', auditOpening);

export const slashCommands = [
  {
    name: 'explain',
    description: 'Explain how something works, across all files',
    example: 'how the cache is invalidated',
    wording:
      'Explain how this works: {subject}\nFollow it through every file that takes part, in the order in which things happen. Cite each step.',
    alone:
      'Explain this workspace to a developer who is new to it: what it does, its parts and what each is responsible for, and how they work together in one typical run. Cite where each part lives.',
  },
  {
    name: 'where',
    description: 'Find every place where something is done',
    example: 'errors become messages for the user',
    wording:
      'Where in this workspace is this: {subject}\nList every place, the most central first, one per line with one sentence each. Say how sure you are that the list is complete.',
  },
  {
    name: 'impact',
    description: 'Say what a change would affect',
    example: 'parseConfig() no longer accepts null',
    wording:
      'What would be affected if this changed: {subject}\nList what uses it directly, what depends on it indirectly (through re-exports, configuration, serialised data, naming conventions), and the tests that cover it. Name what would break, and what would change silently.',
  },
  {
    name: 'audit',
    description: 'Look for defects in the whole workspace, with severities',
    example: 'security of the HTTP layer',
    wording: auditWording.replace('{focus}', ', above all this: {subject}'),
    alone: auditWording.replace('{focus}', ''),
  },
  {
    name: 'diff',
    description: 'Review the changes of the current branch against everything else',
    example: 'main',
    changes: true,
    wording: `{subject}\n${reviewWording()}`,
    alone: reviewWording(),
  },
  {
    name: 'fresh',
    description: 'Pack anew and leave the conversation so far behind',
    example: 'Where are settings read?',
    fresh: true,
    anew: true,
    wording: '{subject}',
  },
  {
    name: 'repack',
    description: 'Pack anew, with room for the whole conversation',
    example: 'And where are they written?',
    fresh: true,
    whenFull: 'fresh-pack',
    wording: '{subject}',
  },
  {
    name: 'shorten',
    description: 'Ask without the oldest turns where they no longer fit',
    example: 'And where are they written?',
    whenFull: 'drop-oldest',
    wording: '{subject}',
  },
] as const satisfies readonly SlashCommand[];

function reviewWording(): string {
  return [
    'Review the changes of the diff above against the whole workspace. The files above are as they are after the changes.',
    'Look for what the diff alone does not show: callers and tests that were not adapted, a rule kept elsewhere and broken here, code that exists already, documentation that is wrong now.',
    'Report each finding on a line of its own, the most severe first: - **high**, **medium** or **low**: what is wrong and what follows from it. Cite lines of the files, not of the diff, with their quote. Say so where the changes are sound.',
  ].join('\n');
}

export type CommandName = (typeof slashCommands)[number]['name'];

/** What a user typed, taken apart. */
export interface Typed {
  readonly command?: CommandName;
  readonly text: string;
}

export function findCommand(name: string): SlashCommand | undefined {
  return slashCommands.find(command => command.name === name);
}

/**
 * Reads a leading `/command`. A path (`/usr/lib`, `/a.ts`) is no command. Throws `bad-usage` for a command that is not
 * ours: it must not be sent as a question by mistake.
 */
export function readTyped(typed: string): Typed {
  const text = typed.trim();
  const [whole = '', name = ''] = /^\/([A-Za-z][\w-]*)(?=\s|$)/.exec(text) ?? [];
  if (name === '') return { text };
  const known = slashCommands.find(command => command.name === name.toLowerCase());
  if (known !== undefined) return { command: known.name, text: text.slice(whole.length).trim() };
  throw new LongviewError(
    'bad-usage',
    `Longview has no command "/${name.slice(0, 40)}".`,
    `It has ${slashCommands.map(command => `/${command.name}`).join(', ')}. To ask about a path, put it in back-ticks.`,
  );
}

/** As {@link readTyped} reads it; what Chat gives apart. */
export function typedText({ command, text }: { command?: string | undefined; text: string }): string {
  return command === undefined ? text.trim() : `/${command} ${text.trim()}`.trim();
}
