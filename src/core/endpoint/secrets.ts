/**
 * A text without the secrets that were sent: servers and proxies repeat a refused key, and what they say is shown,
 * logged and kept. Also as they stand in a URL, in JSON and in Basic or Base64 form.
 */
export function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  let clean = text;
  for (const secret of secrets) {
    const bare = secret?.replace(/^(?:Bearer|Basic) /, '').trim();
    // Shorter ones are no secrets, and stand in ordinary words.
    if (bare === undefined || bare.length < 4) continue;
    const forms = [
      bare,
      encodeURIComponent(bare),
      JSON.stringify(bare).slice(1, -1),
      Buffer.from(bare).toString('base64').replace(/=+$/, ''),
    ];
    for (const form of new Set(forms)) clean = clean.replaceAll(form, '[key]');
  }
  return clean;
}
