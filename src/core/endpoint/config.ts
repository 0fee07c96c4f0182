import { LongviewError } from '../errors.ts';
import { usd, type Rates } from './price.ts';
import { providerIds, type ProviderId } from './providers/ids.ts';
import type { EndpointConfig } from './types.ts';

/**
 * Reads the user's list of endpoints (the setting `longview.endpoints`, the CLI's `endpoints.json`: one shape).
 * Throws `bad-settings` naming the entry and the field; `where` says which file or setting to correct.
 */
export function parseEndpoints(value: unknown, where: string): EndpointConfig[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw bad(where, 'it is not a list of endpoints');
  const seen = new Set<string>();
  return value.map((entry: unknown, i) => {
    const config = parseEndpoint(entry, `${where}, entry ${i + 1}`);
    if (seen.has(config.id)) throw bad(where, `the id "${config.id}" is used twice`);
    seen.add(config.id);
    return config;
  });
}

function parseEndpoint(entry: unknown, where: string): EndpointConfig {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw bad(where, 'it is not an object');
  const fields = entry as Record<string, unknown>;
  const optional = <T>(name: string, read: (value: unknown, name: string, where: string) => T) =>
    fields[name] === undefined ? {} : { [name]: read(fields[name], name, where) };
  const id = text(fields['id'], 'id', where);
  if (id === 'offline') throw bad(where, 'the id "offline" is the offline reader’s');
  if (!/^[\w.:/-]{1,100}$/.test(id)) throw bad(where, '"id" may hold letters, digits and . _ : / - only');
  return {
    id,
    baseUrl: parseBaseUrl(text(fields['baseUrl'], 'baseUrl', where), where),
    model: text(fields['model'], 'model', where),
    ...optional('name', text),
    ...optional('apiKeyEnv', text),
    ...optional('contextLimit', tokens),
    ...optional('maxOutputTokens', tokens),
    ...optional('provider', provider),
    ...optional('price', rates),
    ...optional('tokenizer', text),
    ...optional('images', flag),
  };
}

/** The URL without a trailing slash. Throws `bad-url` for anything that is not http(s) or that carries a password. */
export function parseBaseUrl(value: string, where: string): string {
  const remedy = 'Write it like https://openrouter.ai/api/v1 or http://127.0.0.1:8000/v1.';
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new LongviewError('bad-url', `${where}: "${value}" is not a URL.`, remedy);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new LongviewError('bad-url', `${where}: a base URL starts with http:// or https://.`, remedy);
  }
  if (url.username !== '' || url.password !== '') {
    throw new LongviewError(
      'bad-url',
      `${where}: the base URL carries a user name or password.`,
      'Remove it, and store the key with "Longview: Set API Key" or in an environment variable.',
    );
  }
  return value.replace(/\/+$/, '');
}

function text(value: unknown, name: string, where: string): string {
  if (typeof value !== 'string' || value.trim() === '') throw bad(where, `"${name}" must be a text`);
  return value.trim();
}

function flag(value: unknown, name: string, where: string): boolean {
  if (typeof value !== 'boolean') throw bad(where, `"${name}" must be true or false`);
  return value;
}

function tokens(value: unknown, name: string, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value <= 0) {
    throw bad(where, `"${name}" must be a whole number of tokens above 0`);
  }
  return value;
}

function provider(value: unknown, name: string, where: string): ProviderId {
  const id = providerIds.find(known => known === value);
  if (id === undefined) throw bad(where, `"${name}" must be one of ${providerIds.join(', ')}`);
  return id;
}

function rates(value: unknown, name: string, where: string): Rates {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const amount = (field: string) => {
    const number = typeof fields[field] === 'number' ? usd(fields[field]) : undefined;
    if (number === undefined)
      throw bad(where, `"${name}.${field}" must be a number of USD per million tokens, 0 or above`);
    return number;
  };
  return {
    input: amount('input'),
    output: amount('output'),
    ...(fields['cachedInput'] !== undefined && { cachedInput: amount('cachedInput') }),
  };
}

function bad(where: string, what: string): LongviewError {
  return new LongviewError('bad-settings', `${where}: ${what}.`, 'Correct it; nothing was sent.');
}
