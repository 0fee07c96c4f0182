import * as vscode from 'vscode';

import { describeEvidence } from '../core/endpoint/evidenceText.ts';
import { hostOf } from '../core/endpoint/gates.ts';
import { learn, type Knowledge } from '../core/endpoint/learn.ts';
import { resolveLimit } from '../core/endpoint/limit.ts';
import type { Endpoint } from '../core/endpoint/types.ts';
import { describeError, isCancellation } from '../core/errors.ts';
import { tokens } from './format.ts';
import { describeEndpoint } from './gaugeRows.ts';
import { commands } from './ids.ts';
import { describePrice } from './modelStep.ts';
import { describeGone } from './otherModel.ts';
import type { Services } from './services.ts';
import { readSettings } from './settings.ts';

/** What the user chose in the list of endpoints. */
export type Picked =
  | { readonly kind: 'select'; readonly endpoint: Endpoint; readonly gone: boolean }
  | { readonly kind: 'edit' | 'remove' | 'recheck'; readonly endpoint: Endpoint }
  | { readonly kind: 'command'; readonly command: string };

/** What is known of an endpoint by now. */
type State =
  | { readonly kind: 'asking'; readonly known: Knowledge | undefined }
  | { readonly kind: 'known'; readonly known: Knowledge }
  | { readonly kind: 'failed'; readonly why: string; readonly known: Knowledge | undefined };

interface Row extends vscode.QuickPickItem {
  readonly means?: Picked;
  readonly actions?: ReadonlyMap<vscode.QuickInputButton, Picked>;
}

/**
 * All endpoints, each with limit and price: at once what is remembered, then what each says now, so that a model that
 * has gone shows before it is asked.
 */
export async function pickEndpoint(services: Services): Promise<Picked | undefined> {
  const { endpointsError } = readSettings();
  const endpoints = services.endpoints.all();
  const states = new Map<string, State>();
  const picker = vscode.window.createQuickPick<Row>();
  const open = new AbortController();
  const draw = () => {
    const [active] = picker.activeItems;
    picker.items = rowsOf(endpoints, states, endpointsError?.message);
    // The cursor stays where it was while numbers come in.
    const same = picker.items.find(item =>
      active === undefined
        ? item.means?.kind === 'select' && isSelected(item.means.endpoint)
        : sameRow(item, active),
    );
    if (same !== undefined) picker.activeItems = [same];
  };
  picker.title = vscode.l10n.t('Longview: Select Endpoint');
  picker.placeholder = vscode.l10n.t(
    'Who answers? The buttons edit an endpoint, ask for its limit again, or remove it.',
  );
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  picker.keepScrollPosition = true;
  picker.busy = true;
  draw();
  const asking = endpoints.map(async endpoint => {
    const note = (state: State) => {
      if (open.signal.aborted) return;
      states.set(endpoint.config.id, state);
      draw();
    };
    await ask(endpoint, services, open.signal, note);
  });
  void Promise.all(asking).then(() => {
    if (!open.signal.aborted) picker.busy = false;
  });
  try {
    return await new Promise<Picked | undefined>(resolve => {
      picker.onDidAccept(() => resolve(picker.selectedItems[0]?.means));
      picker.onDidTriggerItemButton(({ item, button }) => resolve(item.actions?.get(button)));
      picker.onDidHide(() => resolve(undefined));
      picker.show();
    });
  } finally {
    open.abort();
    picker.dispose();
  }
}

function sameRow(a: Row, b: Row): boolean {
  if (a.means?.kind !== 'select' || b.means?.kind !== 'select') return a.label === b.label;
  return a.means.endpoint.config.id === b.means.endpoint.config.id;
}

function isSelected({ config }: Endpoint): boolean {
  return config.id === readSettings().endpoint;
}

/** What is remembered, then what the endpoint says now. Never rejects: a failure is shown in its row. */
async function ask(
  endpoint: Endpoint,
  { store, log }: Pick<Services, 'store' | 'log'>,
  signal: AbortSignal,
  note: (state: State) => void,
): Promise<void> {
  let known: Knowledge | undefined;
  const now = () => new Date();
  try {
    const remembered = await store.load(endpoint.config);
    if (remembered.length > 0 || endpoint.kind === 'offline') {
      known = await learn(endpoint, signal, [], { now, store });
      note({ kind: endpoint.kind === 'offline' ? 'known' : 'asking', known });
    }
    if (endpoint.kind === 'offline') return;
    note({ kind: 'known', known: await learn(endpoint, signal, [], { now, store, recheck: true }) });
  } catch (error) {
    if (isCancellation(error)) return;
    log.debug(`${endpoint.config.id}: ${describeError(error)}`);
    note({ kind: 'failed', why: error instanceof Error ? error.message : String(error), known });
  }
}

function rowsOf(
  endpoints: readonly Endpoint[],
  states: ReadonlyMap<string, State>,
  settingsError: string | undefined,
): Row[] {
  const separator = (label: string): Row => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const [offline, ...own] = endpoints;
  const action = (label: string, command: string, detail?: string): Row => ({
    label,
    ...(detail !== undefined && { detail }),
    means: { kind: 'command', command },
  });
  return [
    ...(own.length > 0 ? [separator(vscode.l10n.t('Your endpoints'))] : []),
    ...own.map(e => rowOf(e, states.get(e.config.id))),
    separator(vscode.l10n.t('Without a model')),
    ...(offline === undefined ? [] : [rowOf(offline, states.get(offline.config.id))]),
    separator(vscode.l10n.t('More')),
    action(`$(add) ${vscode.l10n.t('Add Endpoint…')}`, commands.addEndpoint),
    action(`$(dashboard) ${vscode.l10n.t('Measure Real Limit…')}`, commands.measureLimit),
    action(`$(gear) ${vscode.l10n.t('Open Endpoint Settings')}`, commands.editEndpoints, settingsError),
  ];
}

function rowOf(endpoint: Endpoint, state: State | undefined): Row {
  const gone = state?.kind === 'known' && state.known.gone !== undefined;
  const actions = new Map<vscode.QuickInputButton, Picked>(
    endpoint.kind === 'offline'
      ? []
      : [
          [button('edit', vscode.l10n.t('Edit')), { kind: 'edit', endpoint }],
          [button('refresh', vscode.l10n.t('Re-check Limit')), { kind: 'recheck', endpoint }],
          [button('trash', vscode.l10n.t('Remove')), { kind: 'remove', endpoint }],
        ],
  );
  return {
    label: `$(${isSelected(endpoint) ? 'check' : 'blank'}) ${describeEndpoint(endpoint)}`,
    description: describeState(state),
    detail: `$(blank) ${describePlace(endpoint, state)}`,
    buttons: [...actions.keys()],
    actions,
    means: { kind: 'select', endpoint, gone },
  };
}

function button(icon: string, tooltip: string): vscode.QuickInputButton {
  return { iconPath: new vscode.ThemeIcon(icon), tooltip };
}

/** Limit and price. */
function describeState(state: State | undefined): string {
  const known = state?.known;
  if (known === undefined)
    return state?.kind === 'failed' ? `$(warning) ${vscode.l10n.t('limit unknown')}` : '…';
  if (known.gone !== undefined) return `$(warning) ${vscode.l10n.t('model gone')}`;
  const limit = resolveLimit(known.evidence);
  return [
    limit.kind === 'known'
      ? vscode.l10n.t('{0} tokens', tokens(limit.tokens))
      : `$(warning) ${vscode.l10n.t('limit unknown')}`,
    ...(known.price === undefined ? [] : [describePrice(known.price)]),
  ].join(' · ');
}

/** Where it is, and what its limit rests on; or what is wrong. */
function describePlace(endpoint: Endpoint, state: State | undefined): string {
  if (endpoint.kind === 'offline') return vscode.l10n.t('No network: quotes the passages that match best');
  const place = `${endpoint.config.model} · ${hostOf(endpoint)}`;
  if (state?.kind === 'failed') return `${state.why} · ${place}`;
  const known = state?.known;
  if (known === undefined) return place;
  if (known.gone !== undefined) return describeGone(endpoint, known.gone);
  const limit = resolveLimit(known.evidence);
  // The tokens stand in the description already.
  const evidence = describeEvidence(limit, new Date()).split(' · ').slice(1).join(' · ');
  // A narrow row cuts the end, and the evidence is what nobody can guess.
  return evidence === '' ? place : `${evidence} · ${place}`;
}
