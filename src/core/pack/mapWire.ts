import type { MapUpdate } from './budgetMap.ts';

/**
 * What the host tells the map, as it travels: JSON as UTF-8, in parts. To make one text of 100,000 files at once holds
 * the thread, and bytes are handed on as they are.
 */
export interface MapMessage {
  readonly json: readonly Uint8Array[];
}

/** Items of a list that become text at once. */
const piece = 500;
/** UTF-16 units that become one part. */
const partChars = 256 * 1024;

export async function encodeUpdate(update: MapUpdate, breathe: () => Promise<void>): Promise<MapMessage> {
  const encoder = new TextEncoder();
  const json: Uint8Array[] = [];
  let text = '';
  for (const some of jsonOf(update)) {
    text += some;
    if (text.length < partChars) continue;
    json.push(encoder.encode(text));
    text = '';
    await breathe();
  }
  json.push(encoder.encode(text));
  return { json };
}

/** Undefined where it is none of ours. */
export function decodeUpdate(message: unknown): MapUpdate | undefined {
  const { json } = (message ?? {}) as Partial<MapMessage>;
  if (!Array.isArray(json)) return undefined;
  const decoder = new TextDecoder();
  let text = '';
  for (const part of json as MapMessage['json']) text += decoder.decode(part, { stream: true });
  return JSON.parse(text + decoder.decode()) as MapUpdate;
}

/** What `JSON.stringify` gives, a piece of each long list at a time. */
function* jsonOf(value: unknown): Generator<string> {
  if (Array.isArray(value) && value.length > piece) {
    yield '[';
    for (let i = 0; i < value.length; i += piece) {
      if (i > 0) yield ',';
      yield JSON.stringify(value.slice(i, i + piece)).slice(1, -1);
    }
    yield ']';
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    let before = '{';
    for (const [key, own] of Object.entries(value)) {
      if (own === undefined) continue;
      yield `${before}${JSON.stringify(key)}:`;
      yield* jsonOf(own);
      before = ',';
    }
    yield before === '{' ? '{}' : '}';
  } else yield JSON.stringify(value);
}
