import * as vscode from 'vscode';

import { priceOf } from '../core/endpoint/cost.ts';
import type { EvidenceStore } from '../core/endpoint/evidenceStore.ts';
import type { Price } from '../core/endpoint/price.ts';
import type { Truncation } from '../core/endpoint/truncation.ts';
import type { ContextLimit, Endpoint, Usage } from '../core/endpoint/types.ts';
import { describeError, isCancellation, LongviewError, type ErrorCode } from '../core/errors.ts';
import type { Measurer } from '../core/pack/measurer.ts';
import { survey, type PrepareProgress, type Survey } from '../core/review/prepare.ts';
import type { EditorCounting } from './counting.ts';
import type { Endpoints } from './endpoints.ts';
import type { LiveWorkspace } from './liveWorkspace.ts';
import { settingKeys } from './ids.ts';
import type { SteeringChoices } from './steering.ts';
import { workspaceRequest } from './workspace.ts';

/** What the next prompt would be; status bar and budget view draw this and nothing else. */
export type GaugeState =
  | { readonly kind: 'no-workspace' }
  | { readonly kind: 'surveying'; readonly progress: PrepareProgress | null }
  | {
      readonly kind: 'ready';
      readonly endpoint: Endpoint;
      readonly survey: Survey;
      /** Tokens that the last ask's conversation takes in its next prompt, beyond pack and question. */
      readonly conversation: number;
      /** Of the next prompt, where it is known. */
      readonly price?: Price;
      /** The last answer of this endpoint, since the window was opened. */
      readonly last?: LastAnswer;
    }
  | { readonly kind: 'failed'; readonly message: string; readonly code?: ErrorCode };

/** What an answer tells of the prompt that comes after it. */
export interface LastAnswer {
  /** Tokens of questions, answers, and what changed since the pack. */
  readonly conversation: number;
  /** Of these, tokens of what changed. */
  readonly overlay: number;
  readonly usage: Usage;
  /** The endpoint read only a part of the prompt. */
  readonly truncation?: Truncation;
}

export interface Gauge {
  readonly state: GaugeState;
  readonly onDidChange: vscode.Event<GaugeState>;
  /** Surveys again from the ground up; calls during a run collapse into one more run. */
  refresh(): void;
  /** Shows how far a conversation has grown, and how its last prompt fared. */
  showAnswer(endpoint: Endpoint, answer: LastAnswer): void;
  dispose(): void;
}

export interface GaugeDeps {
  readonly endpoints: Endpoints;
  readonly measurer: Measurer;
  readonly log: vscode.LogOutputChannel;
  readonly live: LiveWorkspace;
  readonly store: EvidenceStore;
  readonly counting: EditorCounting;
  readonly steering: SteeringChoices;
}

/** An edit must not ask a server for its limit; what an ask learned of it shows after this long, ms. */
const limitKeptMs = 60_000;

export function createGauge(deps: GaugeDeps): Gauge {
  const { endpoints, measurer, log, store, live, counting, steering } = deps;
  const changed = new vscode.EventEmitter<GaugeState>();
  let state: GaugeState = { kind: 'surveying', progress: null };
  let running: AbortController | undefined;
  let queued = false;
  /** A wish, or an edit, is to be seen at once; what git and the outlines of other files make of it may follow. */
  let hurried = false;
  /** What is shown is a rough plan: the one that is being made is not worth another click's wait. */
  let refining = false;
  let known: { readonly id: string; readonly limit: ContextLimit; readonly at: number } | undefined;
  let last: { readonly endpointId: string; readonly answer: LastAnswer } | undefined;
  let price: Price | undefined;

  function show(next: GaugeState): void {
    state = next;
    changed.fire(next);
  }

  const isRecent = ({ config }: Endpoint) => known?.id === config.id && Date.now() - known.at < limitKeptMs;

  function showReady(endpoint: Endpoint, surveyed: Survey): void {
    const answer = last?.endpointId === endpoint.config.id ? last.answer : undefined;
    show({
      kind: 'ready',
      endpoint,
      survey: surveyed,
      conversation: answer?.conversation ?? 0,
      ...(price && { price }),
      ...(answer && { last: answer }),
    });
  }

  async function once(controller: AbortController): Promise<void> {
    const { signal } = controller;
    const stop = () => controller.abort();
    const request = workspaceRequest(steering);
    // What is said from here on is for the next run.
    let isRoughDue = hurried;
    hurried = false;
    if (request.folders.length === 0) {
      show({ kind: 'no-workspace' });
      return;
    }
    try {
      const endpoint = endpoints.selected();
      // A gauge that is already shown stays until there is a new one.
      const onProgress = (progress: PrepareProgress) => {
        if (!signal.aborted && state.kind === 'surveying') show({ kind: 'surveying', progress });
      };
      const asked = {
        ...request,
        ...(known !== undefined && isRecent(endpoint) && { limit: known.limit }),
        takeInventory: live.take,
        endpoint,
        counting: await counting.of(endpoint, signal),
        store,
        question: '',
        signal,
        onProgress,
      };
      if (isRoughDue) {
        const rough = await survey({ ...asked, roughly: true }, measurer).catch(unlessCancelled);
        if (rough !== undefined) showReady(endpoint, rough);
        isRoughDue = false;
        refining = rough !== undefined;
      }
      const surveyed = await survey(asked, measurer);
      if (!isRecent(endpoint)) known = { id: endpoint.config.id, limit: surveyed.limit, at: Date.now() };
      price = endpoint.kind === 'offline' ? undefined : await priceOf(endpoint, store);
      showReady(endpoint, surveyed);
    } catch (error) {
      if (isCancellation(error)) {
        hurried ||= isRoughDue;
        return;
      }
      // What still runs for this survey must not speak after its end.
      stop();
      log.error(error instanceof Error ? error : String(error));
      const code = error instanceof LongviewError ? { code: error.code } : {};
      show({ kind: 'failed', message: describeError(error), ...code });
    }
  }

  function takeQueued(): boolean {
    const wanted = queued;
    queued = false;
    return wanted;
  }

  async function run(): Promise<void> {
    while (takeQueued()) {
      running = new AbortController();
      refining = false;
      await once(running);
    }
    running = undefined;
  }

  function refresh(): void {
    known = undefined;
    live.distrust();
    queued = true;
    // A survey for settings of before is worth nothing any more.
    if (running === undefined) void run();
    else running.abort();
  }

  /** Files changed: a survey that runs is nearly right, and may be long. */
  function update(): void {
    queued = true;
    if (running === undefined) void run();
  }

  const listeners = [
    vscode.workspace.onDidChangeWorkspaceFolders(refresh),
    live.onDidChange(() => {
      hurried = true;
      update();
    }),
    steering.onDidChange(() => {
      hurried = true;
      update();
      if (refining) running?.abort();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(refresh),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (Object.values(settingKeys).some(key => event.affectsConfiguration(key))) refresh();
    }),
  ];
  return {
    get state() {
      return state;
    },
    onDidChange: changed.event,
    refresh,
    showAnswer({ config }, answer) {
      last = { endpointId: config.id, answer };
      if (state.kind === 'ready') showReady(state.endpoint, state.survey);
    },
    dispose() {
      running?.abort();
      for (const listener of listeners) listener.dispose();
      changed.dispose();
    },
  };
}

/** What was known before may say no where today's files say yes: only the whole survey's word counts. */
function unlessCancelled(error: unknown): undefined {
  if (isCancellation(error)) throw error;
}
