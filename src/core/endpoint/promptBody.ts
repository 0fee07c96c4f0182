import { randomUUID } from 'node:crypto';

import { pacer } from '../pace.ts';
import type { ChatMessage } from './types.ts';

/** A message that may be far too large for one string: its content is text, UTF-8 segments in order, or parts. */
export type PromptMessage =
  | { readonly role: ChatMessage['role']; readonly content: string | readonly Uint8Array[] }
  | { readonly role: 'user'; readonly content: readonly PromptPart[] };

export type PromptPart =
  | { readonly kind: 'text'; readonly segments: readonly Uint8Array[] }
  | { readonly kind: 'image'; readonly mediaType: string; readonly bytes: Uint8Array };

/** What stands in the body behind a name: text that JSON escapes, or bytes that become base64. */
export type NamedContent =
  | { readonly kind: 'text'; readonly segments: readonly Uint8Array[] }
  | { readonly kind: 'base64'; readonly bytes: Uint8Array };

/** A message as the wire has it. */
export type WireMessage = ChatMessage | { readonly role: 'user'; readonly content: WirePart[] };

type WirePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } };

/** Messages for `JSON.stringify`, with a name in place of every content that stands in `texts`, in the same order. */
export interface NamedMessages {
  readonly messages: readonly WireMessage[];
  readonly texts: ReadonlyMap<string, NamedContent>;
}

export function nameContents(messages: readonly PromptMessage[]): NamedMessages {
  const texts = new Map<string, NamedContent>();
  const named = (content: NamedContent): string => {
    const name = `content-${randomUUID()}`;
    texts.set(name, content);
    return name;
  };
  return {
    texts,
    messages: messages.map((message): WireMessage => {
      if (typeof message.content === 'string') return { role: message.role, content: message.content };
      if (isSegments(message.content))
        return { role: message.role, content: named({ kind: 'text', segments: message.content }) };
      return { role: 'user', content: message.content.map(part => wirePart(part, named)) };
    }),
  };
}

function wirePart(part: PromptPart, named: (content: NamedContent) => string): WirePart {
  if (part.kind === 'text') return { type: 'text', text: named(part) };
  const base64 = named({ kind: 'base64', bytes: part.bytes });
  return { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${base64}` } };
}

function isSegments(
  content: readonly Uint8Array[] | readonly PromptPart[],
): content is readonly Uint8Array[] {
  return content.every(part => part instanceof Uint8Array);
}

/** What of a message is text, for whoever counts it; images have a count of their own. */
export function textOf({ content }: PromptMessage): string {
  if (typeof content === 'string') return content;
  const segments = isSegments(content)
    ? content
    : content.flatMap(part => (part.kind === 'text' ? part.segments : []));
  return Buffer.concat([...segments]).toString();
}

/** Bytes made at a time: about a millisecond of work. */
const chunkBytes = 128 * 1024;
/** Bytes that become one chunk of base64: a multiple of three, so that chunks join without padding. */
const base64Bytes = (chunkBytes / 4) * 3;

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
  texts: ReadonlyMap<string, NamedContent>,
  signal: AbortSignal | undefined,
): Promise<StreamedBody> {
  const parts = splitAtNames(json, texts);
  const pace = pacer(signal);
  let bytes = 0;
  for (const [part, as] of eachPart(parts)) {
    bytes += as === 'base64' ? Math.ceil(part.length / 3) * 4 : part.length;
    if (as !== 'escaped') continue;
    for (let from = 0; from < part.length; from += chunkBytes) {
      const end = Math.min(from + chunkBytes, part.length);
      for (let i = from; i < end; i++) bytes += extraBytes[part[i] ?? 0] ?? 0;
      await pace();
    }
  }
  return { body: ReadableStream.from(writeParts(parts, signal)), bytes };
}

/** `json`: as it is. */
type WrittenAs = 'json' | 'escaped' | 'base64';

/** Segments as they are given: a pack may have 100,000. */
interface Part {
  readonly segments: readonly Uint8Array[];
  readonly as: WrittenAs;
}

function* eachPart(parts: readonly Part[]): Generator<readonly [bytes: Uint8Array, as: WrittenAs]> {
  for (const { segments, as } of parts) for (const bytes of segments) yield [bytes, as];
}

function splitAtNames(json: string, texts: ReadonlyMap<string, NamedContent>): Part[] {
  const encoder = new TextEncoder();
  const parts: Part[] = [];
  let rest = json;
  for (const [name, content] of texts) {
    const [before, after, ...more] = rest.split(name);
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error('A content’s name does not stand in the body once.');
    parts.push({ segments: [encoder.encode(before)], as: 'json' });
    if (content.kind === 'base64') parts.push({ segments: [content.bytes], as: 'base64' });
    else parts.push({ segments: content.segments, as: 'escaped' });
    rest = after;
  }
  parts.push({ segments: [encoder.encode(rest)], as: 'json' });
  return parts;
}

async function* writeParts(
  parts: readonly Part[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const pace = pacer(signal);
  let out = new Uint8Array(chunkBytes);
  let used = 0;
  for (const [bytes, as] of eachPart(parts)) {
    if (as === 'base64') {
      if (used > 0) yield out.subarray(0, used);
      out = new Uint8Array(chunkBytes);
      used = 0;
      for (let i = 0; i < bytes.length; i += base64Bytes) {
        const { buffer, byteOffset, length } = bytes.subarray(i, i + base64Bytes);
        yield Buffer.from(Buffer.from(buffer, byteOffset, length).toString('base64'), 'latin1');
        await pace();
      }
      continue;
    }
    for (let i = 0; i < bytes.length;) {
      if (used > chunkBytes - longestEscape) {
        yield out.subarray(0, used);
        out = new Uint8Array(chunkBytes);
        used = 0;
        await pace();
      }
      const end = Math.min(bytes.length, i + Math.floor((chunkBytes - used) / longestEscape));
      if (as === 'json') {
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
