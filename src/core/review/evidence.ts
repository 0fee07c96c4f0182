import type { AnchorMention } from './anchorTypes.ts';
import type { Place } from './quoteMatch.ts';

/** "and `parse` stands there", "and `parse` does not": what named identifiers say about lines that nothing proves. */
export function namedEvidence(mention: AnchorMention, lines: readonly string[], place: Place): string {
  const names = identifiersOf(mention);
  if (names.length === 0) return '';
  const text = lines.slice(place.startLine - 1, place.endLine).join('\n');
  const present = names.filter(name => wordIn(text, lastName(name)));
  if (present.length > 0) return `; ${listed(present)} ${present.length === 1 ? 'stands' : 'stand'} there`;
  return `; ${listed(names)} ${names.length === 1 ? 'does' : 'do'} not stand there`;
}

function identifiersOf(mention: AnchorMention): readonly string[] {
  const named = mention.named ?? [];
  return mention.symbol === undefined ? named : [mention.symbol, ...named.filter(n => n !== mention.symbol)];
}

/** The line that seems to define a symbol: the only one that declares it, else the only one that has it. */
export function lineOfSymbol(symbol: string, lines: readonly string[]): number | undefined {
  const name = escaped(lastName(symbol));
  const declared = new RegExp(
    `(?:\\b(?:function\\*?|class|def|defp|fn|func|fun|interface|type|struct|enum|trait|module|namespace|const|let|var|` +
      `impl|macro_rules!|object|record|protocol|sub|proc|#define|val)\\s+(?:\\([^)]*\\)\\s*)?${name}(?![\\w$])|` +
      `^\\s*(?:(?:public|private|protected|internal|static|async|export|override|readonly|get|set|virtual|inline|final|` +
      `abstract)\\s+)*(?:[\\w<>[\\],.*&]+\\s+)?\\*?${name}\\s*(?:<[^>]*>)?\\([^;]*$|^\\s*['"]?${name}['"]?\\s*[:=](?!=))`,
  );
  const has = new RegExp(`(?<![\\w$])${name}(?![\\w$])`);
  const defining: number[] = [];
  const having: number[] = [];
  lines.forEach((line, i) => {
    if (!has.test(line)) return;
    having.push(i + 1);
    if (declared.test(line)) defining.push(i + 1);
  });
  if (defining.length === 1) return defining[0];
  return defining.length === 0 && having.length === 1 ? having[0] : undefined;
}

function lastName(symbol: string): string {
  return /([\w$-]+)$/.exec(symbol.replace(/\(\)$/, ''))?.[1] ?? symbol;
}

function wordIn(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w$])${escaped(name)}(?![\\w$])`).test(text);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function listed(names: readonly string[]): string {
  return names
    .slice(0, 3)
    .map(name => `\`${name}\``)
    .join(', ');
}
