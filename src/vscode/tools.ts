import * as vscode from 'vscode';

import { dollars, priceOf } from '../core/endpoint/cost.ts';
import { hostOf } from '../core/endpoint/gates.ts';
import { describeError, isCancellation } from '../core/errors.ts';
import { searchFiles } from '../core/offline/searchFiles.ts';
import { costAtMost, promptTokensOf } from '../core/review/budgetReport.ts';
import { survey, type Survey } from '../core/review/prepare.ts';
import { runTool, type ToolHost } from '../core/review/tools.ts';
import { tools, type ToolDescription } from '../core/review/toolTable.ts';
import { filesText, tokens } from './format.ts';
import { askRecorded } from './historyService.ts';
import type { Services } from './services.ts';
import { signalOf, workspaceRequest } from './workspace.ts';

/** Longview as tools of other agents in this editor; the same four that `longview mcp` serves. */
export function registerTools(context: vscode.ExtensionContext, services: Services): void {
  if (!('lm' in vscode) || !('registerTool' in vscode.lm)) return;
  for (const tool of tools)
    context.subscriptions.push(vscode.lm.registerTool(tool.name, createTool(tool, services)));
}

export function createTool(
  tool: ToolDescription,
  services: Services,
): Required<vscode.LanguageModelTool<unknown>> {
  return {
    async prepareInvocation({ input }, token) {
      using signal = signalOf(token);
      return {
        invocationMessage: vscode.l10n.t('Longview: {0}', tool.title),
        ...(tool.sends && (await confirmation(input, services, signal))),
      };
    },
    async invoke({ input }, token) {
      using signal = signalOf(token);
      try {
        const { text } = await runTool(tool.name, input, hostFor(services), { signal });
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
      } catch (error) {
        if (isCancellation(error)) throw new vscode.CancellationError();
        services.log.error(error instanceof Error ? error : String(error));
        // One sentence for the model; the rest is in the log.
        throw new Error(describeError(error), { cause: error });
      }
    },
  };
}

function hostFor(services: Services): ToolHost {
  return {
    deps: services,
    ask: request => askRecorded({ ...request, surface: 'tool' }, services),
    search: searchFiles,
    request: () => ({
      ...workspaceRequest(services.steering),
      store: services.store,
      takeInventory: services.live.takeThoroughly,
    }),
    endpoint: () => Promise.resolve(services.endpoints.selected()),
    counting: (endpoint, signal) => services.counting.of(endpoint, signal),
    price: endpoint => priceOf(endpoint, services.store),
  };
}

/**
 * What would leave, where to, and what it may cost, before another agent may spend it. The gates of the transport ask
 * all the same where the user has not agreed yet: an agent may be allowed to skip this question.
 */
async function confirmation(
  input: unknown,
  services: Services,
  signal: AbortSignal,
): Promise<Pick<vscode.PreparedToolInvocation, 'confirmationMessages'>> {
  const endpoint = services.endpoints.selected();
  if (endpoint.kind === 'offline') return {};
  const { name = endpoint.config.id, model } = endpoint.config;
  const message = new vscode.MarkdownString();
  const line = (text: string) => message.appendText(text).appendMarkdown('\n\n');
  const { question } = (input ?? {}) as { question?: unknown };
  if (typeof question === 'string') line(`“${question.slice(0, 1000)}”`);
  try {
    const { state } = services.gauge;
    const known =
      state.kind === 'ready' && state.endpoint.config.id === endpoint.config.id ? state.survey : undefined;
    const surveyed =
      known ??
      (await survey(
        {
          ...workspaceRequest(services.steering),
          endpoint,
          counting: await services.counting.of(endpoint, signal),
          takeInventory: services.live.takeThoroughly,
          store: services.store,
          question: '',
          signal,
        },
        services.measurer,
      ));
    line(describeCost(surveyed, await costOf(surveyed, services)));
  } catch (error) {
    if (isCancellation(error)) throw new vscode.CancellationError();
    line(describeError(error));
  }
  line(vscode.l10n.t('Host: {0}, model {1}', hostOf(endpoint), model));
  return {
    confirmationMessages: { title: vscode.l10n.t('Send this workspace to {0}?', name), message },
  };
}

async function costOf(surveyed: Survey, { store }: Services): Promise<number | undefined> {
  const price = surveyed.endpoint === null ? undefined : await priceOf(surveyed.endpoint, store);
  return price === undefined ? undefined : costAtMost(price, surveyed);
}

function describeCost(surveyed: Survey, cost: number | undefined): string {
  const files = surveyed.plan.files.filter(f => f.form !== 'left-out').length;
  return vscode.l10n.t(
    '{0}, {1} tokens; {2}',
    filesText(files),
    tokens(promptTokensOf(surveyed)),
    cost === undefined
      ? vscode.l10n.t('cost unknown, the endpoint tells no price')
      : vscode.l10n.t('at most {0}', dollars(cost)),
  );
}
