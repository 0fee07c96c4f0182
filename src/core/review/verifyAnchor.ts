import type { Anchor, AnchorMention, AnchorState } from './anchorTypes.ts';
import { preparedText, type PreparedText } from './compactText.ts';
import { lineOfSymbol, namedEvidence } from './evidence.ts';
import { lineMap } from './lineMap.ts';
import { findQuote, type Place, type QuoteFinding } from './quoteMatch.ts';

export interface FileTexts {
  /** The file as it is today, decoded; `undefined` where there is no such file. */
  readonly text: string | undefined;
  /** The file as the model saw it, where that may differ. */
  readonly packedText?: string | undefined;
}

interface Verdict extends Place {
  readonly state: AnchorState;
  readonly note: string;
}

/** Checks a mention against its file: the quote decides, the line breaks ties. Pure. */
export function verifyAnchor(mention: AnchorMention, file: FileTexts): Anchor {
  const verdict = judge(mention, file);
  return {
    path: mention.path,
    startLine: verdict.startLine,
    endLine: verdict.endLine,
    state: verdict.state,
    ...(mention.quote === undefined ? {} : { quote: mention.quote }),
    note: verdict.note,
  };
}

/** Verifies a mention that fits several files: the one file in which its quote stands is the one meant. */
export function verifyCandidates(mention: AnchorMention, read: (path: string) => FileTexts): Anchor {
  const anchors = (mention.candidates ?? []).map(path => verifyAnchor({ ...mention, path }, read(path)));
  for (const state of ['verified', 'relocated'] as const) {
    const holding = anchors.filter(anchor => anchor.state === state);
    const [only] = holding;
    if (holding.length === 1 && only !== undefined)
      return {
        ...only,
        note: `Of ${anchors.length} files with this name, only this one has the quote. ${only.note}`,
      };
    if (holding.length > 1) break;
  }
  return verifyAnchor(mention, { text: undefined });
}

function judge(mention: AnchorMention, file: FileTexts): Verdict {
  const cited = citedLines(mention) ?? { startLine: 1, endLine: 1 };
  if (file.text === undefined) {
    const among = mention.candidates ?? [];
    if (among.length > 1) {
      const shown = `${among.slice(0, 3).join(', ')}${among.length > 3 ? ', …' : ''}`;
      return { ...cited, state: 'ambiguous', note: `The path fits ${among.length} files: ${shown}.` };
    }
    const gone =
      file.packedText === undefined ? 'There is no such file.' : 'The file has been deleted since the pack.';
    return { ...cited, state: 'missing', note: gone };
  }
  const today = preparedText(file.text);
  if (file.packedText === undefined || file.packedText === file.text) return judgeIn(mention, today);
  const packed = preparedText(file.packedText);
  const same =
    packed.lines.length === today.lines.length && packed.lines.every((l, i) => l === today.lines[i]);
  return same ? judgeIn(mention, today) : judgeEdited(mention, packed, today);
}

/** Mentions may come from outside (a tool's caller): what is no number is no line, and a range has an order. */
function citedLines(mention: AnchorMention): Place | undefined {
  const { startLine = Number.NaN, endLine = startLine } = mention;
  if (Number.isNaN(startLine)) return undefined;
  const first = Math.floor(startLine);
  const last = Number.isNaN(endLine) ? first : Math.floor(endLine);
  return { startLine: Math.min(first, last), endLine: Math.max(first, last) };
}

function find(mention: AnchorMention, file: PreparedText): QuoteFinding | undefined {
  return mention.quote === undefined ? undefined : findQuote(file, mention.quote);
}

/** Against one text, as if it had never changed. */
function judgeIn(mention: AnchorMention, file: PreparedText): Verdict {
  const finding = find(mention, file);
  const cited = citedLines(mention);
  if (finding?.kind === 'found')
    return cited === undefined ? placed(finding.places) : decide(cited, finding.places, file);
  const reason = reasonOf(finding);
  if (cited === undefined) return withoutLines(mention, file, reason);
  const count = Math.max(1, file.lines.length);
  if (cited.startLine < 1 || cited.startLine > count || cited.endLine > count + 1) {
    const size = `The file has ${file.lines.length} ${file.lines.length === 1 ? 'line' : 'lines'}`;
    return {
      ...cited,
      state: 'out-of-range',
      note: `${size}${finding?.kind === 'absent' ? ', and the quote is not in it' : ''}.`,
    };
  }
  const place = { startLine: cited.startLine, endLine: Math.min(cited.endLine, count) };
  return { ...place, state: 'unquoted', note: `${reason}${namedEvidence(mention, file.lines, place)}.` };
}

function reasonOf(finding: QuoteFinding | undefined): string {
  switch (finding?.kind) {
    case 'absent':
      return 'The quoted text does not stand in this file; only the lines exist';
    case 'trivial':
      return 'The quote is too short or too common to prove a line';
    default:
      return 'Nothing is quoted; only the lines exist';
  }
}

/** A quote and cited lines. */
function decide(cited: Place, places: readonly Place[], file: PreparedText): Verdict {
  const [first] = places;
  const there = places.find(place => standsAt(place, cited));
  if (there !== undefined) {
    return {
      ...within(cited, file),
      state: 'verified',
      note: `The quote stands at ${linesText(there)}.`,
    };
  }
  if (places.length === 1 && first !== undefined)
    return {
      ...first,
      state: 'relocated',
      note: `The quote stands at ${linesText(first)}, not at ${linesText(cited)}.`,
    };
  const nearest = nearestTo(cited.startLine, places);
  const note = `The quote stands at ${places.length} places, none of them ${linesText(cited)}; the nearest is ${linesText(nearest)}.`;
  const exists = cited.startLine >= 1 && cited.endLine <= file.lines.length;
  return { ...(exists ? cited : nearest), state: 'ambiguous', note };
}

function within(cited: Place, file: PreparedText): Place {
  const startLine = Math.max(1, cited.startLine);
  return { startLine, endLine: Math.max(startLine, Math.min(cited.endLine, file.lines.length)) };
}

/** Within the cited lines; or beginning at the one line that is cited. */
function standsAt(place: Place, cited: Place): boolean {
  if (place.startLine < cited.startLine) return false;
  if (cited.startLine === cited.endLine && place.startLine === cited.startLine) return true;
  return place.endLine <= cited.endLine;
}

/** A quote, but no line. */
function placed(places: readonly Place[]): Verdict {
  const first = places[0] ?? { startLine: 1, endLine: 1 };
  if (places.length === 1)
    return {
      ...first,
      state: 'verified',
      note: `No line is cited; the quote stands at ${linesText(first)} only.`,
    };
  return {
    ...first,
    state: 'ambiguous',
    note: `No line is cited, and the quote stands at ${places.length} places, first at ${linesText(first)}.`,
  };
}

function withoutLines(mention: AnchorMention, file: PreparedText, reason: string): Verdict {
  const line = mention.symbol === undefined ? undefined : lineOfSymbol(mention.symbol, file.lines);
  const place = { startLine: line ?? 1, endLine: line ?? 1 };
  const state = 'unquoted';
  if (line !== undefined)
    return {
      ...place,
      state,
      note: `No line is cited; \`${mention.symbol}\` seems to be defined at line ${line}.`,
    };
  const told =
    mention.quote === undefined
      ? 'The file exists, but no line and no quote is given'
      : `No line is cited. ${reason}`;
  return { ...place, state, note: `${told}.` };
}

/** Against a file that was edited after the model saw it. */
function judgeEdited(mention: AnchorMention, packed: PreparedText, today: PreparedText): Verdict {
  const then = judgeIn(mention, packed);
  const cited = citedLines(mention);
  const now = find(mention, today);
  if (cited === undefined) {
    const fresh = judgeIn(mention, today);
    const lost = now?.kind !== 'found' && (then.state === 'verified' || then.state === 'ambiguous');
    return lost
      ? {
          ...fresh,
          state: 'stale',
          note: 'The quoted text was in the file when it was packed and is not any more.',
        }
      : fresh;
  }
  const map = lineMap(packed.lines, today.lines);
  switch (then.state) {
    case 'verified':
    case 'relocated': {
      const intact = map.intact(then);
      if (intact !== undefined) return moved(then, intact, cited);
      const stood = foundPlaces(find(mention, packed));
      const kept = then.state === 'relocated' ? stood : stood.filter(place => standsAt(place, cited));
      const still = kept.map(place => map.intact(place)).find(place => place !== undefined);
      if (still !== undefined)
        return moved(then, standsAt(still, cited) ? within(cited, today) : still, cited);
      return edited(cited, map.near(then), foundPlaces(now));
    }
    case 'ambiguous':
      return edited(cited, map.near(cited), foundPlaces(now));
    default: {
      // The quote is newer than the pack: the model was told of the edit.
      if (now?.kind === 'found') return decide(cited, now.places, today);
      if (then.state === 'out-of-range') return then;
      const intact = map.intact(then);
      if (intact === undefined) return stale(map.near(then));
      return { ...intact, state: 'unquoted', note: `${then.note}${movedNote(then, intact)}` };
    }
  }
}

function moved(then: Verdict, place: Place, cited: Place): Verdict {
  const same =
    place.startLine === cited.startLine && place.endLine === Math.max(cited.startLine, then.endLine);
  if (then.state === 'verified' && same) return { ...place, state: 'verified', note: then.note };
  return { ...place, state: 'relocated', note: `${then.note}${movedNote(then, place)}` };
}

function movedNote(then: Place, now: Place): string {
  if (then.startLine === now.startLine && then.endLine === now.endLine) return '';
  return ` The file changed since the pack: that is ${linesText(now)} today.`;
}

/** The lines themselves were edited; the quote may have survived nearby. */
function edited(cited: Place, near: Place, places: readonly Place[]): Verdict {
  const there = places.find(place => standsAt(place, near)) ?? (places.length === 1 ? places[0] : undefined);
  if (there !== undefined)
    return {
      ...there,
      state:
        there.startLine === cited.startLine && there.endLine === cited.endLine ? 'verified' : 'relocated',
      note: `The file changed since the pack; the quote stands at ${linesText(there)} today.`,
    };
  if (places.length === 0) return stale(near);
  const nearest = linesText(nearestTo(near.startLine, places));
  const note = `The file changed since the pack, and the quote stands at ${places.length} places; the nearest is ${nearest}.`;
  return { ...near, state: 'ambiguous', note };
}

function foundPlaces(finding: QuoteFinding | undefined): readonly Place[] {
  return finding?.kind === 'found' ? finding.places : [];
}

function stale(place: Place): Verdict {
  return {
    ...place,
    state: 'stale',
    note: 'The file changed since the pack, and these lines are not what the model saw.',
  };
}

function nearestTo(line: number, places: readonly Place[]): Place {
  let nearest = places[0] ?? { startLine: line, endLine: line };
  for (const place of places)
    if (Math.abs(place.startLine - line) < Math.abs(nearest.startLine - line)) nearest = place;
  return nearest;
}

function linesText({ startLine, endLine }: Place): string {
  return startLine === endLine ? `line ${startLine}` : `lines ${startLine}-${endLine}`;
}
