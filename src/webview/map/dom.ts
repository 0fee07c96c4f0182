/** Makes an element. Text goes in as text, so nothing a repository contains becomes markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    // As a property: the page's policy refuses style attributes.
    if (name === 'style') made.style.cssText = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Finds an element of the page; that it is there is the page's own affair. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element "${id}".`);
  return found;
}

const grouped = new Intl.NumberFormat('en-US');

export function exact(tokens: number): string {
  return grouped.format(tokens);
}

/** `1 file`, `6,455 files` */
export function filesText(count: number): string {
  return `${exact(count)} ${count === 1 ? 'file' : 'files'}`;
}

/** 131072 as `131k`, 1310720 as `1.31M`, 10485760 as `10.5M`. */
export function compact(tokens: number): string {
  if (tokens >= 999_500) return `${(tokens / 1e6).toFixed(tokens >= 1e7 ? 1 : 2).replace(/\.?0+$/, '')}M`;
  return tokens >= 1000 ? `${Math.round(tokens / 1000)}k` : String(tokens);
}
