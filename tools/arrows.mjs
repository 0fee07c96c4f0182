import { dirname, join, relative, resolve } from 'node:path';

/**
 * The house: what each room under src/ may import besides itself and the loose files of src/core (errors.ts, …),
 * which are common ground and import no room. What is not listed is refused, so a new room has to be given its
 * place here before it can import anything.
 */
const rooms = {
  'core/workspace': [],
  'core/tokens': [],
  'core/endpoint': [],
  'core/pack': ['core/workspace', 'core/tokens', 'core/endpoint'],
  'core/review': ['core/workspace', 'core/tokens', 'core/endpoint', 'core/pack'],
  'core/lab': ['core/workspace', 'core/tokens', 'core/endpoint', 'core/pack', 'core/review'],
  // Reached only through the endpoint interface: hosts wire it in, nothing else in core imports it.
  'core/offline': ['core/workspace', 'core/tokens', 'core/endpoint', 'core/pack'],
  vscode: ['core', 'package.json', 'vscode module'],
  cli: ['core', 'package.json'],
  webview: ['core'],
};

const commonGround = 'core/*.ts';

/** ESLint rule: imports under src/ follow the table above. Works on paths alone, so it needs no resolver. */
export const arrows = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      refused: '{{from}} must not import {{to}} (the house: tools/arrows.mjs).',
      homeless: '{{from}} is no room of the house: give it a place in tools/arrows.mjs.',
    },
  },
  create(context) {
    const src = resolve(context.cwd, 'src');
    const from = roomOf(relative(src, context.filename));
    if (from === undefined) return {};

    function check(source) {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const to = target(source.value);
      if (to === undefined || to === from || to === commonGround) return;
      const may = from === commonGround ? [] : rooms[from];
      if (may === undefined) context.report({ node: source, messageId: 'homeless', data: { from } });
      else if (!may.some(room => to === room || to.startsWith(`${room}/`)))
        context.report({ node: source, messageId: 'refused', data: { from: `src/${from}`, to } });
    }

    function target(specifier) {
      if (specifier === 'vscode') return 'vscode module';
      if (!specifier.startsWith('.')) return undefined;
      const path = relative(src, resolve(dirname(context.filename), specifier));
      if (path === join('..', 'package.json')) return 'package.json';
      return roomOf(path) ?? `${specifier}, outside src`;
    }

    return {
      ImportDeclaration: node => check(node.source),
      ImportExpression: node => check(node.source),
      ExportAllDeclaration: node => check(node.source),
      ExportNamedDeclaration: node => check(node.source),
      TSImportType: node => check(node.source ?? node.argument?.literal),
    };
  },
};

/** The room of a path relative to src/, or undefined outside it. */
function roomOf(path) {
  const [first, second, third] = path.split(/[\\/]/);
  if (first === '..' || first === '') return undefined;
  if (first !== 'core') return first;
  return third === undefined ? commonGround : `core/${second}`;
}
