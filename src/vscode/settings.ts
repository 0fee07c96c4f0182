import * as vscode from 'vscode';

import { parseEndpoints } from '../core/endpoint/config.ts';
import type { EndpointConfig } from '../core/endpoint/types.ts';
import { LongviewError } from '../core/errors.ts';
import { defaultOfflineLimit } from '../core/offline/offlineEndpoint.ts';
import { defaultPromptSettings, type PromptSettings } from '../core/review/prepare.ts';
import { settingKeys } from './ids.ts';

/** The settings as they are now; nothing else calls `getConfiguration`. */
export interface Settings {
  readonly endpoints: readonly EndpointConfig[];
  /** Why `longview.endpoints` could not be read; `endpoints` is empty then. */
  readonly endpointsError?: LongviewError;
  /** Id of the selected endpoint. */
  readonly endpoint: string;
  /** Path of the user's own tokenizer file for Llama 4 models. */
  readonly tokenizer?: string;
  /** Tokens. */
  readonly offlineLimit: number;
  readonly answers: 'auto' | 'chat' | 'document';
  /** VS Code's own switch for all of its AI features: Chat's commands are there, and do nothing. */
  readonly chatSwitchedOff: boolean;
  readonly prompt: PromptSettings;
  readonly timeoutMs: number;
  /** How long a busy endpoint may ask us to wait before the same prompt goes out again, ms. */
  readonly maxWaitMs: number;
  /** USD from which every send is confirmed. */
  readonly confirmAboveUsd: number;
}

export function readSettings(): Settings {
  const all = vscode.workspace.getConfiguration();
  const number = (key: string, fallback: number, least: number) => {
    const value = all.get<unknown>(key);
    return typeof value === 'number' && Number.isFinite(value) && value >= least ? value : fallback;
  };
  const selected = userValue(all, settingKeys.endpoint);
  const tokenizer = userValue(all, settingKeys.tokenizer);
  const answers = all.get<unknown>(settingKeys.answers);
  return {
    ...readEndpointList(userValue(all, settingKeys.endpoints)),
    endpoint: typeof selected === 'string' ? selected : 'offline',
    ...(typeof tokenizer === 'string' && tokenizer.trim() !== '' && { tokenizer: tokenizer.trim() }),
    offlineLimit: Math.floor(number(settingKeys.offlineLimit, defaultOfflineLimit, 1)),
    answers: answers === 'chat' || answers === 'document' ? answers : 'auto',
    chatSwitchedOff: all.get<unknown>('chat.disableAIFeatures') === true,
    prompt: {
      maxFileBytes: number(settingKeys.maxFileSizeMB, 10, 0.001) * 1024 * 1024,
      answerTokens: Math.floor(number(settingKeys.answerTokens, defaultPromptSettings.answerTokens, 1)),
      reserveShare: Math.min(50, number(settingKeys.reservePercent, 5, 0)) / 100,
      images: all.get<unknown>(settingKeys.images) === true,
    },
    timeoutMs: number(settingKeys.timeoutMinutes, 30, 0.05) * 60_000,
    maxWaitMs: number(settingKeys.maxWaitSeconds, 120, 0) * 1000,
    confirmAboveUsd: number(settingKeys.confirmAboveUsd, 1, 0),
  };
}

/** Where source and keys go is the user's word alone, whatever a workspace's settings say. */
function userValue(all: vscode.WorkspaceConfiguration, key: string): unknown {
  const found = all.inspect<unknown>(key);
  return found?.globalValue ?? found?.defaultValue;
}

function readEndpointList(value: unknown): Pick<Settings, 'endpoints' | 'endpointsError'> {
  try {
    return { endpoints: parseEndpoints(value, `The setting ${settingKeys.endpoints}`) };
  } catch (error) {
    if (!(error instanceof LongviewError)) throw error;
    return { endpoints: [], endpointsError: error };
  }
}

export async function selectEndpointSetting(id: string): Promise<void> {
  await vscode.workspace
    .getConfiguration()
    .update(settingKeys.endpoint, id, vscode.ConfigurationTarget.Global);
}

/** The tokenizer file of all Llama 4 models, or of one endpoint; undefined names none. */
export async function saveTokenizerSetting(path: string | undefined, endpointId?: string): Promise<void> {
  if (endpointId === undefined) {
    await vscode.workspace
      .getConfiguration()
      .update(settingKeys.tokenizer, path, vscode.ConfigurationTarget.Global);
    return;
  }
  await changeEndpoints(entries =>
    entries.map(entry => {
      if (!hasId(entry, endpointId)) return entry;
      const { tokenizer: _old, ...others } = entry as Record<string, unknown>;
      return path === undefined ? others : { ...others, tokenizer: path };
    }),
  );
}

export async function saveEndpointSetting(config: EndpointConfig): Promise<void> {
  await changeEndpoints(entries => [...entries, config]);
}

/** Replaces the entry with the same id where it stands. */
export async function replaceEndpointSetting(config: EndpointConfig): Promise<void> {
  await changeEndpoints(entries => entries.map(entry => (hasId(entry, config.id) ? config : entry)));
}

export async function removeEndpointSetting(id: string): Promise<void> {
  await changeEndpoints(entries => entries.filter(entry => !hasId(entry, id)));
}

/** Changes the user's own list; entries that are not meant, also wrong ones, are to stay as they are. */
async function changeEndpoints(change: (entries: readonly unknown[]) => readonly unknown[]): Promise<void> {
  const all = vscode.workspace.getConfiguration();
  const entries = userValue(all, settingKeys.endpoints);
  const changed = change(Array.isArray(entries) ? entries : []);
  await all.update(settingKeys.endpoints, changed, vscode.ConfigurationTarget.Global);
}

function hasId(entry: unknown, id: string): boolean {
  return (entry as { id?: unknown } | null)?.id === id;
}
