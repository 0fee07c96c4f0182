/** Any text as a Markdown code span, on one line. */
export function codeSpan(text: string): string {
  const plain = text.replace(/\s*[\r\n]+\s*/g, ' ');
  const run = longestRun([plain]);
  return run === 0 ? `\`${plain}\`` : `${'`'.repeat(run + 1)} ${plain} ${'`'.repeat(run + 1)}`;
}

/** Any lines as a Markdown code block, each cut at `columns`. */
export function codeBlock(lines: readonly string[], columns = 240): string {
  const fence = '`'.repeat(Math.max(3, longestRun(lines) + 1));
  return [fence, ...lines.map(line => line.slice(0, columns)), fence].join('\n');
}

function longestRun(lines: readonly string[]): number {
  let longest = 0;
  for (const line of lines) for (const [run] of line.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}
