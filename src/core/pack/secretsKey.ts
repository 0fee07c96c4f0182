import { createHmac } from 'node:crypto';

import { secretFileKind } from './secretsFiles.ts';

/** Raised when a rule changes, so that files that were clean by the old rules are scanned again. */
export const secretRulesVersion = 1;

/** What tells one file's findings from another's, beside its content. */
export function secretsKey(path: string, hash: string): string {
  return `secrets/${secretRulesVersion}/${secretFileKind(path)}/${hash}`;
}

/**
 * Names a secret without telling it: what is allowed, by path, rule and the secret itself. `salt` is random and of
 * this machine, because a short password could be guessed from a plain hash of it, and reports are passed around.
 */
export function secretId(salt: string, path: string, rule: string, secret: string): string {
  return createHmac('sha256', salt)
    .update(JSON.stringify([path, rule, secret]))
    .digest('hex')
    .slice(0, 12);
}
