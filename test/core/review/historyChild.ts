// A process of its own that writes a history, for the tests that kill it or run two of it.
import type { Endpoint } from '../../../src/core/endpoint/types.ts';
import type { AskEvent } from '../../../src/core/review/ask.ts';
import { createHistory } from '../../../src/core/review/history.ts';
import { recordAsk } from '../../../src/core/review/historyRecord.ts';
import { defaultPromptSettings } from '../../../src/core/review/prepare.ts';
import { sampleEntry } from './historySample.ts';

const [mode, folder = '', name = ''] = process.argv.slice(2);
const history = createHistory(folder);

const endpoint: Endpoint = {
  config: { id: 'fake', baseUrl: 'http://127.0.0.1:1', model: 'scout' },
  kind: 'server',
  fetch: globalThis.fetch,
  apiKey: async () => undefined,
};

async function* endless(): AsyncGenerator<AskEvent> {
  for (;;) {
    yield { kind: 'text', text: 'word ' };
    await new Promise(resolve => setImmediate(resolve));
  }
}

async function stream(): Promise<void> {
  let writes = 0;
  const onWrite = (id: string) => {
    // The first is the bare question.
    if (++writes === 3) process.stdout.write(`${id}\n`);
  };
  const asked = {
    endpoint,
    question: 'Endless?',
    settings: defaultPromptSettings,
    folders: [],
    surface: 'document',
  } as const;
  const events = recordAsk(endless(), asked, { history, onFailure: console.error, onWrite, writeEveryMs: 0 });
  for await (const event of events) if (event.kind === 'done') return;
}

async function many(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const entry = sampleEntry({ id: history.newId(new Date()), title: `${name} ${i}` });
    await history.write({ ...entry, state: 'running', answer: 'x'.repeat(20_000) });
    await history.list();
    await history.write(entry);
    await history.prune();
  }
}

void (mode === 'stream' ? stream() : many());
