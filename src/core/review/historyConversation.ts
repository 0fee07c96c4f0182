import type { History, HistoryEntry } from './history.ts';

/** More turns than any window holds; also ends chains that bite their own tail. */
const longest = 200;

export interface StoredConversation {
  /** In the order they were asked. */
  readonly entries: readonly HistoryEntry[];
  /** Turns before the first of them that the history does not have. */
  readonly earlier: number;
}

/** The conversation that an ask belongs to: what it follows up, and what follows it up; undefined where it is gone. */
export async function conversationOf(
  history: History,
  id: string,
): Promise<StoredConversation | string | undefined> {
  const asked = await history.read(id);
  if (asked.kind === 'gone') return undefined;
  if (asked.kind === 'unreadable') return asked.why;
  const entries = [asked.entry];
  const taken = new Set([id]);
  const take = async (next: string | undefined): Promise<HistoryEntry | undefined> => {
    if (next === undefined || taken.has(next) || entries.length >= longest) return undefined;
    taken.add(next);
    const read = await history.read(next).catch(() => undefined);
    return read?.kind === 'entry' ? read.entry : undefined;
  };
  for (let entry = await take(asked.entry.follows); entry !== undefined; entry = await take(entry.follows))
    entries.unshift(entry);
  const { entries: heads } = await history.list();
  // The newest, where a question was followed up twice.
  const after = (of: string): string | undefined => heads.find(head => head.follows === of)?.id;
  for (let entry = await take(after(id)); entry !== undefined; entry = await take(after(entry.id)))
    entries.push(entry);
  return { entries, earlier: entries[0]?.earlierTurns ?? 0 };
}
