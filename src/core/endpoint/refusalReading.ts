import { normalise } from './refusalNumbers.ts';
import { roleRules, type Role, type RoleRule } from './refusalRoles.ts';
import { kindRules, type KindRule } from './refusalRules.ts';

/** A count of tokens in a sentence, with what it counts. */
export interface Mention {
  readonly role: Role;
  readonly value: number;
  readonly lowerBound: boolean;
}

/** One sentence, read. */
export interface Reading {
  /** Absent where no sentence we know stands in the text; its numbers still count if a code decides. */
  readonly rule: KindRule | undefined;
  readonly text: string;
  readonly mentions: readonly Mention[];
}

/** `A + B > C`, with or without the sum written out. */
const sum =
  /#(\d+) ?\+ ?#(\d+) ?(?:= ?#\d+ ?)?(?:>=?|(?:is |are )?(?:greater|larger|longer|more) than|exceeds?)[^#.]{0,40}?#(\d+)/;

function fits(rule: RoleRule, before: string, after: string): boolean {
  if (rule.after?.test(after) === false || rule.unless?.test(before) === true) return false;
  if (rule.before === undefined) return true;
  const found = rule.before.exec(before);
  return found !== null && rule.without?.test(found[1] ?? found[0]) !== true;
}

/** Gives every number of a normal-form text its role, by the words on both sides up to the neighbouring numbers. */
function readMentions(text: string): Mention[] {
  const added = sum.exec(text);
  if (added !== null) {
    const roles: readonly Role[] = ['input', 'asked-output', 'limit-total'];
    return roles.map((role, i) => ({ role, value: Number(added[i + 1]), lowerBound: false }));
  }
  const found = [...text.matchAll(/#(\d+)/g)].slice(0, 40);
  return found.map((m, i) => {
    const from = i === 0 ? 0 : (found[i - 1]?.index ?? 0) + (found[i - 1]?.[0].length ?? 0);
    const before = text.slice(Math.max(from, m.index - 120), m.index);
    const after = text.slice(m.index + m[0].length, found[i + 1]?.index ?? m.index + 80).slice(0, 60);
    const rule = roleRules.find(r => fits(r, before, after));
    return {
      role: rule?.role ?? 'none',
      value: Number(m[1]),
      lowerBound: /\b(?:at least|over)(?: a total of)? ?\(?$/.test(before),
    };
  });
}

/** The first mention of the first of these roles that has one. */
export function firstOf(mentions: readonly Mention[], ...roles: readonly Role[]): Mention | undefined {
  for (const role of roles) {
    const found = mentions.find(m => m.role === role && m.value > 0);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Speaks of a prompt's size, so that an output rule would hide the context. */
function speaksOfPrompt(text: string, mentions: readonly Mention[]): boolean {
  if (firstOf(mentions, 'input') !== undefined) return true;
  return (
    firstOf(mentions, 'limit-total') !== undefined &&
    /maximum context|context (?:length|window)|model's context|inputs|max_seq_len/.test(text)
  );
}

/** Reads one sentence, whatever wrote it. */
export function readText(raw: string): Reading {
  const text = normalise(raw);
  const mentions = readMentions(text);
  const rule = kindRules.find(
    r =>
      r.when.test(text) &&
      !(r.unless?.test(text) ?? false) &&
      !(r.kind === 'output' && speaksOfPrompt(text, mentions)),
  );
  return { rule: rule ?? (compares(text, mentions) ? compared : undefined), text, mentions };
}

const compared: KindRule = { kind: 'context', when: /^/, weak: true };

/** No sentence we know, but a count of tokens above a limit of tokens: a prompt that is too long all the same. */
function compares(text: string, mentions: readonly Mention[]): boolean {
  const limit = firstOf(mentions, 'limit-total', 'limit-input', 'limit');
  const asked = firstOf(mentions, 'requested', 'input');
  return (
    limit !== undefined &&
    asked !== undefined &&
    asked.value > limit.value &&
    /token|context|prompt/.test(text)
  );
}
