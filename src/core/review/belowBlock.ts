/**
 * What has to be written after this much of an answer so that something can stand below its last code block: a line
 * end, and the block's own end where the answer broke off in it. Empty where nothing is in the way.
 */
export function belowBlock(answer: string): string {
  let open: string | undefined;
  for (const line of answer.split('\n')) {
    const [, marks, rest = ''] =
      /^[ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (marks === undefined) continue;
    if (open === undefined) open = marks;
    else if (marks.startsWith(open) && rest.trim() === '') open = undefined;
  }
  const lineEnd = answer === '' || answer.endsWith('\n') ? '' : '\n';
  return open === undefined ? lineEnd : `${lineEnd}${open}\n`;
}
