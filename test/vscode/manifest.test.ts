import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { defaultOfflineLimit } from '../../src/core/offline/offlineEndpoint.ts';
import { defaultPromptSettings } from '../../src/core/review/prepare.ts';
import { slashCommands } from '../../src/core/review/commands.ts';
import { tools } from '../../src/core/review/toolTable.ts';
import * as ids from '../../src/vscode/ids.ts';

interface Manifest {
  readonly icon: string;
  readonly categories: readonly string[];
  readonly keywords: readonly string[];
  readonly extensionKind: readonly string[];
  readonly capabilities: Record<
    'untrustedWorkspaces' | 'virtualWorkspaces',
    { readonly supported: string | boolean; readonly description: string }
  >;
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: {
      readonly properties: Record<string, { readonly scope?: string; readonly default?: unknown }>;
    };
    readonly viewsContainers: Record<string, readonly { readonly id: string }[]>;
    readonly views: Record<string, readonly { readonly id: string }[]>;
    readonly chatParticipants: readonly {
      readonly id: string;
      readonly name: string;
      readonly commands: readonly { readonly name: string; readonly description: string }[];
    }[];
    readonly walkthroughs: readonly {
      readonly id: string;
      readonly steps: readonly {
        readonly id: string;
        readonly description: string;
        readonly media: { readonly svg: string; readonly altText?: string };
        readonly completionEvents: readonly string[];
      }[];
    }[];
    readonly languageModelTools: readonly {
      readonly name: string;
      readonly displayName: string;
      readonly modelDescription: string;
      readonly inputSchema: unknown;
    }[];
    readonly languageModelChatProviders: readonly {
      readonly vendor: string;
      readonly managementCommand: string;
    }[];
  };
}

const text = readFileSync('package.json', 'utf8');
const manifest = JSON.parse(text) as Manifest;
const nls = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
const { contributes } = manifest;

describe('manifest', () => {
  it('contributes exactly the commands of ids.ts', () => {
    assert.deepEqual(contributes.commands.map(c => c.command).sort(), Object.values(ids.commands).sort());
  });

  it('contributes exactly the settings of ids.ts', () => {
    assert.deepEqual(
      Object.keys(contributes.configuration.properties).sort(),
      Object.values(ids.settingKeys).sort(),
    );
  });

  it('keeps a workspace from choosing where source and keys go', () => {
    for (const key of [
      ids.settingKeys.endpoints,
      ids.settingKeys.endpoint,
      ids.settingKeys.offlineLimit,
      ids.settingKeys.timeoutMinutes,
      ids.settingKeys.tokenizer,
      ids.settingKeys.confirmAboveUsd,
      ids.settingKeys.maxWaitSeconds,
    ]) {
      assert.equal(contributes.configuration.properties[key]?.scope, 'application', key);
    }
  });

  it('has the defaults of the core, where the command line uses them too', () => {
    const said = (key: string) => contributes.configuration.properties[key]?.default;
    assert.deepEqual(
      [
        said(ids.settingKeys.offlineLimit),
        said(ids.settingKeys.answerTokens),
        Number(said(ids.settingKeys.maxFileSizeMB)) * 1024 * 1024,
        Number(said(ids.settingKeys.reservePercent)) / 100,
      ],
      [
        defaultOfflineLimit,
        defaultPromptSettings.answerTokens,
        defaultPromptSettings.maxFileBytes,
        defaultPromptSettings.reserveShare,
      ],
    );
  });

  it('agrees with ids.ts on views, participant and vendor', () => {
    assert.deepEqual(
      contributes.viewsContainers['activitybar']?.map(c => c.id),
      [ids.views.container],
    );
    assert.deepEqual(
      contributes.views[ids.views.container]?.map(v => v.id),
      [ids.views.budget, ids.views.files, ids.views.history],
    );
    assert.deepEqual(
      contributes.chatParticipants.map(p => [p.id, p.name]),
      [[ids.chat.participant, ids.chat.name]],
    );
    assert.deepEqual(
      contributes.languageModelChatProviders.map(p => p.vendor),
      [ids.chat.vendor],
    );
    assert.ok(
      Object.values<string>(ids.commands).includes(
        contributes.languageModelChatProviders[0]?.managementCommand ?? '',
      ),
    );
  });

  it('says what a marketplace and VS Code ask for', () => {
    const { icon, categories, keywords, extensionKind, capabilities } = manifest;
    const png = readFileSync(icon);
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [256, 256]);
    assert.deepEqual(categories, ['AI', 'Chat', 'Other']);
    // The marketplace takes 30 at most.
    assert.ok(keywords.length > 0 && keywords.length <= 30);
    assert.deepEqual(extensionKind, ['workspace']);
    assert.equal(capabilities.untrustedWorkspaces.supported, 'limited');
    assert.match(said(capabilities.untrustedWorkspaces.description), /nothing is sent/);
    assert.equal(capabilities.virtualWorkspaces.supported, 'limited');
    assert.match(said(capabilities.virtualWorkspaces.description), /Git is not used/);
  });

  it('has every text that a user sees in package.nls.json', () => {
    const literal: string[] = [];
    JSON.stringify(manifest.contributes, (key: string, value: unknown) => {
      const shown =
        /^(title|description|markdownDescription|enumDescriptions|displayName|userDescription|contents)$/;
      for (const text of Array.isArray(value) ? (value as unknown[]) : [value])
        if (shown.test(key) && typeof text === 'string' && !/^(%[\w.]+%|Longview)$/.test(text))
          literal.push(text);
      // What a model reads is not translated.
      return key === 'inputSchema' ? undefined : value;
    });
    assert.deepEqual(literal, []);
  });

  const said = (key: string) => nls[key.replaceAll('%', '')] ?? '';

  it('has the slash commands of the core, in its words', () => {
    assert.deepEqual(
      contributes.chatParticipants[0]?.commands.map(c => [c.name, said(c.description)]),
      slashCommands.map(c => [c.name, c.description]),
    );
  });

  it('has the tools of the core, in its words and with its schemas', () => {
    assert.deepEqual(
      contributes.languageModelTools.map(t => [
        t.name,
        said(t.displayName),
        t.modelDescription,
        t.inputSchema,
      ]),
      tools.map(t => [t.name, t.title, t.description, t.inputSchema]),
    );
  });

  it('wakes up only when it is used', () => {
    // A tab with an answer, or the map, that is there again after a restart is a use.
    assert.deepEqual(manifest.activationEvents, [
      `onFileSystem:${ids.answerScheme}`,
      `onWebviewPanel:${ids.mapPanel}`,
    ]);
  });

  it('leads through the first steps with buttons, pictures and conditions that are there', () => {
    const ours = Object.values<string>(ids.commands);
    assert.deepEqual(
      contributes.walkthroughs.map(w => w.id),
      [ids.walkthrough],
    );
    for (const step of contributes.walkthroughs.flatMap(w => w.steps)) {
      const links = [...said(step.description).matchAll(/\]\(command:([^)?]+)/g)].map(m => m[1] ?? '');
      assert.ok(links.length > 0, step.id);
      for (const link of links) assert.ok(ours.includes(link) || link === 'vscode.openFolder', link);
      const svg = readFileSync(step.media.svg, 'utf8');
      // Every colour is the theme's, and nothing is loaded or run.
      for (const [, colour] of svg.matchAll(/(?:fill|stroke)="([^"]*)"/g))
        assert.match(colour ?? '', /^(none|var\(--vscode-[\w-]+.*\))$/);
      assert.doesNotMatch(svg, /<script|<style|href|url\(|style=/);
      assert.ok(step.media.altText !== undefined && step.completionEvents.length > 0);
      for (const event of step.completionEvents) {
        const [, kind, of = ''] = /^(onContext|onView|onCommand):(.+)$/.exec(event) ?? [];
        const known = {
          onContext: Object.values<string>(ids.contextKeys),
          onView: Object.values<string>(ids.views),
          onCommand: ours,
        }[kind as 'onContext'];
        assert.ok(known.includes(of), event);
      }
    }
  });

  it('has every text in package.nls.json, and none too many', () => {
    const used = new Set([...text.matchAll(/"%([^%"]+)%"/g)].map(match => match[1]));
    assert.deepEqual([...used].sort(), Object.keys(nls).sort());
  });
});
