import assert from 'node:assert/strict';
import { languageOf } from '../../../src/core/workspace/language.ts';

describe('language of a path', () => {
  const cases: [string, string][] = [
    ['src/a.ts', 'typescript'],
    ['src/a.d.mts', 'typescript'],
    ['a.TSX', 'typescriptreact'],
    ['x/Dockerfile', 'dockerfile'],
    ['x/Dockerfile.dev', 'dockerfile'],
    ['Makefile', 'makefile'],
    ['CMakeLists.txt', 'cmake'],
    ['tsconfig.json', 'jsonc'],
    ['data.json', 'json'],
    ['.env', 'dotenv'],
    ['.env.local', 'dotenv'],
    ['go.mod', 'go.mod'],
    ['a.cs', 'csharp'],
    ['a.h', 'cpp'],
    ['a.m', 'objective-c'],
    ['a.sh', 'shellscript'],
    ['.bashrc', 'shellscript'],
    ['a.rs', 'rust'],
    ['a.py/b', 'plaintext'],
    ['LICENSE', 'plaintext'],
    ['a.unknown', 'plaintext'],
    ['__proto__', 'plaintext'],
    ['a.constructor', 'plaintext'],
    ['a.__proto__', 'plaintext'],
  ];
  for (const [path, id] of cases) it(`${path}: ${id}`, () => assert.equal(languageOf(path), id));
});
