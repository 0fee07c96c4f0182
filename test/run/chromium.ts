import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { onPath } from '../../tools/desktop.ts';
import { run } from '../../tools/processes.ts';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'msedge',
];

/** Where macOS keeps browsers, none of them on the PATH. */
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

/** Finds a browser of the Chromium family, or installs Debian's where we may. */
export async function findChromium(say: (line: string) => void): Promise<string> {
  const named = process.env['CHROME_PATH'];
  if (named !== undefined && named !== '') return named;
  const found = onPath(names) ?? applications.find(path => existsSync(path));
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && onPath(['apt-get']) !== undefined) {
    say('No Chromium found: installing it with apt-get (once) …');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env });
    const installed = onPath(names);
    if (installed !== undefined) return installed;
  }
  throw new Error(
    `The host and ui tests drive VS Code in a browser, and found none of ${names.join(', ')}. ` +
      'Install Chromium, Chrome or Edge, or set CHROME_PATH to one.',
  );
}

export async function launchChromium(say: (line: string) => void): Promise<Browser> {
  return chromium.launch({
    executablePath: await findChromium(say),
    args: [
      // Chromium's sandbox does not work for root, and the pages are our own.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      // Where there is no internet these would only be refused, many at a time.
      ...['--disable-background-networking', '--disable-component-update'],
    ],
  });
}
