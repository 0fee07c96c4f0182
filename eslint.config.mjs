import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { arrows } from './tools/arrows.mjs';

const noGetConfiguration = {
  selector: 'Identifier[name="getConfiguration"]',
  message: 'Settings are read in one place: src/vscode/settings.ts.',
};

const noUriFile = {
  selector:
    'MemberExpression[property.name="file"]:matches([object.name="Uri"], [object.property.name="Uri"])',
  message: 'What leads from a path to a URI is src/vscode/places.ts: the file may stand in a copy.',
};

const nodeGlobals = Object.fromEntries(
  ['process', 'console', 'require', 'exports', 'module', 'URL', 'Buffer'].map(name => [name, 'readonly']),
);

export default defineConfig(
  globalIgnores(['dist/', '.longview-run/', 'test-results/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },
  js.configs.recommended,
  { files: ['**/*.{mjs,cjs}'], languageOptions: { globals: nodeGlobals } },
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // Looking for control characters is half of what reading files is about.
      'no-control-regex': 'off',
      'max-lines': ['error', { max: 450, skipBlankLines: false, skipComments: false }],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      // Without a parser for them import-x takes .ts files for opaque, and no-cycle sees no cycle.
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createTypeScriptImportResolver()],
    },
    rules: {
      'import-x/no-cycle': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      // A function may be async because its interface is.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { house: { rules: { arrows } } },
    rules: { 'house/arrows': 'error', 'no-restricted-syntax': ['error', noGetConfiguration, noUriFile] },
  },
  { files: ['src/vscode/settings.ts'], rules: { 'no-restricted-syntax': ['error', noUriFile] } },
  { files: ['src/vscode/places.ts'], rules: { 'no-restricted-syntax': ['error', noGetConfiguration] } },
  {
    files: ['test/**/*.ts'],
    // A wrong assumption fails the test either way, and nearer to where it was made.
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Tests read replies and reports as the outside does, by field.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
    },
  },
  prettier,
);
