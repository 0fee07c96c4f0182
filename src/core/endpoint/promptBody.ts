import { randomUUID } from 'node:crypto';

import { pacer } from '../pace.ts';
import type { ChatMessage } from './types.ts';

/** A message that may be far too large for one string: its content is text, or UTF-8 segments in order. */
export interface PromptMessage {
  readonly role: ChatMessage['role'];
  readonly content: string | readonly Uint8Array[];
}

/** Messages for `JSON.stringify`, with a name in place of every content that stands in `texts`. */
export interface NamedMessages {
  readonly messages: readonly ChatMessage[];
  readonly texts: ReadonlyMap<string, readonly Uint8Array[]>;
}

export function nameContents(messages: readonly PromptMessage[]): NamedMessages {
  const texts = new Map<string, readonly Uint8Array[]>();
  return {
    texts,
    messages: messages.map(({ role, content }) => {
      if (typeof content === 'string') return { role, content };
      const name = `content-${randomUUID()}`;
      texts.set(name, content);
      return { role, content: name };
    }),
  };
}

/** Bytes made at a time: about a millisecond of work. */
const chunkBytes = 128 * 1024;

/** What JSON needs beside a byte that it escapes; 0 for bytes that stand for themselves, all of UTF-8 among them. */
const escapes: readonly Uint8Array[] = Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === 0x22 || byte === 0x5c
    ? new TextEncoder().encode(JSON.stringify(String.fromCharCode(byte)).slice(1, -1))
    : new Uint8Array(0),
);
const extraBytes = Uint8Array.from(escapes, e => (e.length === 0 ? 0 : e.length - 1));
const longestEscape = 6;

export interface StreamedBody {
  readonly body: ReadableStream<Uint8Array>;
  /** For `content-length`: many servers and proxies refuse a body of unknown length. */
  readonly bytes: number;
}

/**
 * The JSON body with the named contents in place, as a stream. `JSON.stringify` of a prompt of 40 MB holds the
 * thread for 0.3 s, so bytes are counted and escaped in turns, and never put together. Rejects with `signal.reason`.
 */
export async function streamBody(
  json: string,
  texts: ReadonlyMap<string, readonly Uint8Array[]>,
  signal: AbortSignal | undefined,
): Promise<StreamedBody> {
  const parts = splitAtNames(json, texts);
  const pace = pacer(signal);
  let bytes = 0;
  for (const part of parts) {
    bytes += part.bytes.length;
    if (!part.escape) continue;
    for (let from = 0; from < part.bytes.length; from += chunkBytes) {
      const end = Math.min(from + chunkBytes, part.bytes.length);
      for (let i = from; i < end; i++) bytes += extraBytes[part.bytes[i] ?? 0] ?? 0;
      await pace();
    }
  }
  return { body: ReadableStream.from(writeParts(parts, signal)), bytes };
}

interface Part {
  readonly bytes: Uint8Array;
  /** False for what is JSON already. */
  readonly escape: boolean;
}

function splitAtNames(json: string, texts: ReadonlyMap<string, readonly Uint8Array[]>): Part[] {
  const encoder = new TextEncoder();
  const parts: Part[] = [];
  let rest = json;
  for (const [name, segments] of texts) {
    const [before, after, ...more] = rest.split(name);
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error('A content’s name does not stand in the body once.');
    parts.push({ bytes: encoder.encode(before), escape: false });
    for (const bytes of segments) parts.push({ bytes, escape: true });
    rest = after;
  }
  parts.push({ bytes: encoder.encode(rest), escape: false });
  return parts;
}

async function* writeParts(
  parts: readonly Part[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const pace = pacer(signal);
  let out = new Uint8Array(chunkBytes);
  let used = 0;
  for (const { bytes, escape } of parts) {
    for (let i = 0; i < bytes.length;) {
      if (used > chunkBytes - longestEscape) {
        yield out.subarray(0, used);
        out = new Uint8Array(chunkBytes);
        used = 0;
        await pace();
      }
      const end = Math.min(bytes.length, i + Math.floor((chunkBytes - used) / longestEscape));
      if (!escape) {
        out.set(bytes.subarray(i, end), used);
        used += end - i;
        i = end;
        continue;
      }
      for (; i < end; i++) {
        const byte = bytes[i] ?? 0;
        if (extraBytes[byte] === 0) {
          out[used++] = byte;
          continue;
        }
        const escaped = escapes[byte] ?? new Uint8Array(0);
        out.set(escaped, used);
        used += escaped.length;
      }
    }
  }
  if (used > 0) yield out.subarray(0, used);
}
