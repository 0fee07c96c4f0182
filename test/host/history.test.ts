import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

import type { Fake } from '../fakes/index.ts';
import { documentWhere, resetSettings, selectFake, services, setting } from './window.ts';

const isAnswer = (text: string | RegExp) => (document: vscode.TextDocument) =>
  document.uri.scheme === 'longview-answer' &&
  (typeof text === 'string' ? document.getText().includes(text) : text.test(document.getText()));

const root = () => vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('no folder');
const cited = () => vscode.Uri.joinPath(root(), 'src/core/pack/frame.ts');
/** Where the cited line stands in this commit, 1-based. */
const sentinelLine = () =>
  readFileSync(cited().fsPath, 'utf8')
    .split('\n')
    .findIndex(line => line.startsWith('export const sentinel')) + 1;

async function linksOf(document: vscode.TextDocument): Promise<vscode.DocumentLink[]> {
  return vscode.commands.executeCommand<vscode.DocumentLink[]>(
    'vscode.executeLinkProvider',
    document.uri,
    100,
  );
}

const lineOf = (link: vscode.DocumentLink | undefined) =>
  Number(/^L(\d+)/.exec(link?.target?.fragment ?? '')?.[1]);

describe('history and answer documents', () => {
  let fake: Fake;
  let line: number;
  let asked = 0;
  let question = '';

  beforeEach(async () => {
    await setting('longview.answers', 'document');
    // code-server saves by itself, and a test's edit would stand in another test's file.
    await setting('files.autoSave', 'off');
    const active = await services();
    active.confirm = async question => question.choices[0];
    line = sentinelLine();
    // VS Code keeps documents for a while after their tabs are closed; each test must find its own.
    question = `Where is the sentinel ${++asked}?`;
    await forget();
    fake = await selectFake({
      system: 'vllm',
      contextTokens: 2_000_000,
      answer: `The sentinel is \`src/core/pack/frame.ts:${line}\` \`export const sentinel = '@@@@';\`. So it is.\n`,
    });
  });
  afterEach(async () => {
    await fake.close();
    await resetSettings();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  async function forget(): Promise<void> {
    const { store } = (await services()).history;
    const { entries, unreadable } = await store.list();
    for (const { id } of [...entries, ...unreadable]) await store.delete(id);
  }

  async function ask(verified = '1 of 1'): Promise<vscode.TextDocument> {
    await vscode.commands.executeCommand('longview.ask', question);
    return documentWhere(isAnswer(new RegExp(`sentinel ${asked}\\?.*${verified} anchors verified`, 's')));
  }

  async function close(document: vscode.TextDocument): Promise<void> {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.ok(document);
  }

  async function only() {
    const { entries } = await (await services()).history.store.list();
    const [head] = entries;
    assert.ok(head && entries.length === 1, JSON.stringify(entries));
    return head;
  }

  it('keeps an ask, and opens it again with links that lead to its lines', async () => {
    const first = await ask();
    const head = await only();
    assert.deepEqual([head.state, head.title, head.endpoint.name], ['done', question, 'Fake Server']);
    await close(first);
    await vscode.commands.executeCommand('longview.openAnswer', { id: head.id });
    const document = await documentWhere(isAnswer(new RegExp(`sentinel ${asked}`, 's')));
    const links = await linksOf(document);
    assert.equal(lineOf(links.find(l => l.target?.path.endsWith('frame.ts'))), line);
    assert.equal(fake.chats().length, 1, 'nothing is asked again');
  });

  it('links follow edits of the cited file, saved or not, and back', async () => {
    const document = await ask();
    const text = readFileSync(cited().fsPath, 'utf8');
    const editor = await vscode.window.showTextDocument(cited(), { viewColumn: vscode.ViewColumn.Beside });
    try {
      await editor.edit(edit => edit.insert(new vscode.Position(0, 0), '// one\n// two\n'));
      await documentWhere(isAnswer(new RegExp(`sentinel ${asked}.*#L${line + 2},1-`, 's')));
      const links = await linksOf(document);
      assert.equal(lineOf(links.find(l => l.target?.path.endsWith('frame.ts'))), line + 2);
      await editor.edit(edit => edit.delete(new vscode.Range(0, 0, 2, 0)));
      await documentWhere(isAnswer(new RegExp(`sentinel ${asked}.*#L${line},1-`, 's')));
    } finally {
      await vscode.window.showTextDocument(editor.document);
      await vscode.commands.executeCommand('workbench.action.files.revert');
      writeFileSync(cited().fsPath, text);
    }
  });

  it('an answer that is opened again after an edit by another program leads to today’s lines', async () => {
    const text = readFileSync(cited().fsPath, 'utf8');
    await close(await ask());
    const head = await only();
    try {
      writeFileSync(cited().fsPath, `// one\n// two\n// three\n${text}`);
      await vscode.commands.executeCommand('longview.openAnswer', { id: head.id });
      const document = await documentWhere(isAnswer(new RegExp(`sentinel ${asked}.*#L${line + 3},1-`, 's')));
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
        50,
      );
      const titles = lenses.map(l => l.command?.title ?? '');
      assert.ok(
        titles.some(t => t.includes('1 of 1 anchors still hold')),
        titles.join(),
      );
      // A cited file that VS Code holds open has been followed already; else the check finds the line.
      assert.ok(
        titles.some(t => t.endsWith(` frame.ts:${line + 3}`)),
        titles.join(),
      );
    } finally {
      writeFileSync(cited().fsPath, text);
    }
  });

  it('a hover shows what is quoted and what stands there; F12 leads there', async () => {
    const document = await ask();
    const at = document.positionAt(document.getText().indexOf('frame.ts:'));
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      at,
    );
    const shown = hovers.flatMap(h => h.contents.map(c => (c as vscode.MarkdownString).value)).join('\n');
    assert.match(shown, /The answer quotes:/);
    assert.equal(shown.match(/export const sentinel = '@@@@';/g)?.length, 2, shown);
    const definitions = await vscode.commands.executeCommand<vscode.Location[]>(
      'vscode.executeDefinitionProvider',
      document.uri,
      at,
    );
    // VS Code's own Markdown support adds the link's definition at the end of the answer.
    assert.ok(definitions.some(d => d.uri.path === cited().path && d.range.start.line === line - 1));
  });

  it('a follow-up is answered in the same document, over the same bytes, and both come back', async () => {
    const document = await ask();
    fake.configure({ answer: 'Everybody does.\n' });
    await vscode.commands.executeCommand('longview.askFollowUp', document.uri.toString(), 'And who uses it?');
    await documentWhere(
      isAnswer(
        new RegExp(`sentinel ${asked}.*verified.*## And who uses it\\?.*Everybody does.*cites no`, 's'),
      ),
    );
    const [one, two] = fake
      .chats()
      .map(c => (c.body as { messages: { role: string; content: string }[] }).messages);
    assert.deepEqual(
      two?.map(m => m.role),
      ['system', 'user', 'assistant', 'user'],
    );
    assert.deepEqual(two?.slice(0, 2), one, 'the same prefix');
    const { entries } = await (await services()).history.store.list();
    assert.equal(entries.length, 2);
    const first = entries.find(e => e.follows === undefined);
    assert.equal(entries.find(e => e !== first)?.follows, first?.id);
    await close(document);
    await vscode.commands.executeCommand('longview.openAnswer', { id: first?.id });
    await documentWhere(
      isAnswer(new RegExp(`sentinel ${asked}.*## And who uses it\\?.*Everybody does`, 's')),
    );
  });

  it('exports as Markdown', async () => {
    await ask();
    const active = await services();
    const target = vscode.Uri.joinPath(root(), 'exported.md');
    const choose = active.chooseFile;
    let suggested = '';
    active.chooseFile = async uri => {
      suggested = uri.path;
      return target;
    };
    try {
      await vscode.commands.executeCommand('longview.exportAnswer', { id: (await only()).id });
      const text = readFileSync(target.fsPath, 'utf8');
      assert.match(text, /^# Where is the sentinel \d+\?/);
      assert.match(text, /\| It still stands there\. \|/);
      assert.match(suggested, /\d{4}-\d\d-\d\d Where is the sentinel \d+\.md$/);
    } finally {
      active.chooseFile = choose;
      rmSync(target.fsPath, { force: true });
    }
  });

  it('deletes when asked twice', async () => {
    await ask();
    const { id } = await only();
    const active = await services();
    active.confirm = async () => undefined;
    await vscode.commands.executeCommand('longview.deleteAnswer', { id });
    await only();
    active.confirm = async question => question.choices[0];
    await vscode.commands.executeCommand('longview.deleteAnswer', { id });
    assert.deepEqual((await active.history.store.list()).entries, []);
  });

  it('an entry that is torn opens as a document that says so', async () => {
    const document = await ask();
    const { id } = await only();
    await close(document);
    const { folder, store } = (await services()).history;
    const torn = store.newId(new Date());
    const whole = readFileSync(join(folder, `${id}.ask`), 'utf8');
    writeFileSync(join(folder, `${torn}.ask`), whole.slice(0, -20));
    const uri = vscode.Uri.from({ scheme: 'longview-answer', path: `/${torn}/Torn.md` });
    const opened = await vscode.workspace.openTextDocument(uri);
    assert.match(opened.getText(), /cannot be read.*torn.*kept/s);
  });

  describe('hostile answers', () => {
    let server: Server;
    let visits = 0;
    beforeEach(async () => {
      visits = 0;
      server = createServer(socket => {
        visits++;
        socket.destroy();
      });
      await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    });
    afterEach(() => new Promise(done => server.close(done)));

    it('no link runs a command, and no image is fetched, in the editor or the preview', async () => {
      const { port } = server.address() as { port: number };
      const remote = `http://127.0.0.1:${port}/i.png`;
      fake.configure({
        answer: [
          `![x](${remote}) <img src="${remote}"> ![y][r] [run](command:workbench.action.closeAllEditors)`,
          `<command:workbench.action.closeAllEditors> [z](vscode://a/b) [file](file:///etc/passwd)`,
          `\n\n[r]: ${remote}\n[src/core/pack/frame.ts:${line}]: command:workbench.action.closeAllEditors\n`,
          `\n<div>\n\n\`src/core/pack/frame.ts:${line}\` \`export const sentinel = '@@@@';\`\n`,
          `> \`\`\`\n![x](${remote})\n`,
        ].join('\n'),
      });
      const document = await ask('\\d of \\d');
      const targets = (await linksOf(document)).map(l => l.target?.toString(true) ?? '');
      assert.ok(targets.some(t => t.includes('frame.ts#')));
      // VS Code underlines addresses by itself; a click on one asks the user first.
      const others = targets.filter(
        t => !/^(?:file:.*\/src\/core\/pack\/frame\.ts#|https?:|longview-answer:)/.test(t),
      );
      assert.deepEqual(
        others.filter(t => t !== 'file:///etc/passwd'),
        [],
        targets.join('\n'),
      );
      const html = await vscode.commands.executeCommand<string>('markdown.api.render', document.getText());
      assert.ok(
        !/<img|<div|href="(?:command|vscode|file):/.test(html.replace(/<a href="file:[^"]*frame/g, '')),
        html,
      );
      await vscode.commands.executeCommand('markdown.showPreviewToSide', document.uri);
      const control = await fetch(remote).catch(() => undefined);
      assert.equal(control, undefined);
      assert.equal(visits, 1, 'our own visit, and no other');
    });
  });
});
