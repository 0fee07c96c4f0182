import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  findCommand,
  readTyped,
  slashCommands,
  typedText,
  type Typed,
} from '../../../src/core/review/commands.ts';

describe('slash commands', () => {
  const cases: [string, Typed][] = [
    ['Where is it?', { text: 'Where is it?' }],
    ['  /where  errors are told ', { command: 'where', text: 'errors are told' }],
    ['/EXPLAIN', { command: 'explain', text: '' }],
    ['/diff\nmain', { command: 'diff', text: 'main' }],
    ['/usr/lib/x.so is loaded where?', { text: '/usr/lib/x.so is loaded where?' }],
    ['/where.ts is what?', { text: '/where.ts is what?' }],
    ['What does /explain do?', { text: 'What does /explain do?' }],
    ['/', { text: '/' }],
    ['', { text: '' }],
  ];
  for (const [typed, expected] of cases)
    it(`reads ${JSON.stringify(typed)}`, () => assert.deepEqual(readTyped(typed), expected));

  it('tells of a command that is not ours, instead of asking it', () => {
    assert.throws(() => readTyped('/help me'), { code: 'bad-usage', message: /no command "\/help"/ });
    assert.throws(() => readTyped('/constructor x'), { code: 'bad-usage' });
  });

  it('what Chat gives apart reads as what was typed', () => {
    const texts = fc.string().filter(text => !text.trim().startsWith('/'));
    const names = fc.constantFrom(undefined, ...slashCommands.map(c => c.name));
    fc.assert(
      fc.property(names, texts, (command, text) => {
        const read = readTyped(typedText({ command, text }));
        assert.deepEqual(read, { ...(command !== undefined && { command }), text: text.trim() });
      }),
    );
  });

  it('each has a wording for a subject, and an example where it needs one', () => {
    for (const { name } of slashCommands) {
      const command = findCommand(name);
      assert.ok(command !== undefined);
      assert.ok(command.wording?.includes('{subject}'), name);
      if (command.alone === undefined) assert.ok(command.example, name);
      else assert.ok(!command.alone.includes('{'), name);
      assert.ok(command.description.length <= 70, name);
    }
  });
});
