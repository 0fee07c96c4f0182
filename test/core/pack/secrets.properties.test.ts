import assert from 'node:assert/strict';
import fc from 'fast-check';

import { redact, redactFile } from '../../../src/core/pack/redact.ts';
import { findSecrets } from '../../../src/core/pack/secrets.ts';
import { runRules } from '../../../src/core/pack/secretsRules.ts';
import { countLines, splitLines } from '../../../src/core/workspace/lines.ts';
import samples from './data/secretlintSamples.json' with { type: 'json' };
import { secretlint } from './secretlintOracle.ts';

const policy = { salt: 'salt', allowed: [] };
const sampleTexts = Object.entries(samples).map(([name, base64]) => ({
  name,
  path: name,
  text: Buffer.from(base64, 'base64').toString('utf8'),
}));

/** What every rule looks for, from which texts with a secret in them are drawn. */
const shapes: readonly [path: string, shape: RegExp][] = [
  ['a.ts', /^AWS_SECRET_ACCESS_KEY {0,3}(?:=|:|=>) {0,3}"[A-Za-z0-9/+=]{40}"$/],
  ['a.yml', /^secretAccessKey: [A-Za-z0-9]{40}$/],
  ['package.json', /^https:\/\/[a-f0-9]{20,40}:x-oauth-basic@github\.com\/$/],
  ['.npmrc', /^_authToken=[a-z0-9-]{8,60}$/],
  ['a.ts', /^npm_[A-Za-z0-9_]{36}$/],
  ['a.ts', /^(?:https?|ftps?):\/\/[a-z]{3,9}:[A-Za-z0-9]{5,80}@[a-z]{3,30}\.com$/],
  [
    'a.ts',
    /^(?:mongodb|mongodb\+srv|mysqlx?|MYSQL|jdbc:mysql|postgres|postgresql):\/\/[a-z]{1,9}:[A-Za-z0-9!$:]{5,99}@[a-z.]{3,60}\/[a-z]{1,9}$/,
  ],
  ['a.ts', /^(?:xox[bpaor]|xapp)-(?:\d-)?(?:[a-zA-Z0-9]{1,40}-){1,30}[a-zA-Z0-9]{1,40}$/],
  [
    'a.ts',
    /^https:\/\/hooks\.slack\.com\/services\/T[a-zA-Z0-9]{1,40}\/B[a-zA-Z0-9]{1,40}\/[a-zA-Z0-9]{1,40}$/,
  ],
  ['a.ts', /^SG\.[a-zA-Z0-9]{1,128}\.[a-zA-Z0-9]{1,128}[-_]?[a-zA-Z0-9]{1,128}$/],
  ['a.ts', /^shp(?:pa|ca|at|ss)_[a-zA-Z0-9]{32,64}$/],
  ['a.ts', /^(?:sk|rk)_(?:live|test)_[a-zA-Z0-9]{24,99}$/],
  ['a.ts', /^(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36}$/],
  ['a.ts', /^github_pat_[A-Za-z0-9_]{82}$/],
  ['a.ts', /^ghs_[0-9]{1,20}_[A-Za-z0-9_-]{1,300}\.[A-Za-z0-9_-]{1,900}\.[A-Za-z0-9_-]{1,300}$/],
  ['a.ts', /^glpat-[A-Za-z0-9_-]{20,128}$/],
  ['a.ts', /^glc_[A-Za-z0-9+/]{32,400}={0,2}$/],
  ['a.ts', /^glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}$/],
  ['a.ts', /^sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{74}T3BlbkFJ[A-Za-z0-9_-]{73}[A-Za-z0-9]$/],
  ['a.ts', /^sk-[a-zA-Z0-9]{20}T3BlbkFJ[a-zA-Z0-9]{20}$/],
  ['a.ts', /^sk-ant-api0\d-[A-Za-z0-9_-]{90,128}AA$/],
  ['a.ts', /^gsk_[a-zA-Z0-9]{52}$/],
  ['a.ts', /^hf_[a-zA-Z]{34}$/],
  ['a.ts', /^lin_api_[a-zA-Z0-9_]{32,128}$/],
  ['a.ts', /^ntn_[0-9]{11}[A-Za-z0-9]{35}$/],
  ['a.ts', /^hvs\.[A-Za-z0-9_-]{90,120}$/],
  ['a.ts', /^hvb\.[A-Za-z0-9_-]{138,300}$/],
  ['a.ts', /^hvr\.[A-Za-z0-9_-]{90,120}$/],
  ['a.ts', /^(?:vcp|vci|vca|vcr|vck)_[A-Za-z0-9]{20,60}$/],
  ['a.ts', /^dapi[A-Fa-f0-9]{32}(?:-[0-9])?$/],
  ['a.ts', /^dckr_pat_[a-zA-Z0-9_-]{27}$/],
  ['a.ts', /^figd_[A-Za-z0-9_-]{40,200}$/],
  ['a.ts', /^(?:cfk|cfut|cfat)_[A-Za-z0-9]{40}[0-9a-f]{8}$/],
  ['a.ts', /^tskey-(?:api|auth|client|scim|webhook|other)-[0-9A-Za-z_]{8,40}-[0-9A-Za-z_]{16,60}$/],
  [
    'a.pem',
    /^-----BEGIN (?:RSA |EC |OPENSSH |)PRIVATE KEY-----\nMII[A-Za-z0-9+/]{100,600}\n-----END (?:RSA |EC |OPENSSH |)PRIVATE KEY-----$/,
  ],
];
const onePassword = fc
  .stringMatching(/^[a-z]{80,400}$/)
  .map(
    filler =>
      `ops_${Buffer.from(JSON.stringify({ email: filler, x: '' }).replace('""}', '"}"}')).toString('base64')}`,
  );
const secretTexts = fc.oneof(
  ...shapes.map(([path, shape]) => fc.stringMatching(shape).map(secret => ({ path, secret }))),
  onePassword.map(secret => ({ path: 'a.ts', secret })),
);
/** What stands around a secret: prose, code, other beginnings of secrets, letters of other scripts, nothing. */
const surroundings = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\n',
    '\r\n',
    '"',
    "'",
    'é',
    '数',
    '😀',
    'x',
    '_',
    '-',
    '=',
    '://',
    'ghp_',
    'sk-',
    'SG.',
  ),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.stringMatching(/^[a-z \n://@.=]{0,400}$/),
);

function covers(
  found: readonly { from: number; to: number }[],
  match: { from: number; to: number },
): boolean {
  return found.some(f => f.from <= match.from && match.to <= f.to);
}

describe('secrets against secretlint itself', function () {
  this.timeout(120_000);

  it('finds near the triggers all that the rules find in the whole text, wherever secrets stand', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(surroundings, secretTexts, surroundings), { minLength: 1, maxLength: 4 }),
        parts => {
          const text = parts.map(([before, { secret }, after]) => before + secret + after).join('');
          for (const { path } of parts.map(([, placed]) => placed)) {
            const found = findSecrets(path, text);
            for (const match of runRules(path, text, 0)) {
              assert.ok(covers(found, match), `${match.rule} at ${match.from} of ${JSON.stringify(text)}`);
            }
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('finds what stands alone, of every shape', async () => {
    for (const [path, shape] of shapes) {
      for (const secret of fc.sample(fc.stringMatching(shape), 20)) {
        const expected = await secretlint(path, `\n${secret}\n`);
        const found = findSecrets(path, `\n${secret}\n`);
        if (expected.length > 0) assert.notEqual(found.length, 0, `${path}: ${secret}`);
      }
    }
  });

  for (const { name, path, text } of sampleTexts) {
    it(`leaves secretlint nothing to find in its own sample ${name}`, async () => {
      const { text: redacted, secrets } = redactFile(path, text, policy);
      const left = (await secretlint(path, redacted)).filter(
        // The file as such is reported, for the key in it, which is gone; and any value of a token is a token.
        ({ rule, secret }) => rule !== 'PrivateKeyJSON' && !secret.includes('[redacted: '),
      );
      assert.deepEqual(left, []);
      const before = await secretlint(path, text);
      if (before.length > 0) assert.notEqual(secrets.length, 0);
      // Ranges that are too short would leave the end of the secret standing. Of an address only the password goes.
      for (const { rule, secret } of before) {
        if (/^PrivateKey|^BasicAuth|Connection$/.test(rule)) continue;
        const line = text.slice(0, text.indexOf(secret)).split('\n').length - 1;
        assert.ok(!redacted.split('\n')[line]?.includes(secret.slice(-8)), rule);
      }
      assert.equal(countLines(redacted).lines, countLines(text).lines);
    });
  }

  it('changes nothing but the secrets, and no number of a line', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(
          fc.oneof(
            surroundings,
            secretTexts.map(s => s.secret),
          ),
          { maxLength: 8 },
        )
        .map(parts => parts.join('')),
    );
    fc.assert(
      fc.property(
        anyText,
        fc.constantFrom('a.ts', '.env', '.npmrc', 'a/.netrc', '.pgpass', '.htpasswd'),
        (text, path) => {
          const found = findSecrets(path, text);
          let rest = 0;
          for (const { from, to } of found) {
            assert.ok(rest <= from && from < to && to <= text.length);
            rest = to;
          }
          const redacted = redact(text, found);
          const [before, after] = [splitLines(text), splitLines(redacted)];
          assert.equal(after.lines.length, before.lines.length);
          const touched = new Set(
            found.flatMap(({ from, to }) => {
              const first = splitLines(text.slice(0, from) + 'x').lines.length;
              const last = splitLines(text.slice(0, to)).lines.length;
              return Array.from({ length: last - first + 1 }, (_, i) => first + i);
            }),
          );
          for (const [i, line] of before.lines.entries())
            if (!touched.has(i + 1)) assert.equal(after.lines[i], line);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
