import { createHash } from 'node:crypto';

import type { BudgetMap } from './budgetMap.ts';

/** The page both hosts of the budget map show; `script` and `style` are elements, in a webview with its nonce. */
export interface MapPage {
  /** The value of the page's Content-Security-Policy. */
  readonly policy: string;
  readonly title: string;
  /** Elements for the head. */
  readonly style: string;
  /** Elements for the end of the body. */
  readonly script: string;
}

export function mapPage({ policy, title, style, script }: MapPage): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeMarkup(policy)}">
<meta name="viewport" content="width=device-width">
<title>${escapeMarkup(title)}</title>
${style}
</head>
<body class="empty">
<p id="message" role="status">Counting…</p>
<header>
<h1 class="unseen">${escapeMarkup(title)}</h1>
<p id="headline"></p>
<div id="gauge"></div>
<ul id="legend" aria-label="Forms"></ul>
</header>
<div id="controls" role="search" aria-label="What the map shows"></div>
<p id="found" role="status"></p>
<nav id="path" aria-label="Shown folder"></nav>
<main>
<div id="stage"><canvas id="canvas" tabindex="0" role="application" aria-label="Map of the workspace by tokens" aria-describedby="help"></canvas><canvas id="outlines" aria-hidden="true"></canvas><div id="tip" role="tooltip" hidden></div></div>
<section id="table" aria-label="Table of the shown folder" tabindex="0" hidden></section>
</main>
<footer>
<div id="live" class="unseen" aria-live="polite"></div>
<p id="help"><kbd>Click</kbd> a folder to zoom in, a file to take it out or put it back. <kbd>Arrows</kbd> select, <kbd>Enter</kbd> zooms in or opens, <kbd>Esc</kbd> zooms out, <kbd>Space</kbd> takes out or puts back.</p>
</footer>
${script}
</body>
</html>
`;
}

export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
}

/** JSON that no file name can end the script element of. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * One file that holds all it needs and may load nothing: `script` is the map's bundle, `style` its style sheet. The
 * page's policy names both by their hashes, so that nothing a repository holds can run in it.
 */
export function standaloneMap(map: BudgetMap, script: string, style: string): string {
  const code = script
    .replace(/^\/\/# sourceMappingURL=.*$/m, '')
    .replace(/<\/(?=script)/gi, '<\\/')
    .replace(/<!--/g, '<\\!--');
  return mapPage({
    policy: `default-src 'none'; script-src '${hashOf(code)}'; style-src '${hashOf(style)}'; base-uri 'none'; form-action 'none'`,
    title: `Budget map of ${map.title}`,
    style: `<style>${style}</style>`,
    script: `<script type="application/json" id="longview-map">${jsonForScript(map)}</script>\n<script>${code}</script>`,
  });
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
