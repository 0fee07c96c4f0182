/**
 * Brings an error sentence into a form rules can be written against: lower case, straight quotes, no addresses,
 * and every number that can be a count of tokens as `#12345`. Numbers that are something else (characters, bytes,
 * seconds, error codes, parts of model names, dates, prices) become `~`.
 */

const entities: Readonly<Record<string, string>> = {
  quot: '"',
  apos: "'",
  lt: '<',
  gt: '>',
  amp: '&',
  nbsp: ' ',
};

/** Units that make a number something other than tokens. */
const otherUnit =
  /^[\s-]{0,2}(?:(?:input|output|total|utf-?8|unicode|raw|text|more)\s){0,2}(?:char(?:acter)?s?\b|bytes?\b|[kmgt]i?b\b|octets?\b|images?\b|pages?\b|sec(?:ond)?s?\b|min(?:ute)?s?\b|hours?\b|days?\b|ms\b|milliseconds?\b|requests?\b|calls?\b|times?\b|items?\b|tools?\b|files?\b|words?\b|credits?\b|usd\b|dollars?\b|gpus?\b|users?\b|retries\b|attempts?\b|%|字符|字节|秒|次|個文字|文字)/;
/** Words before a number that make it a code, a status, a size of a batch, an index. */
const otherLabel =
  /(?:\bcode|\bstatus(?:[ _]code)?|\bhttp(?:\/\d(?:\.\d)?)?|\berrno|\berror code|\bchar(?:acter)?s?|\bbytes?(?: to request body)?|\bindex|\bbatch size|\bvalue=|\bline|\bcolumn|\bposition|\bport|\bversion|\btop_p|\btemperature|\btier|\bparameter|\bids?)[\s:=#(["'`-]{0,4}$/;

/** Letters of scripts that are written without spaces: next to them a numeral still stands alone. */
const unspaced = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}';
const letter = `(?![${unspaced}])\\p{L}`;
const numeral =
  /(?<!(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{N}_.$€£#@\\])(-?)(\d{1,3}(?:([,_'’.\u00a0\u202f\u2009 ])\d{3})(?:\3\d{3})*(?!\d)|\d+)(\.\d+)?(?:( ?)([kKmM])(?=[\s-]*tok|[\s,.;:)\]"'-]|$))?/gu;

/** The count a numeral means, or undefined where it cannot be one. `k` is taken as 1,000: never more than was meant. */
function countOf(
  digits: string,
  fraction: string | undefined,
  letter: string | undefined,
): number | undefined {
  const whole = Number(digits.replace(/\D/g, ''));
  const scale = letter === undefined ? 1 : letter.toLowerCase() === 'k' ? 1_000 : 1_000_000;
  const value = (fraction === undefined ? whole : Number(`${whole}${fraction}`)) * scale;
  return Number.isSafeInteger(value) ? value : undefined;
}

const partAfter = new RegExp(`^(?:_|${letter}|[-:./]\\p{N}|-${letter})`, 'u');
const partBefore = new RegExp(`(?:${letter}|\\p{N})[-/@]$`, 'u');

/** Parts of a name, date, time, version or address: a letter, a digit or a joining sign next to the numeral. */
function isPart(before: string, after: string): boolean {
  if (partAfter.test(after)) return !/^-?tok/.test(after);
  return (
    partBefore.test(before) || /\d:$/.test(before) || /\b(?:localhost|\d+\.\d+|[\w-]+\.\w{2,}):$/.test(before)
  );
}

const statusBefore =
  /^\s*$|[[(<"'`|]\s{0,3}$|\b(?:error|exception|fail(?:ed|ure)(?: with)?|returned|respon(?:se|ded with))[\s:#(-]{0,12}$/;

/** The phrase of a status right after it (RFC 9110, section 15): no count of tokens is followed by one. */
const reasonPhrase =
  /^[\s:,-]{1,3}(?:bad request|unauthorized|payment required|forbidden|not found|method not allowed|not acceptable|request timeout|conflict|gone|length required|precondition failed|(?:payload|content|request entity|uri) too (?:large|long)|request-uri too long|unsupported media type|range not satisfiable|expectation failed|misdirected request|unprocessable|locked|failed dependency|upgrade required|too many requests|request header fields too large|internal server error|(?:client|server) error|not implemented|bad gateway|service (?:temporarily )?unavailable|gateway time-?out)\b/;

/** A three-digit 4xx or 5xx that opens a sentence or a bracket, has its phrase or follows "error", is an HTTP status. */
function isStatus(before: string, after: string): boolean {
  if (/^[\s-]{0,2}tok|^\s(?:in|of|from|for)\b/.test(after)) return false;
  if (/^\s?(?:["{]|['`](?!inputs|max))/.test(after)) return true;
  // A sentence also opens after a gateway's tag: "[proxy-7] 400 You passed …".
  if (/\]\s{1,3}$/.test(before) && /^:?\s\p{L}/u.test(after)) return true;
  return reasonPhrase.test(after) || statusBefore.test(before);
}

/** Of a range only the upper end is a limit. */
const rangeStart =
  /([[(]|\bbetween |\bfrom |\brange (?:is |of |: ?))#\d+((?: ?\((?:in|ex)clusive\))? ?(?:,|-|to|and|~|\.\.\.?) ?#)/g;

/** Normal form of one sentence; see the head of this file. Linear in the length of the text. */
export function normalise(raw: string): string {
  const text = raw
    .replace(/&(?:#(\d{2,4})|(\w{2,5}));/g, (all, code: string | undefined, name: string | undefined) =>
      code !== undefined ? String.fromCharCode(Number(code)) : (entities[name ?? ''] ?? all),
    )
    .replace(/<\/?(?:h\d|p|br|div|pre|title|center|body|head)\b[^<>]{0,300}>/gi, ' | ')
    .replace(/<\/?[a-zA-Z!][^<>]{0,300}>/g, ' ')
    .replace(/\bhttps?:\/\/[^\s"'<>)]{1,2000}/g, ' ')
    .replace(/[#~]/g, ' ')
    .replace(/(\d{4,12})\/(?=\d{4})/g, '$1 / ')
    .replace(/[‘’ʼ]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[\u00a0\u202f\u2009](?!\d)/g, ' ');
  const counted = text.replace(
    numeral,
    (
      all,
      sign: string,
      digits: string,
      _sep,
      fraction: string | undefined,
      gap: string | undefined,
      letter: string | undefined,
      at: number,
    ) => {
      const before = text.slice(Math.max(0, at - 40), at).toLowerCase();
      const after = text.slice(at + all.length, at + all.length + 40).toLowerCase();
      if (isPart(before, after)) return all.replace(/\d/g, '_');
      if (/^0\d/.test(digits)) return '~';
      if (otherUnit.test(after) || otherLabel.test(before)) return '~';
      if (/^(?:4[0-3]\d|451|50\d|51[01]|52\d)$/.test(all) && isStatus(before, after)) return '~';
      // "1m" is a minute unless tokens follow it.
      if (letter?.toLowerCase() === 'm' && !/^[\s-]{0,2}(?:tok|context|input)/.test(after)) return '~';
      const count = countOf(digits, fraction, letter);
      if (count === undefined) return '~';
      return sign === '-' ? '-~' : `#${count}${gap === undefined || /^\s|^\W|^$/.test(after) ? '' : ' '}`;
    },
  );
  return counted
    .toLowerCase()
    .replace(/(#\d+)(?=[a-z])/g, '$1 ')
    .replace(/(?<=\w)\.(?=\w)/g, '_')
    .replace(rangeStart, '$1~$2')
    .replace(/\(#\d+ > #\d+ - #\d+\)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
