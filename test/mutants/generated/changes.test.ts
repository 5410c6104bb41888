import { describe, expect, it } from 'vitest';
import { changesOf } from './changes.ts';

const shown = (text: string): readonly string[] => changesOf('src/x.ts', text).map(({ was, now }) => `${was} → ${now}`);

describe('the changes of a text', () => {
  it.each<readonly [text: string, changes: readonly string[]]>([
    ['if (a) b;', ['a → true', 'a → false', 'b; → ;']],
    ['const x = a ? b : c;', ['a → true', 'a → false']],
    ['const x = a === b;', ['a === b → a !== b']],
    ['const x = a < b;', ['a < b → a <= b', 'a < b → a >= b']],
    ['const x = a && b;', ['a && b → (a)', 'a && b → (b)']],
    ['const x = a ?? b;', ['a ?? b → (a)', 'a ?? b → (b)']],
    ['const x = !a;', ['!a → (a)']],
    ['const x = a - b;', ['a - b → a + b']],
    ['const x = 0;', ['0 → 1']],
    ['const x = 7;', ['7 → 8', '7 → 6']],
    ['const x = 30_000;', ['30_000 → 60000', '30_000 → 15000']],
    ['const x = true;', ['true → false']],
    ['const x = [a, b];', ['a, → ', ', b → ']],
    ['const x = { a, ...b };', ['a, → ', ', ...b → ']],
    ['const x = a.b(c);', ['a.b(c) → (a)', 'c → ']],
    ['const x = new A(b, c);', [', c → ']],
    ['const x = await a;', ['await a → (a)']],
    ['throw a;', ['throw a; → ;']],
    [
      'const x = /^a{2}b$/i;',
      ['/^a{2}b$/i → /a{2}b$/i', '/^a{2}b$/i → /^a{2}b/i', '/^a{2}b$/i → /^a*b$/i', '/^a{2}b$/i → /^a{2}b$/'],
    ],
    ['switch (a) { case b: case c: default: }', ['case b: → ', 'case c: → ']],
  ])('%s', (text, changes) => {
    expect(shown(text)).toEqual(changes);
  });

  it('leaves types, imports and texts alone', () => {
    expect(shown("import a from 'a';\ntype T = 1 | [true];\ninterface I { a: 2 }\nconst x: 3 = 'a';")).toEqual([]);
  });

  it('turns a comparison by its condition alone', () => {
    expect(shown('if (a === b) c;')).toEqual(['a === b → true', 'a === b → false', 'c; → ;']);
  });

  it('gives the file with one change, where it stands, and the function around it', () => {
    const text = "const é = '×';\nconst f = () =>\n  g(() => 1);\n";
    expect(changesOf('src/x.ts', text).at(-1)).toEqual({
      file: 'src/x.ts',
      line: 3,
      code: 'g(() => 1);',
      was: '1',
      now: '0',
      within: text.indexOf('() => 1'),
      mutated: text.replace('1', '0'),
    });
  });
});
