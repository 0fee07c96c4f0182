import type { Endpoint } from './types.ts';

/** What is about to leave, as the user is told before agreeing. */
export interface Sending {
  readonly endpoint: Endpoint;
  /** Files whose content is in the prompt; null where somebody else wrote the prompt. */
  readonly files: number | null;
  /** Tokens of the whole prompt. */
  readonly tokens: number;
  /** Secrets in these files that are not sent. */
  readonly redacted?: number;
  /** Images that go along. */
  readonly images?: { readonly count: number; readonly bytes: number };
}

/** What a request says of itself for the gates. */
export interface SentFacts extends Pick<Sending, 'files' | 'tokens'> {
  readonly redacted?: number | undefined;
  readonly images?: Sending['images'] | undefined;
}

/** What the gates are told of a request: never the prompt itself. */
export function sendingOf(endpoint: Endpoint, { files, tokens, redacted, images }: SentFacts): Sending {
  return {
    endpoint,
    files,
    tokens,
    ...(redacted !== undefined && { redacted }),
    ...(images && { images }),
  };
}

/**
 * Trust, consent and cost. They stand in the transport, so that whoever asks passes them: the participant, plain
 * Chat, another extension, a tool. `pass` throws `untrusted` or `no-consent` where the answer is no.
 */
export interface Gates {
  pass(sending: Sending, signal: AbortSignal): Promise<void>;
}

/** Where a prompt goes, in words for the user: `openrouter.ai`, `127.0.0.1:8000 (this machine)`, `VS Code (copilot)`. */
export function hostOf(endpoint: Endpoint): string {
  if (endpoint.kind === 'offline') return 'no network';
  // Where it goes from there only the extension knows that provides the model.
  if (endpoint.config.provider === 'vscode') return `VS Code (${endpoint.config.model.replace(/\/.*/s, '')})`;
  const { host, hostname } = new URL(endpoint.config.baseUrl);
  const local = hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
  return local ? `${host} (this machine)` : host;
}
