import * as vscode from 'vscode';

import { actualCost, dollars, priceOf } from '../core/endpoint/cost.ts';
import type { EvidenceStore } from '../core/endpoint/evidenceStore.ts';
import type { Price } from '../core/endpoint/price.ts';
import type { Endpoint, Usage } from '../core/endpoint/types.ts';

const memory = 'longview.spending';
/** Days that are kept. */
const keptDays = 31;

/** What asks of this workspace cost, by local day. */
export interface Spending {
  /** Adds a reply; nothing is added where the price or the usage is unknown, and the sum says so by its count. */
  add(price: Price | undefined, usage: Usage): Promise<void>;
  today(): SpentToday;
  readonly onDidChange: vscode.Event<void>;
}

export type SpentToday = Day;

interface Day {
  readonly usd: number;
  readonly asks: number;
  /** Asks whose cost nobody knows. */
  readonly unpriced: number;
}

export function createSpending(state: vscode.Memento, now: () => Date = () => new Date()): Spending {
  const changed = new vscode.EventEmitter<void>();
  const read = (): Record<string, Day> => state.get<Record<string, Day>>(memory, {});
  const key = () => {
    const date = now();
    return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
      .map(n => String(n).padStart(2, '0'))
      .join('-');
  };
  const nothing: Day = { usd: 0, asks: 0, unpriced: 0 };
  return {
    async add(price, usage) {
      const day = read()[key()] ?? nothing;
      const usd = actualCost(price, usage);
      const days = {
        ...read(),
        [key()]: {
          usd: day.usd + (usd ?? 0),
          asks: day.asks + 1,
          unpriced: day.unpriced + (usd === undefined ? 1 : 0),
        },
      };
      await state.update(memory, Object.fromEntries(Object.entries(days).sort().slice(-keptDays)));
      changed.fire();
    },
    today: () => read()[key()] ?? nothing,
    onDidChange: changed.event,
  };
}

/** Adds what an endpoint's reply cost to the day's sum, whoever asked: Chat, another extension, an agent's tool. */
export async function spend(
  endpoint: Endpoint,
  usage: Usage,
  { store, spending }: { readonly store: EvidenceStore; readonly spending: Spending },
): Promise<void> {
  if (endpoint.kind === 'server') await spending.add(await priceOf(endpoint, store), usage);
}

/** `$0.42 for 3 asks, and 1 of unknown cost`; undefined before the first. */
export function describeSpent({ usd, asks, unpriced }: SpentToday): string | undefined {
  if (asks === 0) return undefined;
  const priced = asks - unpriced;
  if (priced === 0)
    return unpriced === 1
      ? vscode.l10n.t('unknown, for 1 ask without a price')
      : vscode.l10n.t('unknown, for {0} asks without a price', unpriced);
  const known =
    priced === 1
      ? vscode.l10n.t('{0} for 1 ask', dollars(usd))
      : vscode.l10n.t('{0} for {1} asks', dollars(usd), priced);
  return unpriced === 0 ? known : vscode.l10n.t('{0}, and {1} of unknown cost', known, unpriced);
}
