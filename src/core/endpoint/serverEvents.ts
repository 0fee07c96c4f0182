/** One event of a stream, or what is none. */
export type ServerEvent =
  | { readonly kind: 'event'; readonly name: string | undefined; readonly data: string }
  /** Lines that belong to no event: a body that is JSON after all, or an error some servers write bare. */
  | { readonly kind: 'stray'; readonly text: string };

/**
 * Server-sent events, read leniently: any line end, comments, events without the blank line at the end. Lines that
 * a strict reader drops are kept as `stray`, because servers put errors there (reference/endpoints.md 0.4).
 */
export async function* readServerEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let name: string | undefined;
  let data: string[] = [];
  let stray: string[] = [];

  function* flush(): Generator<ServerEvent> {
    if (stray.length > 0) yield { kind: 'stray', text: stray.join('\n') };
    if (data.length > 0) yield { kind: 'event', name, data: data.join('\n') };
    name = undefined;
    data = [];
    stray = [];
  }

  function* take(lines: readonly string[]): Generator<ServerEvent> {
    for (const line of lines) {
      const field = /^(data|event|id|retry)(?:: ?([^]*))?$/.exec(line);
      if (line === '') yield* flush();
      else if (field?.[1] === 'data') data.push(field[2] ?? '');
      else if (field?.[1] === 'event') name = field[2] ?? '';
      else if (field === null && !line.startsWith(':')) stray.push(line);
    }
  }

  for await (const chunk of body) {
    // A carriage return at the end may be half a line end.
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    yield* take(lines);
  }
  yield* take([(rest + decoder.decode()).replace(/\r$/, '')]);
  yield* flush();
}
