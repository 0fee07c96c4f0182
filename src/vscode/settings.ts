import * as vscode from 'vscode';

import { parseEndpoints } from '../core/endpoint/config.ts';
import type { EndpointConfig } from '../core/endpoint/types.ts';
import { LongviewError } from '../core/errors.ts';
import type { PromptSettings } from '../core/review/prepare.ts';
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
    offlineLimit: Math.floor(number(settingKeys.offlineLimit, 1_048_576, 1)),
    answers: answers === 'chat' || answers === 'document' ? answers : 'auto',
    chatSwitchedOff: all.get<unknown>('chat.disableAIFeatures') === true,
    prompt: {
      maxFileBytes: number(settingKeys.maxFileSizeMB, 10, 0.001) * 1024 * 1024,
      answerTokens: Math.floor(number(settingKeys.answerTokens, 8192, 1)),
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
  const all = vscode.workspace.getConfiguration();
  if (endpointId === undefined) {
    await all.update(settingKeys.tokenizer, path, vscode.ConfigurationTarget.Global);
    return;
  }
  const entries = userValue(all, settingKeys.endpoints);
  const list: readonly unknown[] = Array.isArray(entries) ? entries : [];
  const changed = list.map(entry => {
    if ((entry as { id?: unknown } | null)?.id !== endpointId) return entry;
    const { tokenizer: _old, ...others } = entry as Record<string, unknown>;
    return path === undefined ? others : { ...others, tokenizer: path };
  });
  await all.update(settingKeys.endpoints, changed, vscode.ConfigurationTarget.Global);
}

/** Adds an endpoint to the user's settings; entries that stand there, also wrong ones, stay as they are. */
export async function saveEndpointSetting(config: EndpointConfig): Promise<void> {
  const all = vscode.workspace.getConfiguration();
  const entries = userValue(all, settingKeys.endpoints);
  const list: readonly unknown[] = Array.isArray(entries) ? entries : [];
  await all.update(settingKeys.endpoints, [...list, config], vscode.ConfigurationTarget.Global);
}

/** Replaces the entry with the same id where it stands. */
export async function replaceEndpointSetting(config: EndpointConfig): Promise<void> {
  const all = vscode.workspace.getConfiguration();
  const entries = userValue(all, settingKeys.endpoints);
  const list: readonly unknown[] = Array.isArray(entries) ? entries : [];
  const next = list.map(entry => ((entry as { id?: unknown } | null)?.id === config.id ? config : entry));
  await all.update(settingKeys.endpoints, next, vscode.ConfigurationTarget.Global);
}

export async function removeEndpointSetting(id: string): Promise<void> {
  const all = vscode.workspace.getConfiguration();
  const entries = userValue(all, settingKeys.endpoints);
  const list: readonly unknown[] = Array.isArray(entries) ? entries : [];
  const left = list.filter(entry => (entry as { id?: unknown } | null)?.id !== id);
  await all.update(settingKeys.endpoints, left, vscode.ConfigurationTarget.Global);
}
