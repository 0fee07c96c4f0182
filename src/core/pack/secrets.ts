import { secretsByName } from './secretsFiles.ts';
import { privateKeyAt, puttyKeyAt } from './secretsKeys.ts';
import { runRules, type Match } from './secretsRules.ts';
import { createLiteralScan } from './secretsScan.ts';
import { mergeWindows, triggers, windowAt, type Trigger, type Window } from './secretsTriggers.ts';
import { assignedSecretAt, urlPasswordAt } from './secretsValues.ts';

/** Our own rules, by the literal that stands where they begin to look. */
const own: readonly { literals: readonly string[]; find: (text: string, at: number) => Match | undefined }[] =
  [
    { literals: ['-----begin '], find: privateKeyAt },
    { literals: ['private-lines:'], find: puttyKeyAt },
    { literals: ['://'], find: urlPasswordAt },
    {
      literals: [
        'password',
        'passwd',
        'passphrase',
        'secret',
        'api_key',
        'apikey',
        'api-key',
        'access_key',
        'accesskey',
        'private_key',
        'token',
      ],
      find: assignedSecretAt,
    },
  ];

/** What stands behind a literal: secretlint's rules, for the window around it, or one of our own. */
const entries = [
  ...triggers.flatMap(trigger => trigger.literals.map(literal => ({ literal, trigger }))),
  ...own.flatMap(({ literals, find }) => literals.map(literal => ({ literal, find }))),
];
const scan = createLiteralScan(entries.map(entry => entry.literal));

/**
 * Every secret in a file's text, in order, none overlapping another. Linear in the text; throws nothing. `utf8`: the
 * text's bytes, where they are at hand.
 */
export function findSecrets(path: string, text: string, utf8?: Uint8Array): Match[] {
  const windows: Window[] = [];
  const found: Match[] = secretsByName(path, text);
  const lastOf = new Map<Trigger, Window>();
  const look = (at: number, literal: number) => {
    const entry = entries[literal];
    if (entry === undefined) return;
    if ('find' in entry) {
      const match = entry.find(text, at);
      if (match !== undefined) found.push(match);
      return;
    }
    const window = windowAt(entry.trigger, text, at, lastOf.get(entry.trigger));
    if (window === undefined) return;
    lastOf.set(entry.trigger, window);
    windows.push(window);
  };
  scan(text, look, utf8);
  for (const { from, to } of mergeWindows(windows)) found.push(...runRules(path, text.slice(from, to), from));
  return disjoint(found);
}

/** Overlapping matches become one, named by the one that begins first (of two, the longer). */
function disjoint(matches: readonly Match[]): Match[] {
  const apart: Match[] = [];
  for (const match of [...matches].sort((a, b) => a.from - b.from || b.to - a.to)) {
    if (match.to <= match.from) continue;
    const last = apart.at(-1);
    if (last === undefined || match.from >= last.to) apart.push(match);
    else if (match.to > last.to) apart[apart.length - 1] = { ...last, to: match.to };
  }
  return apart;
}
