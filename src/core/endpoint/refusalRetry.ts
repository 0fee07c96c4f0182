/** How long a refusal asks to wait. All results are whole milliseconds from now, never negative. */

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const number = /^\d{1,15}(?:\.\d{1,12})?$/;

/** `1m2.5s`, `174ms`, `2 minutes 5 seconds`; undefined where it is none. Milliseconds. */
export function parseDuration(text: string): number | undefined {
  const parts = [
    ...text
      .trim()
      .toLowerCase()
      .matchAll(
        /(\d{1,12}(?:\.\d{1,12})?)\s?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])\s?/g,
      ),
  ];
  if (parts.length === 0) return undefined;
  const total = parts.reduce((sum, [, amount, unit]) => {
    const short = unit === 'ms' || unit?.startsWith('milli') === true ? 'ms' : (unit?.[0] ?? 's');
    return sum + Number(amount) * (unitMs[short] ?? 1_000);
  }, 0);
  return Math.ceil(total);
}

/** Seconds, a duration, an HTTP or ISO date, or a moment since 1970 (seconds or ms). */
function parseMoment(value: string, now: number): number | undefined {
  const text = value.trim();
  if (number.test(text)) {
    const n = Number(text);
    if (n > 1e12) return Math.max(0, Math.ceil(n - now));
    return n > 1e9 ? Math.max(0, Math.ceil(n * 1_000 - now)) : Math.ceil(n * 1_000);
  }
  if (/^[\d.\s]+(?:ms|[smhd])/i.test(text)) return parseDuration(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** What `Retry-After` and its relatives say; the reset of an exhausted bucket only where nothing is explicit. */
export function waitOfHeaders(
  headers: ReadonlyMap<string, string>,
  now: number,
  resets: boolean,
): number | undefined {
  const ms =
    headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms') ?? headers.get('x-retry-after-ms');
  if (ms !== undefined && number.test(ms.trim())) return Math.ceil(Number(ms));
  const after = headers.get('retry-after') ?? headers.get('x-retry-after');
  const explicit = after === undefined ? undefined : parseMoment(after, now);
  if (explicit !== undefined || !resets) return explicit;
  const all: number[] = [];
  const empty: number[] = [];
  for (const [name, value] of headers) {
    if (!/ratelimit/.test(name) || !/reset/.test(name)) continue;
    const wait = parseMoment(value, now);
    if (wait === undefined) continue;
    all.push(wait);
    if (headers.get(name.replace('reset', 'remaining'))?.trim() === '0') empty.push(wait);
  }
  const from = empty.length > 0 ? empty : all;
  return from.length > 0 ? Math.max(...from) : undefined;
}

const spoken =
  /(?:try again|retry(?:ing)?|wait|available again|resets?|retrydelay["': ]{1,4})[^.\n\d]{0,40}?((?:\d{1,12}(?:\.\d{1,12})?\s?(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])\s?){1,4})/i;

/** "Please try again in 1m2.5s", "retry in 36.9s", "after 30 seconds". */
export function waitOfText(text: string): number | undefined {
  const said = spoken.exec(text)?.[1];
  return said === undefined ? undefined : parseDuration(said);
}
