/** Encodings from before UTF-8: `chardet` proposes, the bytes decide. */
import { analyse } from 'chardet';

export interface Legacy {
  readonly text: string;
  readonly encoding: string;
}

/** Enough to tell; the detector needs about 0.3 ms a kilobyte. */
const sampleBytes = 8_192;

/** `undefined` where no encoding we know gives text. */
export function decodeLegacy(bytes: Buffer): Legacy | undefined {
  const sample = telling(bytes);
  const proposals = analyse(sample);
  const sure = proposals.filter(({ name, confidence }) => multiByte.has(name) && confidence >= 50);
  const likely = [
    ...sure.map(({ name }) => name),
    eastAsian(sample, proposals),
    isShortWestern(sample) ? 'windows-1252' : undefined,
    ...singleByte(proposals),
    'windows-1252',
  ];
  for (const encoding of new Set(likely)) {
    const text = encoding === undefined ? undefined : decodeStrictly(bytes, encoding);
    if (text !== undefined) return { text, encoding: encoding ?? '' };
  }
  return undefined;
}

const multiByte = new Set<string>(['Shift_JIS', 'EUC-JP', 'EUC-KR', 'GB18030', 'Big5']);

/** The lines that are not ASCII: in source code they are few, and the rest only dilutes them. */
function telling(bytes: Buffer): Buffer {
  const lines: Buffer[] = [];
  let size = 0;
  for (let from = 0; from < bytes.length && size < sampleBytes;) {
    const newline = bytes.indexOf(10, from);
    const to = newline === -1 ? bytes.length : newline + 1;
    const line = bytes.subarray(from, Math.min(to, from + sampleBytes));
    if (line.some(byte => byte >= 0x80)) {
      lines.push(line);
      size += line.length;
    }
    from = to;
  }
  return Buffer.concat(lines);
}

type Proposals = ReturnType<typeof analyse>;

/** A short comment is too little for statistics; the shape of its byte pairs still tells. */
function eastAsian(sample: Buffer, proposals: Proposals): string | undefined {
  const pairs = pairsOf(sample);
  if (pairs !== undefined && pairs.length >= 2 && !standsInsideWords(sample)) {
    const share = (from: number, to: number) =>
      pairs.filter(lead => lead >= from && lead <= to).length / pairs.length;
    // Rows 4 and 5 are kana in Japanese and Chinese tables alike, but only Japanese is written with them.
    if (share(0xa4, 0xa5) >= 0.2) return 'EUC-JP';
    if (share(0xb0, 0xc8) === 1) return 'EUC-KR';
    if (share(0xa1, 0xa3) + share(0xb0, 0xd7) >= 0.8) return 'GB18030';
  }
  const japanese = proposals.some(({ name }) => name === 'Shift_JIS')
    ? decodeStrictly(sample, 'Shift_JIS')
    : undefined;
  if (japanese === undefined) return undefined;
  const foreign = japanese.match(/[^\0-\x7f]/g)?.length ?? 0;
  const kana = japanese.match(/[\u3041-\u30fe]/g)?.length ?? 0;
  const rival = proposals.some(({ name, confidence }) => !multiByte.has(name) && confidence > 10);
  return kana >= 2 && kana * 3 >= foreign ? 'Shift_JIS' : rival || foreign < 2 ? undefined : 'Shift_JIS';
}

/** As accents do in Western text: pairs of them would pass for ideographs. */
function standsInsideWords(sample: Buffer): boolean {
  const text = sample.toString('latin1');
  const runs = text.match(/[\x80-\xff]+/g)?.length ?? 0;
  const inside = text.match(/(?<=[A-Za-z])[\x80-\xff]+(?=[A-Za-z])/g)?.length ?? 0;
  return inside * 2 > runs;
}

/** The lead bytes, if all that is not ASCII comes in pairs as EUC encodings and GB2312 have them. */
function pairsOf(sample: Buffer): number[] | undefined {
  const leads: number[] = [];
  for (let i = 0; i < sample.length; i++) {
    const lead = sample[i] ?? 0;
    if (lead < 0x80) continue;
    if (lead < 0xa1 || (sample[++i] ?? 0) < 0xa1) return undefined;
    leads.push(lead);
  }
  return leads;
}

/** Letters of Western European languages, and the signs that stand among them, in windows-1252. */
const western = /^[àâäáãåæçéèêëíîïñóòôöõøœúûüßÀÂÄÁÃÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØŒÚÛÜ¡¿«»°§©®€£·×µ‘’“”„–—…•™]+$/;
/** So few that statistics of a language are chance: `naïve` alone is taken for Polish. Bytes that are not ASCII. */
const few = 40;

/**
 * A name, a comment or two: accents that stand one by one among ASCII letters, every one a Western letter or sign.
 * Cyrillic and Greek come in runs, and Slavic languages need bytes that no Western word has.
 */
function isShortWestern(sample: Buffer): boolean {
  const text = decodeWindows1252(sample);
  const runs = text?.match(/[^\0-\x7f]+/g) ?? [];
  const letters = runs.join('');
  if (letters === '' || letters.length > few || !western.test(letters)) return false;
  return runs.every(run => run.length <= 2) && letters.length <= runs.length * 1.5;
}

/** Best first; where the detector can hardly tell, what is by far the most common comes first. */
function singleByte(proposals: Proposals): string[] {
  const weighed = proposals
    .filter(({ name }) => /^(windows-125|ISO-8859-|KOI8)/.test(name))
    .map(({ name, confidence }) =>
      name === 'ISO-8859-1' || name === 'windows-1252'
        ? { name: 'windows-1252', weight: confidence + 5 }
        : { name, weight: confidence },
    );
  return weighed.sort((a, b) => b.weight - a.weight).map(({ name }) => name);
}

/** `undefined` where a byte stands for nothing: the C1 controls some tables fill up with occur in no text. */
function decodeStrictly(bytes: Buffer, encoding: string): string | undefined {
  if (encoding === 'windows-1252') return decodeWindows1252(bytes);
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return /[\x80-\x9f\ufffd\ue000-\uf8ff]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** 0x80..0x9F; a space for the five bytes that stand for nothing. */
const windows1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/** By hand, because Node's `TextDecoder` takes windows-1252 for Latin-1 (nodejs/node#56542). */
function decodeWindows1252(bytes: Buffer): string | undefined {
  const latin1 = bytes.toString('latin1');
  if (/[\x81\x8d\x8f\x90\x9d]/.test(latin1)) return undefined;
  return latin1.replace(/[\x80-\x9f]/g, byte => windows1252.charAt(byte.charCodeAt(0) - 0x80));
}
