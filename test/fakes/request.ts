import type { FakeImage, FakeMessage } from './types.ts';

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Plain text of the messages; parts (`{text}`, Bedrock's included) are joined. */
export function readMessages(body: Json): readonly FakeMessage[] {
  const system = Array.isArray(body['system'])
    ? [{ role: 'system', content: body['system'] as unknown }]
    : [];
  const list = Array.isArray(body['messages']) ? (body['messages'] as unknown[]) : [];
  return [...system, ...list].filter(isObject).map(m => ({
    role: String(m['role']),
    content: textOf(m['content']),
  }));
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map(part => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

/**
 * The image parts of all messages: data URLs, or Bedrock's blocks. Null for one that is no image a server could open:
 * broken base64, or bytes that are not what the part says.
 */
export function readImages(body: Json): readonly (FakeImage | null)[] {
  const list = Array.isArray(body['messages']) ? (body['messages'] as unknown[]) : [];
  return list.filter(isObject).flatMap(({ content }) => {
    let place = 0;
    return (Array.isArray(content) ? content.filter(isObject) : []).flatMap(part => {
      if (typeof part['text'] === 'string') place += part['text'].length;
      if (isObject(part['image_url'])) return [opened(...dataUrl(String(part['image_url']['url'])), place)];
      const { image } = part;
      if (!isObject(image) || !isObject(image['source'])) return [];
      return [opened(`image/${String(image['format'])}`, String(image['source']['bytes']), place)];
    });
  });
}

function dataUrl(url: string): [mediaType: string, base64: string] {
  const [, mediaType = '', base64 = ''] = /^data:([^;,]+);base64,([^]*)$/.exec(url) ?? [];
  return [mediaType, base64];
}

const signatures: Readonly<Record<string, string>> = {
  'image/png': '89504e470d0a1a0a',
  'image/jpeg': 'ffd8ff',
  'image/webp': '52494646',
};

function opened(mediaType: string, base64: string, place: number): FakeImage | null {
  const bytes = Buffer.from(base64, 'base64');
  const whole = bytes.toString('base64') === base64;
  const signature = signatures[mediaType];
  if (!whole || signature === undefined || !bytes.toString('hex', 0, 8).startsWith(signature)) return null;
  return { mediaType, bytes, place };
}

/** The answer's length as the request limits it, by any of its names. */
export function readMaxTokens(body: Json): number | undefined {
  const converse = isObject(body['inferenceConfig']) ? body['inferenceConfig']['maxTokens'] : undefined;
  return [body['max_completion_tokens'], body['max_tokens'], converse].find(v => typeof v === 'number');
}

export function wantsUsage(body: Json): boolean {
  return isObject(body['stream_options']) && body['stream_options']['include_usage'] === true;
}
