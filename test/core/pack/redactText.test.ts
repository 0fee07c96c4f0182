import assert from 'node:assert/strict';

import { redactText } from '../../../src/core/pack/redactText.ts';

const policy = { salt: 'salt', allowed: [] };
// Put together here, so that nobody's scanner takes this file for a leak.
const key = (sign: string) =>
  [
    '-----BEGIN RSA ',
    'PRIVATE KEY-----\n',
    `${sign}${'MIIEpAIBAAKCAQEA'.repeat(4)}\n`.repeat(3),
    sign,
    '-----END RSA ',
    'PRIVATE KEY-----',
  ].join('');
const token = ['ghp', 'abcdefghijklmnopqrstuvwxyz0123456789'].join('_');

describe('secrets in texts that travel with a question', () => {
  it('are redacted in a pasted log', () => {
    const { text, secrets } = redactText('log', `start\ntoken ${token}\nend\n`, policy);
    assert.ok(!text.includes(token));
    assert.deepEqual(
      secrets.map(s => s.line),
      [2],
    );
    assert.match(text, /^start\ntoken \[redacted: .+\]\nend\n$/);
  });

  it('are redacted behind the signs of a diff, keys of several lines too', () => {
    const diff = `diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1,5 @@\n old\n+${key('+')}\n-gone\n`;
    const { text, secrets } = redactText('changes', diff, policy);
    assert.ok(!text.includes('MIIEpAIBAAK'), text);
    assert.equal(text.split('\n').length, diff.split('\n').length, 'line for line');
    assert.match(text, /\n old\n\+-+BEGIN.*\n\+\[redacted: private-key\]\n\+\[redacted/, 'signs stay');
    assert.ok(text.endsWith('\n-gone\n'));
    assert.ok(secrets.every(s => s.line >= 6 && s.line <= 10));
  });

  it('are what they are by the name of the file that a part of a diff is of', () => {
    const value = ['hunter2', 'hunter2', 'Q9x'].join('');
    const part = (path: string) =>
      `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -0,0 +1 @@\n+DB_PASSWORD=${value}\n`;
    const { text, secrets } = redactText('changes', part('docs/a.txt') + part('.env'), policy);
    assert.equal(text.split(value).length - 1, 1, 'once, in the text file');
    assert.deepEqual(
      secrets.map(s => s.line),
      [10],
    );
  });

  it('stay where they are allowed, told once', () => {
    const first = redactText('log', `token ${token}\n`, policy);
    const allowed = first.secrets.map(s => s.id);
    const again = redactText('log', `token ${token}\n`, { salt: 'salt', allowed });
    assert.ok(again.text.includes(token));
    assert.equal(again.secrets.length, 1);
  });

  it('leave every other text as it is', () => {
    for (const text of ['', '\n', '- a\n- b\n', ' x\r\n+y', 'diff --git a/a b/a\n'])
      assert.deepEqual(redactText('t', text, policy), { text, secrets: [] });
  });
});
