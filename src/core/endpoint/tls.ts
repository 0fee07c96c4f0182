export interface TlsExplanation {
  readonly code: string;
  readonly what: string;
  readonly remedy: string;
}

const trust =
  'If your organisation’s proxy signs certificates, install its root certificate in the system, and name it in NODE_EXTRA_CA_CERTS for the CLI.';

const explanations: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  SELF_SIGNED_CERT_IN_CHAIN: ['the certificate is signed by an authority this machine does not know', trust],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['the certificate is signed by the server itself', trust],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['the certificate’s signer is not known here', trust],
  UNABLE_TO_GET_ISSUER_CERT: ['the certificate’s signer is not known here', trust],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['the certificate’s signer is not known here', trust],
  CERT_UNTRUSTED: ['the certificate is not trusted here', trust],
  CERT_HAS_EXPIRED: [
    'the certificate has expired',
    'Renew it at the server, and check this machine’s clock.',
  ],
  CERT_NOT_YET_VALID: ['the certificate is not valid yet', 'Check this machine’s clock.'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'the certificate is for another host name',
    'Write the base URL with the name the certificate is made for.',
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: [
    'the server does not speak TLS at this port',
    'Write the base URL with http:// if the server is meant to be plain.',
  ],
};

/** What a failed TLS handshake means; undefined for other errors. `code` as Node.js and OpenSSL give it. */
export function explainTls(code: string | undefined, message: string): TlsExplanation | undefined {
  const found =
    code === 'EPROTO' && /wrong version number/i.test(message) ? 'ERR_SSL_WRONG_VERSION_NUMBER' : code;
  const explained = found === undefined ? undefined : explanations[found];
  if (found === undefined || explained === undefined) return undefined;
  return { code: found, what: explained[0], remedy: explained[1] };
}
