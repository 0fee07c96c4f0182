// The file system `far:`, whose `/` is the folder named by FAR_FOLDER. As far as VS Code knows it is on no disk.
const { watch, promises: fs } = require('node:fs');
const { join } = require('node:path');
const vscode = require('vscode');

exports.activate = context => {
  const root = process.env.FAR_FOLDER;
  const at = uri => join(root, uri.path);
  const events = new vscode.EventEmitter();
  const typeOf = entry =>
    entry.isSymbolicLink()
      ? vscode.FileType.SymbolicLink | vscode.FileType.File
      : entry.isDirectory()
        ? vscode.FileType.Directory
        : vscode.FileType.File;
  const orNotFound = async (uri, work) => {
    try {
      return await work();
    } catch (error) {
      throw error.code === 'ENOENT' ? vscode.FileSystemError.FileNotFound(uri) : error;
    }
  };
  const watcher = watch(root, { recursive: true }, async (_, name) => {
    const path = join(root, name);
    const type = await fs.lstat(path).then(
      () => vscode.FileChangeType.Changed,
      () => vscode.FileChangeType.Deleted,
    );
    events.fire([{ type, uri: vscode.Uri.from({ scheme: 'far', path: `/${name}` }) }]);
  });
  context.subscriptions.push(
    { dispose: () => watcher.close() },
    vscode.workspace.registerFileSystemProvider('far', {
      onDidChangeFile: events.event,
      watch: () => ({ dispose: () => undefined }),
      stat: uri =>
        orNotFound(uri, async () => {
          const entry = await fs.lstat(at(uri));
          return { type: typeOf(entry), ctime: entry.ctimeMs, mtime: entry.mtimeMs, size: entry.size };
        }),
      readDirectory: uri =>
        orNotFound(uri, async () =>
          (await fs.readdir(at(uri), { withFileTypes: true })).map(entry => [entry.name, typeOf(entry)]),
        ),
      readFile: uri => orNotFound(uri, () => fs.readFile(at(uri))),
      writeFile: (uri, content) => fs.writeFile(at(uri), content),
      createDirectory: uri => fs.mkdir(at(uri)),
      delete: uri => fs.rm(at(uri), { recursive: true }),
      rename: (from, to) => fs.rename(at(from), at(to)),
    }),
  );
};
