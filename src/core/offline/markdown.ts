/** A code span that holds `text` exactly, whatever backticks are in it. `text` is one line. */
export function codeSpan(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  // CommonMark strips one space on both sides, so a text that itself begins or ends with one gets one more.
  const pad = /^[` ]|[` ]$/.test(text) ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** A fenced block that no line of it can close. `language` goes into the info string if it is a plain word. */
export function codeBlock(lines: readonly string[], language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  const info = /^[a-z0-9+#-]{1,16}$/i.test(language) ? language.toLowerCase() : '';
  return `${fence}${info}\n${lines.join('\n')}\n${fence}\n`;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}

const invisible = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;
const everyInvisible = new RegExp(invisible.source, 'gu');

/** True for text that shows as it is: no controls but tabs, no direction overrides, no half characters. */
export function isPlain(text: string): boolean {
  return !invisible.test(text.replaceAll('\t', ''));
}

/** What a terminal or a reader's eye must not be steered by, made visible: a file may hold escape sequences. */
export function showInvisible(text: string): string {
  return text.replace(everyInvisible, character =>
    character === '\t' ? character : `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
}
