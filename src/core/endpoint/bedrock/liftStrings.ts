import { createHash, randomBytes, randomUUID } from 'node:crypto';

import { pacer } from '../../pace.ts';

/** JSON without its long strings: a name stands in place of each, and `texts` has what stood there, as it was written. */
export interface LiftedJson {
  readonly json: string;
  /** Bytes of JSON strings, escapes and all, without the quotes. */
  readonly texts: ReadonlyMap<string, readonly Uint8Array[]>;
}

/** A string of fewer bytes stays where it is. */
const longString = 4096;
const quote = 0x22;
const backslash = 0x5c;

/**
 * Takes long strings out of JSON without decoding them: a prompt of 14 MB would hold the thread when parsed and
 * written again, and what was escaped once need not be escaped anew. Rejects with `signal.reason`.
 */
export async function liftStrings(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<LiftedJson> {
  const pace = pacer(signal);
  const texts = new Map<string, readonly Uint8Array[]>();
  const rest: Uint8Array[] = [];
  let string: Uint8Array[] | undefined;
  let bytes = 0;
  let escaped = false;
  for await (const chunk of body) {
    for (let from = 0; from < chunk.length;) {
      let end = from;
      if (string === undefined) {
        const at = chunk.indexOf(quote, from);
        end = at < 0 ? chunk.length : at + 1;
        rest.push(chunk.subarray(from, end));
        if (at >= 0) [string, bytes] = [[], 0];
        from = end;
        continue;
      }
      for (; end < chunk.length; end++) {
        const byte = chunk[end];
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) break;
      }
      string.push(chunk.subarray(from, end));
      bytes += end - from;
      from = end;
      if (end === chunk.length) continue;
      // The closing quote itself is read with what follows it.
      if (bytes < longString) rest.push(...string);
      else {
        const name = `lifted-${randomUUID()}`;
        texts.set(name, string);
        rest.push(Buffer.from(name));
      }
      rest.push(chunk.subarray(end, end + 1));
      from = end + 1;
      string = undefined;
    }
    await pace();
  }
  return { json: Buffer.concat([...rest, ...(string ?? [])]).toString('utf8'), texts };
}

/** JSON whose strings are put back, as bytes in order. `json` may be another document than the one they came from. */
export interface FilledJson {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  /** Of all bytes, in hex: what AWS signs. */
  readonly sha256: string;
}

const names = /(lifted-[0-9a-f-]{36}|liftedImage[0-9a-f]{32}x)/;

/** A name that is base64, so that decoded and encoded again it is itself. */
export function imageName(): string {
  return `liftedImage${randomBytes(16).toString('hex')}x`;
}

export async function fillIn(
  { json, texts }: LiftedJson,
  signal: AbortSignal | undefined,
): Promise<FilledJson> {
  const parts: Uint8Array[] = [];
  for (const piece of json.split(names)) parts.push(...(texts.get(piece) ?? [Buffer.from(piece)]));
  const pace = pacer(signal);
  const hash = createHash('sha256');
  let bytes = 0;
  for (const part of parts) {
    hash.update(part);
    bytes += part.length;
    await pace();
  }
  return { parts, bytes, sha256: hash.digest('hex') };
}
