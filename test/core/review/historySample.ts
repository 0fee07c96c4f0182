import type { AskEvent } from '../../../src/core/review/ask.ts';
import type { HistoryEntry } from '../../../src/core/review/history.ts';

export function sampleEntry(changes: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    id: '20261121115331000-0a1b2c3d',
    at: '2026-11-21T11:53:31.000Z',
    title: 'Where is a set?',
    state: 'done',
    surface: 'document',
    endpoint: { id: 'fake', name: 'Fake', model: 'scout', host: '127.0.0.1:8000', offline: false },
    turn: 'abc',
    pid: process.pid,
    question: 'Where is a set?',
    earlierTurns: 0,
    answer: 'See `src/a.ts:2` "veryParticular = 2".\n',
    anchors: [
      {
        path: 'src/a.ts',
        startLine: 2,
        endLine: 2,
        state: 'verified',
        quote: 'veryParticular = 2',
        note: 'The quote stands at line 2.',
        offset: 4,
        length: 12,
        fileHash: 'f'.repeat(64),
      },
    ],
    ...changes,
  };
}

/** The events as text and anchors of a stream. */
export async function* streamOf(events: readonly AskEvent[]): AsyncGenerator<AskEvent> {
  for (const event of events) yield event;
}
