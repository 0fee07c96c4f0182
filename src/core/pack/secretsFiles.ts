import type { Match } from './secretsRules.ts';
import { isPlaceholder } from './secretsValues.ts';

/** A file whose name says that secrets stand in it, and where. */
interface SecretFile {
  readonly matches: { test(path: string): boolean };
  readonly find: (text: string) => Match[];
}

/** `.env`, `.env.production`, `prod.env`, `.envrc`; not `.env.example`, which is there to be read. */
const environmentName = /(?:^|\/)(?:\.env(?:rc)?(?:\.[\w.-]+)?|[\w.-]+\.env)$/i;
const template = /(?:^|[._-])(?:example|sample|template|dist|defaults?|schema|tpl)(?:$|[._-])/i;

const environment = {
  test: (path: string) => environmentName.test(path) && !template.test(path.slice(path.lastIndexOf('/') + 1)),
};

const files: readonly SecretFile[] = [
  {
    matches: environment,
    find: text =>
      values(text, /^[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=[ \t]*/gm, 'env-value', isHarmlessSetting),
  },
  // Where secretlint looks and what it takes, and npm's two older ways.
  {
    matches: /\.npmrc$/,
    find: text => restOfLines(text, /_(?:authToken|auth|password)[ \t]*=[ \t]*/g, 'npm-token'),
  },
  { matches: /(?:^|\/)[._]netrc$/, find: text => words(text, /\bpassword[ \t\r\n]+/g, 'netrc-password') },
  {
    matches: /(?:^|\/)\.(?:pypirc|my\.cnf|s3cfg|boto)$/,
    find: text =>
      values(text, /^[ \t]*(?:password|secret_key|gs_secret_access_key)[ \t]*[=:][ \t]*/gm, 'password'),
  },
  // host:port:database:user:password
  {
    matches: /(?:^|\/)\.?pgpass(?:\.conf)?$/,
    find: text => values(text, /^(?!#)(?:(?:\\.|[^:\n\\])*:){4}/gm, 'password'),
  },
  { matches: /(?:^|\/)\.htpasswd$/, find: text => values(text, /^[^:\s]+:/gm, 'password-hash') },
  {
    matches: /(?:^|\/)(?:\.dockercfg|\.docker\/config\.json)$/,
    find: text => words(text, /"(?:auth|identitytoken)"\s*:\s*"/g, 'registry-token'),
  },
];

/** What the file's name alone makes a secret, whatever it looks like. */
export function secretsByName(path: string, text: string): Match[] {
  return files.filter(file => file.matches.test(path)).flatMap(file => file.find(text));
}

/** A cache of what was found must not serve another name's content: this tells the names apart that matter. */
export function secretFileKind(path: string): string {
  const kinds = files.map(file => (file.matches.test(path) ? '1' : '0')).join('');
  // Where secretlint looks for GitHub's tokens of old.
  return `${kinds}${/package(?:-lock)?\.json$/.test(path) ? 'p' : ''}`;
}

/** After each name the value up to the line's end; in quotes, also over several lines. */
function values(text: string, name: RegExp, rule: string, isHarmless = isEmptyOrVariable): Match[] {
  const found: Match[] = [];
  for (let match = name.exec(text); match !== null; match = name.exec(text)) {
    const start = match.index + match[0].length;
    const quote = text.charAt(start);
    const quoted = quote === '"' || quote === "'" || quote === '`';
    const close = quoted ? text.indexOf(quote, start + 1) : -1;
    const from = close === -1 ? start : start + 1;
    const to = close === -1 ? endOfValue(text, start) : close;
    name.lastIndex = Math.max(to, match.index + 1);
    if (!isHarmless(text.slice(from, to))) found.push({ rule, from, to });
  }
  return found;
}

/** After each name all that stands in its line, comments and quotes included. */
function restOfLines(text: string, name: RegExp, rule: string): Match[] {
  const found: Match[] = [];
  const rest = /[^\r\n]*/y;
  for (let match = name.exec(text); match !== null; match = name.exec(text)) {
    const from = name.lastIndex;
    rest.lastIndex = from;
    const value = rest.exec(text)?.[0] ?? '';
    name.lastIndex = from + value.length;
    if (value !== '' && !value.startsWith('$')) found.push({ rule, from, to: from + value.length });
  }
  return found;
}

/** Without a comment behind it. */
function endOfValue(text: string, from: number): number {
  const line = /[^\r\n]*/y;
  line.lastIndex = from;
  const value = (line.exec(text)?.[0] ?? '').replace(/[ \t]#.*$/, '').trimEnd();
  return from + value.length;
}

/** After each name the next word. */
function words(text: string, name: RegExp, rule: string): Match[] {
  const found: Match[] = [];
  const word = /[^\s"']+/y;
  for (const match of text.matchAll(name)) {
    const from = match.index + match[0].length;
    word.lastIndex = from;
    const value = word.exec(text)?.[0];
    if (value !== undefined && !isEmptyOrVariable(value)) found.push({ rule, from, to: from + value.length });
  }
  return found;
}

function isEmptyOrVariable(value: string): boolean {
  return value.trim() === '' || /^\$|^\{\{|^<[^>]*>$/.test(value);
}

/** Settings that tell how a program runs, and no secret: switches, small numbers, names of environments and levels. */
const setting =
  /^(?:true|false|yes|no|on|off|\d{1,5}|v?\d+(?:\.\d+){1,3}|production|development|staging|test|testing|local|debug|info|warn(?:ing)?|error|localhost|127\.0\.0\.1|0\.0\.0\.0|utf-?8)$/i;

function isHarmlessSetting(value: string): boolean {
  return isEmptyOrVariable(value) || setting.test(value) || (isPlaceholder(value) && value.startsWith('<'));
}
