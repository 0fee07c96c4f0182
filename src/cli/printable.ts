/** File names and server messages may hold escape sequences; a terminal must not run them. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '�');
}

/** The same for what stands in a line of a list: no line ends, tabs, or marks that turn the reading direction. */
export function printableName(text: string): string {
  return printable(text).replace(/[\t\n\u2028-\u202e\u2066-\u2069]/g, '�');
}
