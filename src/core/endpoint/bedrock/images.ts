import type { ContentBlock } from '@aws-sdk/client-bedrock-runtime';

import { imageName, type LiftedJson } from './liftStrings.ts';

type Texts = LiftedJson['texts'];

const dataUrl = /^data:image\/(png|jpeg|webp);base64,/;
/** Longer than what stands before the base64 of any image. */
const mostPrefix = 40;

/**
 * Images for AWS's client, which wants bytes and makes base64 of them: those that were lifted out are base64 already,
 * and need not be decoded for it. The client gets bytes whose base64 is a name; what belongs there is in `named`.
 */
export function converseImages(texts: Texts): {
  /** Of a data URL, or of the name of one that was lifted out; undefined for anything else. */
  readonly block: (url: string) => ContentBlock | undefined;
  readonly named: ReadonlyMap<string, readonly Uint8Array[]>;
} {
  const named = new Map<string, readonly Uint8Array[]>();
  return {
    named,
    block(url) {
      const lifted = texts.get(url);
      const [prefix, format] = dataUrl.exec(lifted === undefined ? url : beginning(lifted)) ?? [];
      if (prefix === undefined || format === undefined) return undefined;
      if (lifted === undefined) return image(format, Buffer.from(url.slice(prefix.length), 'base64'));
      const name = imageName();
      named.set(name, without(lifted, prefix.length));
      return image(format, Buffer.from(name, 'base64'));
    },
  };
}

function image(format: string, bytes: Uint8Array): ContentBlock {
  return { image: { format: format as 'png' | 'jpeg' | 'webp', source: { bytes } } };
}

function beginning(segments: readonly Uint8Array[]): string {
  let text = '';
  for (const segment of segments) {
    text += Buffer.from(segment.subarray(0, mostPrefix)).toString('latin1');
    if (text.length >= mostPrefix) break;
  }
  return text;
}

function without(segments: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  return segments.map(segment => {
    const dropped = Math.min(left, segment.length);
    left -= dropped;
    return segment.subarray(dropped);
  });
}
