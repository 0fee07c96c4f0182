import type { BudgetMap, MapRequest, MapUpdate } from '../../core/pack/budgetMap.ts';
import { decodeUpdate } from '../../core/pack/mapWire.ts';

/** Who answers the map: the editor, or, in a page made by `longview pack --html`, the data that came with it. */
export interface Host {
  send(request: MapRequest): void;
  listen(update: (update: MapUpdate) => void): void;
  /** What the map looked like when it was last hidden. */
  restore(): unknown;
  keep(state: unknown): void;
  /** False where a click can change nothing. */
  readonly steers: boolean;
}

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare global {
  /** There in a webview of the editor. */
  function acquireVsCodeApi(): EditorApi;
}

export function connect(): Host {
  return typeof globalThis.acquireVsCodeApi === 'function' ? editor(acquireVsCodeApi()) : page();
}

function editor(api: EditorApi): Host {
  return {
    send: request => {
      api.postMessage(request);
    },
    listen: update => {
      addEventListener('message', event => {
        const told = decodeUpdate(event.data);
        if (told !== undefined) update(told);
      });
    },
    restore: () => api.getState(),
    keep: state => {
      api.setState(state);
    },
    steers: true,
  };
}

/** The page carries its map as JSON in a script element that is data, not code. */
function page(): Host {
  const data = document.getElementById('longview-map')?.textContent ?? '';
  const map = JSON.parse(data) as BudgetMap;
  let tell: (update: MapUpdate) => void = () => undefined;
  return {
    send(request) {
      if (request.kind === 'ready') tell({ kind: 'map', map });
      if (request.kind !== 'what-if') return;
      const plan = map.whatIf.find(w => w.limit === request.limit);
      if (plan !== undefined) tell({ kind: 'what-if', plan });
    },
    listen: update => {
      tell = update;
    },
    restore: () => undefined,
    keep: () => undefined,
    steers: false,
  };
}
