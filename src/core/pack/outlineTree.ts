import type { Node } from '@vscode/tree-sitter-wasm';

import type { OutlineRules } from './outlineRules.ts';

/** Lines of one signature, or of one short declaration. */
const mostSignatureLines = 12;
const mostDeclarationLines = 8;
const shownOfLong = 2;
const mostImports = 12;
/** Nothing real is nested deeper; a hostile file is. */
const deepest = 60;
/** Nodes looked at in one file. */
const mostNodes = 200_000;

/** What stands around a declaration, and its comment before it. */
const wrappers = /^(export_statement|decorated_definition|template_declaration|type_declaration)$/;

interface Wrapped {
  readonly node: Node;
  readonly before: Node | undefined;
}

/** The 0-based rows an outline keeps, ascending. */
export function outlineRows(root: Node, rules: OutlineRules): number[] {
  const rows = new Set<number>();
  let imports = 0;
  let visited = 0;

  const keep = (from: number, to: number, most: number) => {
    const last = to - from < most ? to : from + shownOfLong - 1;
    for (let row = from; row <= last; row++) rows.add(row);
  };

  function visit(node: Node, depth: number, wrapped?: Wrapped): void {
    if (depth > deepest) return;
    let before: Node | undefined;
    for (const child of node.namedChildren) {
      if (child === null || ++visited > mostNodes) return;
      show(child, before, depth, wrapped);
      before = child;
    }
  }

  function show(node: Node, before: Node | undefined, depth: number, wrapped?: Wrapped): void {
    const { type } = node;
    const whole = wrapped?.node ?? node;
    const first = whole.startPosition.row;
    const isContainer = rules.containers.has(type);
    if (isContainer || rules.callables.has(type)) {
      const comment = wrapped === undefined ? before : wrapped.before;
      if (comment !== undefined) keepSummary(comment, whole, rows);
      const body = bodyOf(node);
      const end = signatureEnd(node, body ?? closingOf(node));
      keep(first, Math.max(first, end), mostSignatureLines);
      if (isContainer) visit(body ?? node, depth + 1);
    } else if (rules.lines.has(type)) {
      keep(first, lastRow(node), mostDeclarationLines);
      // `typedef struct { … }`, `export const api = class { … }`: what is inside is worth a look where it is long.
      if (rules.around.has(type)) visit(node, depth + 1);
    } else if (rules.imports.has(type)) {
      // Ruby's imports are calls, like everything else.
      if (
        type === 'call' &&
        !/^(require|require_relative|include|extend|attr_\w+|has_\w+|belongs_to)\b/.test(node.text)
      )
        return;
      if (++imports <= mostImports) keep(first, lastRow(node), 4);
    } else if (rules.around.has(type)) {
      const wraps = wrappers.test(type) && node.namedChildCount < 8;
      visit(node, depth + 1, wraps ? { node, before } : undefined);
    } else if (
      type === 'expression_statement' &&
      /^(module\.)?exports?\b|^[\w.]+\s*=\s*(async\s*)?(function|class|\()/.test(node.text.slice(0, 200))
    ) {
      // How JavaScript declared things before it had modules and classes.
      keep(first, first, 1);
    }
  }

  visit(root, 0);
  return [...rows].sort((a, b) => a - b);
}

const bodyTypes =
  /^(\w*_body|body|block|statement_block|compound_statement|declaration_list|\w+_declaration_list|\w+_variant_list|accessor_list|body_statement|object_type|struct_type|interface_type)$/;

/** The part of a declaration that comes after its signature. */
function bodyOf(node: Node): Node | undefined {
  const field = node.childForFieldName('body') ?? node.childForFieldName('accessors');
  if (field !== null) return field;
  return node.namedChildren.findLast(child => child !== null && bodyTypes.test(child.type)) ?? undefined;
}

/** What closes a declaration that has no body: Ruby's `end`. */
function closingOf({ lastChild }: Node): Node | undefined {
  return lastChild !== null && /^(end|\})$/.test(lastChild.type) ? lastChild : undefined;
}

/** Up to what stands before the body: a brace on a line of its own is no part of a signature. */
function signatureEnd(node: Node, body: Node | undefined): number {
  if (body === undefined) return lastRow(node);
  let before = body.previousSibling;
  while (before?.type.includes('comment') === true) before = before.previousSibling;
  return before === null ? node.startPosition.row : before.endPosition.row;
}

/** A node that takes the line end with it ends on the line before. */
function lastRow({ startPosition, endPosition }: Node): number {
  const row = endPosition.column === 0 ? endPosition.row - 1 : endPosition.row;
  return Math.max(startPosition.row, row);
}

/** The first line with words of the comment right above a declaration. */
function keepSummary(comment: Node, node: Node, rows: Set<number>): void {
  if (!comment.type.includes('comment')) return;
  const from = comment.startPosition.row;
  if (node.startPosition.row - lastRow(comment) > 1) return;
  const said = comment.text.split('\n').findIndex(line => /\p{L}{2}/u.test(line));
  if (said >= 0) rows.add(from + said);
}
