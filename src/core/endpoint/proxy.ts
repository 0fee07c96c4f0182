import { HttpsProxyAgent } from 'https-proxy-agent';

import { LongviewError } from '../errors.ts';
import type { Route } from './httpFetch.ts';

/**
 * The way through the proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name (lower case first, as curl
 * does), for programs whose node:http(s) nobody patches. Plain requests go to the proxy in absolute form, others
 * through a tunnel.
 */
export function proxyRoute(env: NodeJS.ProcessEnv): Route {
  return url => {
    const proxy = proxyFor(url, env);
    if (proxy === undefined) return undefined;
    if (url.protocol === 'https:') return { agent: new HttpsProxyAgent(proxy) };
    return {
      protocol: proxy.protocol,
      hostname: unbracketed(proxy.hostname),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      path: url.href,
      headers: { host: url.host, ...credentials(proxy) },
    };
  };
}

/** The proxy for a URL; undefined for none. Throws `bad-settings` for a value that is no URL. */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): URL | undefined {
  const read = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const scheme = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = read(scheme) ?? read('ALL_PROXY');
  if (value === undefined || isExempt(url, read('NO_PROXY') ?? '')) return undefined;
  const text = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy?.protocol !== 'http:' && proxy?.protocol !== 'https:') {
    throw new LongviewError(
      'bad-settings',
      `The environment variable ${scheme} (or ALL_PROXY) names no HTTP proxy.`,
      'Write it like http://proxy.example:8080.',
    );
  }
  return proxy;
}

/**
 * This machine, and what `NO_PROXY` lists: host names (with everything below them), with or without port, or `*`;
 * commas or spaces between.
 */
function isExempt(url: URL, noProxy: string): boolean {
  const host = unbracketed(url.hostname).toLowerCase();
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return true;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some(entry => {
      if (entry === '*' || unbracketed(entry) === host) return true;
      const [, name = '', onlyPort = port] = /^(?:\*?\.)?([^:]+)(?::(\d+))?$/.exec(entry) ?? [];
      return name !== '' && onlyPort === port && (host === name || host.endsWith(`.${name}`));
    });
}

/** `[::1]` as node:net takes it. */
function unbracketed(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(plain).toString('base64')}` };
}
