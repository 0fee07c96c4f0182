import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import {
  nodeReads,
  type ReadDeps,
  describeContent,
  readContent,
  readSource,
} from '../../../src/core/workspace/readSource.ts';
import { describeSkip } from '../../../src/core/workspace/types.ts';
import { type Sandbox, sandbox } from './sandbox.ts';

describe('reading a file', () => {
  let box: Sandbox;
  beforeEach(() => (box = sandbox()));
  afterEach(() => box.remove());

  const maxBytes = 1_000_000;
  const listed = (path: string) => ({ path, absolutePath: box.at(path) });
  const read = (path: string, deps?: ReadDeps) => readSource(listed(path), { maxBytes }, deps);
  function text(path: string) {
    const result = read(path);
    return result.kind === 'text' ? result : assert.fail(describeSkip(result.reason));
  }
  function reason(path: string, deps?: ReadDeps) {
    const result = read(path, deps);
    return result.kind === 'skip' ? result.reason : assert.fail(result.text);
  }

  it('tells all there is to know', () => {
    const content = Buffer.from('\ufeffa\r\nb\r\n');
    box.write('src/a.ts', content);
    assert.deepEqual(read('src/a.ts'), {
      kind: 'text',
      text: 'a\r\nb\r\n',
      bytes: content.length,
      lines: 2,
      hash: createHash('sha256').update(content).digest('hex'),
      language: 'typescript',
      eol: 'crlf',
      encoding: 'utf-8',
      bom: true,
    });
  });

  const exact: [string, string, number][] = [
    ['leading blank lines and indentation', '\n\n  a\n', 3],
    ['no final newline', 'a\nb', 2],
    ['mixed line ends', 'a\nb\r\nc\rd\n', 4],
    ['empty', '', 0],
    ['whitespace only', '  \n\t\n', 2],
    ['a million of one character on one line', 'a'.repeat(900_000), 1],
    ['long Chinese without spaces', '汉'.repeat(200_000), 1],
    ['a base64 blob', Buffer.alloc(300_000, 7).toString('base64'), 1],
  ];
  for (const [what, content, lines] of exact) {
    it(`keeps every character: ${what}`, () => {
      box.write('a.txt', content);
      const result = text('a.txt');
      assert.equal(result.text, content);
      assert.equal(result.lines, lines);
    });
  }

  it('says where an encoding is a guess, and only there', () => {
    const note = (bytes: Buffer) => {
      const read = describeContent('a.txt', bytes);
      return read.kind === 'text' ? read.note : read.reason;
    };
    assert.equal(
      note(Buffer.from('na\xefve', 'latin1')),
      'read as windows-1252, a guess: the file does not say',
    );
    assert.equal(
      note(Buffer.from('\nint main() { return 0; }', 'utf16le')),
      'read as utf-16le, a guess: the file does not say',
    );
    assert.equal(note(Buffer.from('\uFEFFnaïve', 'utf16le')), undefined);
    assert.equal(note(Buffer.from('naïve')), undefined);
  });

  it('a text with a binary extension is text, and the reverse', () => {
    box.write('a.png', 'just text\n');
    box.write('b.ts', Buffer.concat([Buffer.from([0x47, 0x40, 0, 0x10]), Buffer.alloc(184, 0xff)]));
    assert.equal(text('a.png').text, 'just text\n');
    assert.deepEqual(reason('b.ts'), { kind: 'binary' });
  });

  it('what one file leaves in memory is not in the next', () => {
    box.write('long', 'x'.repeat(5_000));
    box.write('short', 'y');
    assert.equal(text('long').text.length, 5_000);
    assert.equal(text('short').text, 'y');
  });

  it('a name that is not UTF-8', () => {
    box.write('caf\udce9.c', 'int a;\n');
    assert.deepEqual([text('caf\udce9.c').text, text('caf\udce9.c').language], ['int a;\n', 'c']);
  });

  it('too large: one byte over the limit, not one less', () => {
    box.write('fits', 'x'.repeat(maxBytes));
    box.write('over', 'x'.repeat(maxBytes + 1));
    assert.equal(text('fits').bytes, maxBytes);
    assert.deepEqual(reason('over'), { kind: 'too-large', bytes: maxBytes + 1, limitBytes: maxBytes });
  });

  it('one line of 50 MB', function () {
    this.timeout(20_000);
    box.write('big', Buffer.alloc(50_000_000, 'a'));
    const result = readSource(listed('big'), { maxBytes: 50_000_000 });
    assert.equal(result.kind === 'text' && result.lines, 1);
  });

  it('symbolic links: a loop, broken, to a folder, to the outside; never followed', () => {
    box.write('secret', 'secret\n');
    for (const target of ['link', 'nowhere', 'home', box.at('secret')]) {
      box.link('link', target);
      assert.deepEqual(reason('link'), { kind: 'symlink', target });
      rmSync(box.at('link'));
    }
  });

  it('a file that becomes a link between the looks is not followed', () => {
    box.write('secret', 'secret\n');
    box.write('a', 'a\n');
    const swapping: ReadDeps = {
      ...nodeReads,
      lstat: path => {
        const stat = nodeReads.lstat(path);
        rmSync(box.at('a'));
        symlinkSync(box.at('secret'), box.at('a'));
        return stat;
      },
    };
    assert.deepEqual(reason('a', swapping), { kind: 'symlink', target: box.at('secret') });
  });

  it('a FIFO, a socket, a device, a folder: said to be what they are, and not opened', async () => {
    execFileSync('mkfifo', [box.at('pipe')]);
    assert.deepEqual(reason('pipe'), { kind: 'not-a-file', what: 'named pipe' });
    const server = createServer();
    await new Promise<void>(resolve => server.listen(box.at('socket'), resolve));
    assert.deepEqual(reason('socket'), { kind: 'not-a-file', what: 'socket' });
    await new Promise(resolve => server.close(resolve));
    const device = readSource({ path: 'zero', absolutePath: '/dev/zero' }, { maxBytes });
    assert.deepEqual(device, { kind: 'skip', reason: { kind: 'not-a-file', what: 'device' } });
    assert.deepEqual(reason('home'), { kind: 'not-a-file', what: 'directory' });
  });

  const known = [
    ['whose hash the caller knows', { isChecked: true }],
    ['that was a file a moment ago', { size: 2 }],
  ] as const;
  for (const [name, looked] of known)
    it(`one ${name} is looked at less, and opened no more than that`, () => {
      execFileSync('mkfifo', [box.at('pipe')]);
      box.write('a.ts', 'a\n');
      box.write('big.ts', 'x'.repeat(maxBytes + 1));
      box.link('link', 'a.ts');
      // Where the flags of opening stand guard.
      const lstat = () => assert.fail('looked at once more');
      const deps = process.platform === 'win32' ? nodeReads : { ...nodeReads, lstat };
      const checked = (path: string) => {
        const content = readContent(box.at(path), maxBytes, deps, looked);
        return content.kind === 'skip' ? content.reason : content.bytes.toString();
      };
      assert.equal(checked('a.ts'), 'a\n');
      assert.deepEqual(checked('pipe'), { kind: 'not-a-file', what: 'named pipe' });
      assert.deepEqual(checked('link'), { kind: 'symlink', target: 'a.ts' });
      assert.deepEqual(checked('big.ts'), { kind: 'too-large', bytes: maxBytes + 1, limitBytes: maxBytes });
      assert.deepEqual(checked('home'), { kind: 'not-a-file', what: 'directory' });
      assert.deepEqual(checked('nowhere'), { kind: 'vanished' });
    });

  it('vanished before, and below a folder that became a file', () => {
    assert.deepEqual(reason('nowhere'), { kind: 'vanished' });
    box.write('file');
    assert.deepEqual(reason('file/below'), { kind: 'vanished' });
  });

  it('vanishing between the looks', () => {
    box.write('a');
    const lstat: ReadDeps['lstat'] = path => {
      const stat = nodeReads.lstat(path);
      rmSync(box.at('a'));
      return stat;
    };
    assert.deepEqual(reason('a', { ...nodeReads, lstat }), { kind: 'vanished' });
  });

  it('vanishing while it is read does no harm: an open file stays whole', () => {
    box.write('a', 'whole\n');
    const fsRead: ReadDeps['read'] = (file, into, offset) => {
      rmSync(box.at('a'), { force: true });
      return nodeReads.read(file, into, offset);
    };
    const result = read('a', { ...nodeReads, read: fsRead });
    assert.equal(result.kind === 'text' && result.text, 'whole\n');
  });

  it('growing while it is read', () => {
    box.write('a.log', 'first\n');
    const fsRead: ReadDeps['read'] = (file, into, offset) => {
      const length = nodeReads.read(file, into, offset);
      appendFileSync(box.at('a.log'), 'more\n');
      return length;
    };
    assert.deepEqual(reason('a.log', { ...nodeReads, read: fsRead }), {
      kind: 'unreadable',
      detail: 'it changed while it was being read',
    });
  });

  it('growing over the limit while it is read', () => {
    box.write('a.log', 'x'.repeat(10));
    const stat: ReadDeps['stat'] = file => {
      const before = nodeReads.stat(file);
      if (before.size === 10) appendFileSync(box.at('a.log'), Buffer.alloc(maxBytes, 'y'));
      return before;
    };
    assert.equal(reason('a.log', { ...nodeReads, stat }).kind, 'too-large');
  });

  it('a file that may not be read', () => {
    box.write('a');
    execFileSync('chmod', ['755', box.root]);
    execFileSync('chmod', ['000', box.at('a')]);
    const asRoot = process.getuid?.() === 0;
    // Permissions do not bind root: be somebody else meanwhile.
    if (asRoot) process.seteuid?.(65_534);
    try {
      assert.deepEqual(reason('a'), { kind: 'unreadable', detail: 'EACCES: permission denied' });
    } finally {
      if (asRoot) process.seteuid?.(0);
    }
  });

  it('a file whose size the system does not tell is read all the same', () => {
    const result = readSource({ path: 'status', absolutePath: '/proc/self/status' }, { maxBytes });
    assert.match(result.kind === 'text' ? result.text : result.reason.kind, /Name:/);
  });

  it('can be cancelled', () => {
    const signal = AbortSignal.abort();
    assert.throws(() => readSource(listed('a'), { maxBytes, signal }), { name: 'AbortError' });
  });
});
