import * as vscode from 'vscode';

import { describeError, isCancellation } from '../core/errors.ts';
import { presetOf, presets, type PresetId } from '../core/pack/presets.ts';
import { displayName } from '../core/pack/savedSelections.ts';
import { everything } from '../core/pack/selection.ts';
import { layered } from '../core/pack/steering.ts';
import { choiceTotals, type ChoiceTotals } from '../core/review/choiceTotals.ts';
import { compact, filesText, percent, tokens } from './format.ts';
import type { Shared } from './selections.ts';
import type { Services } from './services.ts';
import { choiceTitle, type Choice } from './steering.ts';
import { workspaceRequest } from './workspace.ts';

/** What the user picked. */
export type Picked =
  | { readonly kind: 'choose'; readonly choice: Choice; readonly totals: ChoiceTotals | undefined }
  | { readonly kind: 'share' | 'delete'; readonly choice: Choice; readonly shared?: Shared }
  | { readonly kind: 'open'; readonly file: vscode.Uri }
  | { readonly kind: 'save' | 'take-back' };

interface Row extends vscode.QuickPickItem {
  readonly means?: Picked;
  readonly actions?: ReadonlyMap<vscode.QuickInputButton, Picked>;
}

interface Entry {
  readonly choice: Choice;
  /** Whose file it stands in. */
  readonly shared?: Shared;
}

type Totals = ReadonlyMap<Choice, ChoiceTotals>;

/** Presets and saved selections, each with what it would take; the numbers follow the workspace while it is open. */
export async function pickChoice(services: Services): Promise<Picked | undefined> {
  const shared = await services.selections.shared();
  const entries = entriesOf(services, shared);
  let totals: Totals = new Map();
  const picker = vscode.window.createQuickPick<Row>();
  picker.title = vscode.l10n.t('Longview: Choose What the Prompt Holds');
  picker.placeholder = vscode.l10n.t('What should the next prompt hold?');
  picker.matchOnDetail = true;
  picker.keepScrollPosition = true;
  let drawn = false;
  const draw = () => {
    const [active] = picker.activeItems;
    picker.items = rowsOf(entries, shared, totals, services);
    // The cursor stays where it was while numbers come in; at first it stands on what is chosen.
    const same = picker.items.find(item =>
      drawn && active !== undefined ? sameRow(item, active) : isCurrent(item, services),
    );
    if (same !== undefined) picker.activeItems = [same];
    drawn = true;
  };
  const counting = follow(services, entries, next => {
    totals = next;
    draw();
  });
  const busy = counting.onDidChangeBusy(is => (picker.busy = is));
  draw();
  try {
    return await new Promise<Picked | undefined>(resolve => {
      picker.onDidAccept(() => resolve(picker.selectedItems[0]?.means));
      picker.onDidTriggerItemButton(({ item, button }) => resolve(item.actions?.get(button)));
      picker.onDidHide(() => resolve(undefined));
      picker.show();
      counting.start();
    });
  } finally {
    busy.dispose();
    counting.dispose();
    picker.dispose();
  }
}

/** Counts at once, and again with every new survey. */
function follow(services: Services, entries: readonly Entry[], show: (totals: Totals) => void) {
  const busy = new vscode.EventEmitter<boolean>();
  let running: AbortController | undefined;
  async function count(): Promise<void> {
    running?.abort();
    const own = (running = new AbortController());
    busy.fire(true);
    try {
      const { steering, endpoints, live, measurer } = services;
      const endpoint = endpoints.selected();
      const request = {
        ...workspaceRequest(steering),
        endpoint,
        counting: await services.counting.of(endpoint, own.signal),
        takeInventory: live.take,
        signal: own.signal,
      };
      const choices = entries.map(({ choice: { selection } }) => ({
        selection,
        steering: layered(selection.wishes, steering.own),
      }));
      const found = await choiceTotals(request, choices, measurer);
      const totals = new Map<Choice, ChoiceTotals>();
      entries.forEach(({ choice }, i) => {
        const one = found[i];
        if (one !== undefined) totals.set(choice, one);
      });
      if (!own.signal.aborted) show(totals);
    } catch (error) {
      if (!isCancellation(error)) services.log.warn(`Choices were not counted: ${describeError(error)}`);
    } finally {
      if (running === own) busy.fire(false);
    }
  }
  const listener = services.gauge.onDidChange(({ kind }) => {
    if (kind === 'ready') void count();
  });
  return {
    onDidChangeBusy: busy.event,
    start: () => void count(),
    dispose() {
      running?.abort();
      listener.dispose();
      busy.dispose();
    },
  };
}

function entriesOf({ selections }: Services, shared: readonly Shared[]): Entry[] {
  return [
    ...presets.map(({ id }) => ({
      choice: { selection: { ...everything, preset: id }, from: 'preset' } as const,
    })),
    ...[...selections.own().usable].map(([key, selection]) => ({
      choice: { selection, from: 'own', key } as const,
    })),
    ...shared.flatMap(folder =>
      [...folder.saved.usable].map(([key, selection]) => ({
        choice: { selection, from: 'shared', key: folder.prefix + key } as const,
        shared: folder,
      })),
    ),
  ];
}

const icons: Readonly<Record<PresetId, string>> = {
  everything: 'files',
  source: 'code',
  changed: 'git-branch',
  tests: 'beaker',
  docs: 'book',
};

function rowsOf(
  entries: readonly Entry[],
  shared: readonly Shared[],
  totals: Totals,
  services: Services,
): Row[] {
  const { own } = services.steering;
  const of = (from: Choice['from']) =>
    entries.filter(e => e.choice.from === from).map(e => rowOf(e, totals.get(e.choice), services));
  const section = (label: string, rows: readonly Row[]): Row[] =>
    rows.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...rows];
  return [
    ...section(vscode.l10n.t('Presets'), of('preset')),
    ...section(vscode.l10n.t('Saved in this workspace, for you'), [
      ...of('own'),
      ...services.selections.own().unusable.map(one => unusableRow(one.name, one.why)),
    ]),
    ...section(vscode.l10n.t('Shared in .longview/selections.json'), [
      ...of('shared'),
      ...shared.flatMap(({ file, prefix, saved, problem }) => [
        ...(problem === undefined ? [] : [unusableRow(`${prefix}.longview/selections.json`, problem, file)]),
        ...saved.unusable.map(one => unusableRow(one.name, one.why, file)),
      ]),
    ]),
    ...section(vscode.l10n.t('This choice'), [
      {
        label: `$(save) ${vscode.l10n.t('Save What the Prompt Holds Now…')}`,
        means: { kind: 'save' },
      },
      ...(own.size === 0
        ? []
        : [
            {
              label: `$(discard) ${vscode.l10n.t('Take Back What I Said of Single Paths')}`,
              description: pathsText(own.size),
              means: { kind: 'take-back' } as const,
            },
          ]),
    ]),
  ];
}

function rowOf({ choice, shared }: Entry, totals: ChoiceTotals | undefined, services: Services): Row {
  const { selection, from } = choice;
  const { preset, wishes } = selection;
  const icon = from === 'preset' ? icons[preset] : 'bookmark';
  const means: Picked = { kind: 'choose', choice, totals };
  const actions = new Map<vscode.QuickInputButton, Picked>();
  if (from === 'own')
    actions.set(button('live-share', vscode.l10n.t('Share in .longview/selections.json')), {
      kind: 'share',
      choice,
    });
  if (shared !== undefined)
    actions.set(button('go-to-file', vscode.l10n.t('Open the File')), { kind: 'open', file: shared.file });
  if (from !== 'preset')
    actions.set(button('trash', vscode.l10n.t('Delete')), {
      kind: 'delete',
      choice,
      ...(shared && { shared }),
    });
  const detail =
    from === 'preset'
      ? presetOf(preset).detail
      : [presetOf(preset).title, ...(wishes.size === 0 ? [] : [pathsText(wishes.size)])].join(' · ');
  return {
    label: `$(${isChosen(choice, services) ? 'check' : 'blank'}) $(${icon}) ${choiceTitle(choice)}`,
    description: describeTotals(totals, services),
    detail: `$(blank) ${totals?.kind === 'cannot' ? totals.why.message : detail}`,
    buttons: [...actions.keys()],
    actions,
    means,
  };
}

function describeTotals(totals: ChoiceTotals | undefined, { gauge }: Services): string {
  if (totals === undefined) return '…';
  if (totals.kind === 'cannot') return `$(warning) ${vscode.l10n.t('not here')}`;
  const limit = gauge.state.kind === 'ready' ? (gauge.state.survey.budget?.limit ?? null) : null;
  return [
    vscode.l10n.t('{0} tokens', compact(totals.tokens)),
    ...(limit === null ? [] : [vscode.l10n.t('{0} of the limit', percent(totals.tokens, limit))]),
    filesText(totals.files),
  ].join(' · ');
}

function pathsText(count: number): string {
  return count === 1 ? vscode.l10n.t('1 path') : vscode.l10n.t('{0} paths', tokens(count));
}

function unusableRow(name: string, why: string, file?: vscode.Uri): Row {
  return {
    label: `$(blank) $(warning) ${displayName(name)}`,
    description: vscode.l10n.t('cannot be used'),
    detail: `$(blank) ${displayName(why, 300)}`,
    ...(file && { means: { kind: 'open', file } }),
  };
}

function button(icon: string, tooltip: string): vscode.QuickInputButton {
  return { iconPath: new vscode.ThemeIcon(icon), tooltip };
}

function isChosen({ selection, from, key }: Choice, { steering: { choice } }: Services): boolean {
  return (
    choice.from === from &&
    choice.key === key &&
    (key !== undefined || choice.selection.preset === selection.preset)
  );
}

function isCurrent({ means }: Row, services: Services): boolean {
  return means?.kind === 'choose' && isChosen(means.choice, services);
}

function sameRow(a: Row, b: Row): boolean {
  if (a.means?.kind !== 'choose' || b.means?.kind !== 'choose') return a.label === b.label;
  return a.means.choice === b.means.choice;
}
