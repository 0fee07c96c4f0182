import assert from 'node:assert/strict';
import fc from 'fast-check';

import { redactFile } from '../../../src/core/pack/redact.ts';
import { secretId, secretsKey } from '../../../src/core/pack/secretsKey.ts';
import { createLiteralScan, longEnough } from '../../../src/core/pack/secretsScan.ts';

const policy = { salt: 'salt', allowed: [] };
const redacted = (path: string, text: string) => redactFile(path, text, policy).text;

const key = (lines: number) =>
  Array.from(
    { length: lines },
    (_, i) => 'MIIEpQIBAAKCAQEAtKg0ZBD1nPCUOd2Cp0xq'.slice(i % 7) + String(i),
  ).join('\n');
const word = 'Zq7rT0xK9mW2bV5nJ8cL';

/** What goes in, what comes out, by the name of the file. */
const cases: readonly [what: string, path: string, text: string, sent: string][] = [
  [
    'a value of .env',
    '.env',
    'A=b\nDB=hunter2 # local\n',
    'A=[redacted: env-value]\nDB=[redacted: env-value] # local\n',
  ],
  [
    '.env in quotes over lines',
    'x/.env.production',
    'K="a\nb\n\nc"\nPORT=3000\n',
    'K="[redacted: env-value]\n[redacted: env-value]\n\n[redacted: env-value]"\nPORT=3000\n',
  ],
  [
    'exported, CRLF',
    '.envrc',
    'export K=v1\r\nexport L=v2\r\n',
    'export K=[redacted: env-value]\r\nexport L=[redacted: env-value]\r\n',
  ],
  [
    'what is no secret in .env',
    '.env',
    'DEBUG=true\nPORT=3000\nNODE_ENV=production\nX=\nY=${Z}\n# K=v\n',
    'DEBUG=true\nPORT=3000\nNODE_ENV=production\nX=\nY=${Z}\n# K=v\n',
  ],
  ['.env.example is there to be read', '.env.example', 'K=value\n', 'K=value\n'],
  [
    'an npm token',
    'a/.npmrc',
    '//r.example/:_authToken=abc-def\n_password=cGFzcw==\nx=1\n',
    '//r.example/:_authToken=[redacted: npm-token]\n_password=[redacted: npm-token]\nx=1\n',
  ],
  [
    'an npm token that is a variable',
    '.npmrc',
    '//r.example/:_authToken=${T}\n',
    '//r.example/:_authToken=${T}\n',
  ],
  [
    '.netrc',
    '.netrc',
    'machine a login b\n  password c3\n',
    'machine a login b\n  password [redacted: netrc-password]\n',
  ],
  ['.pgpass', '.pgpass', 'h:5432:d:u:pw1\n#h:1:d:u:pw\n', 'h:5432:d:u:[redacted: password]\n#h:1:d:u:pw\n'],
  [
    'docker',
    'x/.docker/config.json',
    '{"auths":{"r":{"auth":"dTpw"}}}',
    '{"auths":{"r":{"auth":"[redacted: registry-token]"}}}',
  ],
  [
    'git’s configuration',
    'a.gitconfig',
    `url = https://user:${word}@host.example/x.git\n`,
    'url = https://user:[redacted: url-password]@host.example/x.git\n',
  ],
  [
    'a password with other characters',
    'notes.md',
    'redis://:p%40$s!Wq9@cache:6379/0',
    'redis://:[redacted: url-password]@cache:6379/0',
  ],
  [
    'a token for a user',
    'x.sh',
    `git clone https://${word}@host.example/x.git`,
    'git clone https://[redacted: url-token]@host.example/x.git',
  ],
  [
    'GitHub’s token before x-oauth-basic',
    'x.sh',
    `https://${word}:x-oauth-basic@github.com/a/b`,
    'https://[redacted: url-password]:[redacted: basic-auth]@github.com/a/b',
  ],
  [
    'addresses in documentation',
    'x.md',
    'https://user:password@host, https://$USER:${PW}@host, http://a:b@c.d, git://me@host',
    'https://user:password@host, https://$USER:${PW}@host, http://a:b@c.d, git://me@host',
  ],
  [
    'an address with a port and a mail address',
    'x.md',
    'http://localhost:8080/a@b x://1:2',
    'http://localhost:8080/a@b x://1:2',
  ],
  ['an assignment', 'a.py', `client_secret = "${word}"`, 'client_secret = "[redacted: assigned-secret]"'],
  [
    'in YAML and JSON',
    'a.yml',
    `apiKey: ${word}\n"api_key": "${word}",\n`,
    'apiKey: [redacted: assigned-secret]\n"api_key": "[redacted: assigned-secret]",\n',
  ],
  [
    'a key without its end',
    'a.pem',
    `-----BEGIN RSA PRIVATE KEY-----\n${key(3)}`,
    `-----BEGIN RSA PRIVATE KEY-----\n${Array(3).fill('[redacted: private-key]').join('\n')}`,
  ],
  [
    'a placeholder for a key',
    'a.md',
    '-----BEGIN PRIVATE KEY-----\nMIIE...\n-----END PRIVATE KEY-----\n',
    '-----BEGIN PRIVATE KEY-----\nMIIE...\n-----END PRIVATE KEY-----\n',
  ],
  [
    'a public key',
    'a.pem',
    `-----BEGIN PUBLIC KEY-----\n${key(4)}\n-----END PUBLIC KEY-----\n`,
    `-----BEGIN PUBLIC KEY-----\n${key(4)}\n-----END PUBLIC KEY-----\n`,
  ],
  [
    'PuTTY',
    'k.ppk',
    `Private-Lines: 2\n${key(2)}\nPrivate-MAC: 00\n`,
    'Private-Lines: 2\n[redacted: private-key]\n[redacted: private-key]\nPrivate-MAC: 00\n',
  ],
];

/** What a rule for assignments would cry about in every repository. */
const harmless = [
  'password = "correct horse battery"',
  'const tokenTypes = "identifier_or_keyword1";',
  'secret: process.env.CLIENT_SECRET_V2_PRODUCTION',
  'token: com.example.security.TokenProvider2Factory',
  'password="ssl-test-password-123"',
  'apiKey = getApiKeyFromSettings2(context)',
  'secretName: my-application-secret-name-v2',
  'token = "00000000-0000-0000-0000-000000000001"',
  '<password>your_password_goes_here1</password>',
];

describe('secrets', () => {
  for (const [what, path, text, sent] of cases)
    it(`redacts ${what}`, () => assert.equal(redacted(path, text), sent));
  for (const line of harmless) it(`leaves ${line}`, () => assert.equal(redacted('a.ts', line), line));

  it('redacts all of a key between its lines, wherever it stands', () => {
    const body = key(20);
    const begin = '-----BEGIN OPENSSH PRIVATE KEY-----';
    const end = '-----END OPENSSH PRIVATE KEY-----';
    const escaped = JSON.stringify({ private_key_id: '1', private_key: `${begin}\n${body}\n${end}\n` });
    const quoted = [begin, ...body.split('\n'), end].map(line => `  + "${line}\\n"`).join('\n');
    for (const text of [
      `${begin}\n${body}\n${end}\n`,
      escaped,
      quoted,
      `${begin}\r\n${body.replaceAll('\n', '\r\n')}\r\n${end}`,
    ]) {
      const sent = redacted('a.txt', text);
      for (const line of body.split('\n')) assert.ok(!sent.includes(line), sent);
      assert.ok(sent.includes(begin) && sent.includes(end));
      assert.equal(sent.split('\n').length, text.split('\n').length);
    }
  });

  it('names a rule in plain words, whatever stands in the text', () => {
    const text = `tskey-constructor-${'a1'.repeat(6)}-${'b2'.repeat(12)}`;
    assert.equal(redacted('a.ts', text), '[redacted: secret]');
  });

  it('tells the rule, the line and an id, and never the secret', () => {
    const text = `a\r\n\rtoken = '${word}'\n\n-----BEGIN PRIVATE KEY-----\n${key(4)}\n-----END PRIVATE KEY-----`;
    const { secrets } = redactFile('a.py', text, policy);
    assert.deepEqual(
      secrets.map(({ rule, line, allowed }) => ({ rule, line, allowed })),
      [
        { rule: 'assigned-secret', line: 3, allowed: false },
        { rule: 'private-key', line: 6, allowed: false },
      ],
    );
    assert.ok(!JSON.stringify(secrets).includes(word));
  });

  it('lets through what is allowed, one by one, and keeps ids when lines move', () => {
    const text = `token = '${word}'\nsecret = '${word}x'\n`;
    const [first, second] = redactFile('a.py', text, policy).secrets;
    const allowed = redactFile('a.py', `\n${text}`, { salt: 'salt', allowed: [second?.id ?? ''] });
    assert.equal(allowed.text, `\ntoken = '[redacted: assigned-secret]'\nsecret = '${word}x'\n`);
    assert.deepEqual(
      allowed.secrets.map(({ id, allowed }) => ({ id, allowed })),
      [
        { id: first?.id, allowed: false },
        { id: second?.id, allowed: true },
      ],
    );
  });

  it('gives the same secret another id in another file, by another rule and on another machine', () => {
    const ids = [
      secretId('salt', 'a', 'r', word),
      secretId('salt', 'b', 'r', word),
      secretId('salt', 'a', 's', word),
      secretId('other', 'a', 'r', word),
    ];
    assert.equal(new Set(ids).size, 4);
  });

  it('remembers a clean content apart for names that matter', () => {
    assert.notEqual(secretsKey('a/.env', 'h'), secretsKey('a/b.ts', 'h'));
    assert.equal(secretsKey('a/c.ts', 'h'), secretsKey('a/b.ts', 'h'));
    assert.notEqual(secretsKey('.env', 'h'), secretsKey('.env.example', 'h'));
    assert.notEqual(secretsKey('package.json', 'h'), secretsKey('other.json', 'h'));
  });

  it('is linear on hostile text', () => {
    const begin = '-----BEGIN PRIVATE KEY-----';
    for (const unit of [
      '://',
      'password=',
      begin,
      `${begin}${'A'.repeat(200)}`,
      'SG.aa.',
      'xoxb-1-',
      'secret_access_key ',
      'K="',
      'ghs_1_a.',
      '://a:',
    ]) {
      // Would not end within mocha's time limit if it were quadratic.
      const text = unit.repeat(300_000 / unit.length);
      for (const path of ['.env', '.npmrc']) redactFile(path, text, policy);
    }
  }).timeout(60_000);
});

describe('literal scan', () => {
  const literals = ['abcd', 'bcab', 'cabac', 'ab:/', '-----b', '://', 'Bc'];
  const scan = createLiteralScan(literals);
  const hits = (text: string, utf8?: Uint8Array): string[] => {
    const found: string[] = [];
    scan(text, (at, literal) => found.push(`${at} ${literals[literal]}`), utf8);
    return found;
  };
  const expected = (text: string): string[] =>
    literals.flatMap(literal => {
      // Short ones are found as they stand.
      const fold = (part: string) =>
        literal.length < longEnough ? part : part.replace(/[A-Z]/g, asciiLower);
      return Array.from({ length: text.length }, (_, at) => at)
        .filter(at => fold(text.slice(at, at + literal.length)) === literal)
        .map(at => `${at} ${literal}`);
    });
  const asciiLower = (letter: string) => letter.toLowerCase();
  const pieces = [
    'a',
    'b',
    'c',
    'd',
    'A',
    'B',
    'ab',
    'abc',
    'CAB',
    ':',
    '/',
    '://',
    '-----',
    'é',
    '数',
    '😀',
    'K',
  ];
  const texts = fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom('\ud83d', '\ude00', '\n', '\0')), {
      maxLength: 60,
    })
    .map(parts => parts.join(''));

  it('finds what a search for each literal finds', () => {
    for (const text of ['', 'ab', 'ABCabcD://:///cabaca', 'éabcd数bcab', 'aabcabca://', 'abc'.repeat(50)])
      assert.deepEqual(hits(text).sort(), expected(text).sort());
  });

  it('law: finds them in any text, with its bytes at hand or without, long ones in order', () => {
    fc.assert(
      fc.property(texts, text => {
        const found = hits(text);
        assert.deepEqual([...found].sort(), expected(text).sort());
        assert.deepEqual(hits(text, Buffer.from(text)), found);
        const places = found
          .map(hit => hit.split(' '))
          .filter(([, literal = '']) => literal.length >= longEnough)
          .map(([at]) => Number(at));
        assert.deepEqual(
          places,
          [...places].sort((a, b) => a - b),
        );
      }),
    );
  });
});
