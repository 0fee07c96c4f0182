import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { selfSigned, type Certificate } from '../fakes/index.ts';

/** The host name of the certificate that {@link trustedEnv} makes known. */
export const trustedHost = 'api.example.test';

const folderVariable = 'LONGVIEW_CERTIFICATE';

/** Environment for a process that is to trust one fresh certificate; Node.js reads it once, when it starts. */
export function trustedEnv(folder: string): Record<string, string> {
  const { key, cert } = selfSigned([trustedHost]);
  writeFileSync(join(folder, 'key.pem'), key);
  writeFileSync(join(folder, 'cert.pem'), cert);
  return { NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem'), [folderVariable]: folder };
}

/** The pair, for a server inside that process. */
export function trustedCertificate(): Certificate {
  const folder = process.env[folderVariable];
  if (folder === undefined) throw new Error('This run made no certificate that is trusted.');
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { key: read('key.pem'), cert: read('cert.pem') };
}
