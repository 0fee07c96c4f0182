import { delimited, type Draft, type Reading } from './draft.ts';
import type { Span } from './inlineSpans.ts';
import { readRanges, type CitedRange } from './lineRanges.ts';
import type { PathIndex } from './pathIndex.ts';
import { isMention } from './pathShape.ts';

export function readLink(text: string, span: Span & { kind: 'link' }, index: PathIndex): Draft[] {
  const label = text.slice(span.contentFrom, span.contentTo).replace(/^[`*_"\s]+|[`*_"\s]+$/g, '');
  const target = plainTarget(span.target);
  const isUrl = /^[a-z][a-z0-9+.-]+:(?![Ll]?\d)/i.test(target);
  const named = readWhole(label, index);
  const labelled = named !== undefined && isUrl && !isPermalink(named, target) ? undefined : named;
  const reading = isUrl ? undefined : readWhole(target, index);
  const chosen = pickOfLink(reading, labelled);
  if (chosen === undefined) return [];
  let ranges = chosen.ranges;
  if (ranges.length === 0)
    ranges = (labelled?.ranges.length ?? 0) > 0 ? (labelled?.ranges ?? []) : linesOfLabel(label);
  const only = ranges[0];
  const last = ranges.at(-1);
  // A link has one target: several ranges in one link are one stretch of lines.
  const whole =
    only === undefined || last === undefined
      ? []
      : [{ ...only, endLine: Math.max(only.endLine, last.endLine) }];
  return delimited(
    text,
    { ...chosen, ranges: ranges.length > 1 ? whole : ranges },
    span.from,
    span.to,
    span.from,
    span.to,
  );
}

/** A link to a web site may still show a file, where the address is that of the same file on a forge. */
function isPermalink(label: Reading, url: string): boolean {
  const { kind, path } = label.resolution;
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return url.toLowerCase().includes(`/${name}`) && (kind !== 'unknown' || label.ranges.length > 0);
}

function pickOfLink(target: Reading | undefined, label: Reading | undefined): Reading | undefined {
  if (target === undefined || label === undefined) return target ?? label;
  return target.resolution.kind === 'unknown' && label.resolution.kind !== 'unknown' ? label : target;
}

function linesOfLabel(label: string): readonly CitedRange[] {
  for (const at of [0, label.search(/\blines?\b|\bL\d|\s\(/), label.lastIndexOf(':')]) {
    const found = at < 0 ? undefined : readRanges(label, at);
    if (found !== undefined) return found.ranges;
  }
  return [];
}

export function plainTarget(target: string): string {
  let plain = target.trim();
  const angled = /^<([^>]*)>/.exec(plain);
  plain = angled?.[1] ?? plain.replace(/\s+(?:"[^"]*"|'[^']*'|\([^)]*\))$/, '');
  plain = plain.replace(/^file:\/\/(?:localhost)?(?=\/)/i, '').replace(/^vscode:\/\/file(?=\/)/i, '');
  plain = plain.replace(/^\/(?=[A-Za-z]:[\\/])/, '').replace(/\?[\w=&]*(?=#|$)/, '');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

const splitPoint = /[:#†(]|,?\s+(?:\(|at\b|on\b|lines?\b|lns?\b|L\d|between\b|[-–—]\s+lines?)|,\s*lines?/gi;

/** Reads a text that is a path, alone or with ranges, from end to end. */
export function readWhole(content: string, index: PathIndex): Reading | undefined {
  const text = content.trim().replace(/^@(?=[\w.])/, '');
  if (text === '' || text.length > 400) return undefined;
  const whole = wholeReading(text, text.length, [], index);
  if (whole !== undefined) return whole;
  for (const match of text.matchAll(splitPoint)) {
    if (match.index === 0) continue;
    const found = readRanges(text, match.index);
    if (found?.end === text.length) {
      const reading = wholeReading(text, match.index, found.ranges, index);
      if (reading !== undefined) return reading;
    }
  }
  const symbol = /^(.+?)(?:::|#|:)([A-Za-z_$][\w$.:]*)(?:\(\))?$/.exec(text);
  if (symbol?.[1] === undefined || symbol[2] === undefined) return undefined;
  const reading = wholeReading(text, symbol[1].length, [], index);
  return reading === undefined ? undefined : { ...reading, symbol: symbol[2], to: text.length };
}

function wholeReading(
  text: string,
  pathTo: number,
  ranges: readonly CitedRange[],
  index: PathIndex,
): Reading | undefined {
  const written = text.slice(0, pathTo);
  const resolution = index.resolve(written);
  if (resolution.kind === 'unknown' && /[\s"'`;=,]|^[-+$%&]|[([{]$/.test(written)) return undefined;
  if (resolution.kind === 'unknown' && /:(?![\\/])/.test(written)) return undefined;
  const writing = { hasLines: ranges.length > 0, delimited: true };
  if (!isMention(written, resolution, writing, index)) return undefined;
  return { written, resolution, from: 0, pathTo, to: text.length, ranges };
}
