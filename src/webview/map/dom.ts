/** Makes an element. Text goes in as text, so nothing a repository contains becomes markup. */
export function element(
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElement {
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

export function exact(tokens: number): string {
  return tokens.toLocaleString('en-US');
}

/** 131072 as `131k`, 1310720 as `1.31M`. */
export function compact(tokens: number): string {
  if (tokens >= 1e6) return `${(tokens / 1e6).toFixed(tokens >= 1e7 ? 1 : 2).replace(/\.?0+$/, '')}M`;
  return tokens >= 1000 ? `${Math.round(tokens / 1000)}k` : String(tokens);
}
