import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { slashCommands } from '../../src/core/review/commands.ts';
import { tools } from '../../src/core/review/toolTable.ts';
import * as ids from '../../src/vscode/ids.ts';

interface Manifest {
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: { readonly properties: Record<string, { readonly scope?: string }> };
    readonly viewsContainers: Record<string, readonly { readonly id: string }[]>;
    readonly views: Record<string, readonly { readonly id: string }[]>;
    readonly chatParticipants: readonly {
      readonly id: string;
      readonly name: string;
      readonly commands: readonly { readonly name: string; readonly description: string }[];
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
    ]) {
      assert.equal(contributes.configuration.properties[key]?.scope, 'application', key);
    }
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

  const said = (key: string) => nls[key.replaceAll('%', '')];

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

  it('has every text in package.nls.json, and none too many', () => {
    const used = new Set([...text.matchAll(/"%([^%"]+)%"/g)].map(match => match[1]));
    assert.deepEqual([...used].sort(), Object.keys(nls).sort());
  });
});
