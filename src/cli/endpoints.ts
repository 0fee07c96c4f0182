import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { parseBaseUrl, parseEndpoints } from '../core/endpoint/config.ts';
import { fetchFor } from '../core/endpoint/fetchFor.ts';
import type { Endpoint, EndpointConfig } from '../core/endpoint/types.ts';
import { LongviewError } from '../core/errors.ts';
import type { Options } from './args.ts';

const timeoutMs = 30 * 60_000;

/** The user's own folder, never the workspace: a repository must not be able to redirect source or keys. */
export function configFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32' && env['APPDATA']) return join(env['APPDATA'], 'longview');
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'longview');
}

export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32' && env['LOCALAPPDATA'])
    return join(env['LOCALAPPDATA'], 'longview', 'cache');
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'longview');
}

/** The endpoints of `endpoints.json`; none where the file is missing. Throws `bad-settings` for a file that is wrong. */
export async function readEndpoints(env: NodeJS.ProcessEnv): Promise<EndpointConfig[]> {
  const file = join(configFolder(env), 'endpoints.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new LongviewError('bad-settings', `${file} could not be read.`, 'Check its permissions.', error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LongviewError(
      'bad-settings',
      `${file} is not valid JSON.`,
      'Correct it; nothing was sent.',
      error,
    );
  }
  return parseEndpoints(value, file);
}

/** The endpoint that the options name; undefined where they name none. */
export async function chooseEndpoint(
  options: Options,
  env: NodeJS.ProcessEnv,
  offline: () => Endpoint,
): Promise<Endpoint | undefined> {
  if (options.baseUrl !== undefined && options.model !== undefined) {
    const baseUrl = parseBaseUrl(options.baseUrl, '--base-url');
    return serverEndpoint({ id: new URL(baseUrl).host, baseUrl, model: options.model }, options, env);
  }
  if (options.endpoint === undefined) return undefined;
  if (options.endpoint === 'offline') return offline();
  const all = await readEndpoints(env);
  const config = all.find(e => e.id === options.endpoint);
  if (config === undefined) {
    const known = ['offline', ...all.map(e => e.id)].join(', ');
    throw new LongviewError(
      'bad-settings',
      `There is no endpoint "${options.endpoint}".`,
      `Known: ${known}.`,
    );
  }
  return serverEndpoint(config, options, env);
}

/** Throws `auth` for a key that is to be had from a variable that is not set: before anything else is said or sent. */
async function serverEndpoint(
  config: EndpointConfig,
  options: Options,
  env: NodeJS.ProcessEnv,
): Promise<Endpoint> {
  const keyName = options.apiKeyEnv ?? config.apiKeyEnv;
  const key = keyName === undefined ? undefined : env[keyName]?.trim();
  if (keyName !== undefined && !key) {
    throw new LongviewError(
      'auth',
      `The environment variable ${keyName} is not set.`,
      'Export it with the API key.',
    );
  }
  // Most packs are for no endpoint, and need no network.
  const [{ createHttpFetch }, { proxyRoute }] = await Promise.all([
    import('../core/endpoint/httpFetch.ts'),
    import('../core/endpoint/proxy.ts'),
  ]);
  return {
    config,
    kind: 'server',
    fetch: fetchFor(
      config,
      createHttpFetch(() => timeoutMs, proxyRoute(env)),
    ),
    apiKey: () => Promise.resolve(key),
  };
}
