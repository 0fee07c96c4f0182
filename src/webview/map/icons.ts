import chevronRight from '@vscode/codicons/src/icons/chevron-right.svg';
import file from '@vscode/codicons/src/icons/file.svg';
import folder from '@vscode/codicons/src/icons/folder.svg';
import rootFolder from '@vscode/codicons/src/icons/root-folder.svg';
import search from '@vscode/codicons/src/icons/search.svg';
import table from '@vscode/codicons/src/icons/table.svg';

const icons = { 'chevron-right': chevronRight, file, folder, 'root-folder': rootFolder, search, table };

/**
 * A codicon; what it means is said by the text or label beside it. Drawn, not a letter of the icon font, which a page
 * of one file would have to carry whole.
 */
export function icon(name: keyof typeof icons, attributes: Readonly<Record<string, string>> = {}): Element {
  const parsed = new DOMParser().parseFromString(icons[name], 'image/svg+xml').documentElement;
  const made = document.importNode(parsed, true);
  for (const [key, value] of Object.entries({ class: 'icon', 'aria-hidden': 'true', ...attributes }))
    made.setAttribute(key, value);
  return made;
}
