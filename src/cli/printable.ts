/** File names and server messages may hold escape sequences; a terminal must not run them. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '�');
}

/** The same for what stands in a line of a list: no line ends, tabs, or marks that turn the reading direction. */
export function printableName(text: string): string {
  return printable(text).replace(/[\t\n\u2028-\u202e\u2066-\u2069]/g, '�');
}

const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60]/u;

/** Columns that a terminal gives to printable text. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const letter of text) columns += /\p{M}|\u200d|\ufe0f/u.test(letter) ? 0 : wide.test(letter) ? 2 : 1;
  return columns;
}
