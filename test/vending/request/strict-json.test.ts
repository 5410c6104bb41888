import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from '../../../src/vending/request/strict-json.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('parseStrictJson', () => {
  it.each<[string, string | Uint8Array, unknown]>([
    ['an object', '{"a":[1,{"b":null}],"c":"d"}', { a: [1, { b: null }], c: 'd' }],
    ['UTF-8 bytes', new TextEncoder().encode('{"ä":"🔑"}'), { ä: '🔑' }],
    ['a byte order mark in bytes', bytes(0xef, 0xbb, 0xbf, 0x7b, 0x7d), {}],
    ['a byte order mark in a string', '\uFEFF{}', {}],
    ['a byte order mark in a value', '{"a":"\uFEFF"}', { a: '\uFEFF' }],
    ['a scalar', '1', 1],
    ['16 levels of arrays', nested(16), JSON.parse(nested(16))],
    ['16 levels of objects', objects(16), JSON.parse(objects(16))],
    ['one name in sibling objects', '[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['one name in nested objects', '{"a":{"a":1}}', { a: { a: 1 } }],
    ['a value equal to a name', '{"a":"a","b":["a","a"]}', { a: 'a', b: ['a', 'a'] }],
    [
      'brackets, quotes and commas in strings',
      String.raw`{"[{\",":"}]\\","b":"\"a\":"}`,
      { '[{",': '}]\\', b: '"a":' },
    ],
    ['many brackets in a string', JSON.stringify('['.repeat(100)), '['.repeat(100)],
  ])('reads %s', (_, text, value) => {
    expect(parseStrictJson(text)).toStrictEqual({ kind: 'parsed', value });
  });

  it.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'the text is empty'],
    ['no bytes', bytes(), 'the text is empty'],
    ['white space', ' \n', 'the text is empty'],
    ['a byte order mark alone', '\uFEFF', 'the text is empty'],
    ['two byte order marks', '\uFEFF\uFEFF{}', 'the text is not valid JSON'],
    ['an overlong encoding', bytes(0x22, 0xc0, 0xaf, 0x22), 'the text is not valid UTF-8'],
    ['a truncated sequence', bytes(0x22, 0xe2, 0x82, 0x22), 'the text is not valid UTF-8'],
    ['an encoded surrogate', bytes(0x22, 0xed, 0xa0, 0x80, 0x22), 'the text is not valid UTF-8'],
    ['UTF-16', bytes(0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00), 'the text is not valid UTF-8'],
    ['a line comment', '{} // c', 'the text is not valid JSON (line 1 column 4)'],
    ['a block comment', '/* c */ {}', 'the text is not valid JSON'],
    ['a trailing comma', '{"a":1,}', 'the text is not valid JSON (line 1 column 8)'],
    ['a single-quoted name', "{'a':1}", 'the text is not valid JSON (line 1 column 2)'],
    ['what looks like a place in the text', '(line 7 column 7)', 'the text is not valid JSON'],
    ['two values', '{}\n{}', 'the text is not valid JSON (line 2 column 1)'],
    ['a cut text', '{"a":', 'the text is not valid JSON'],
    ['NaN', '{"a":NaN}', 'the text is not valid JSON'],
    ['a raw control character', '{"a":"\u0001"}', 'the text is not valid JSON (line 1 column 7)'],
    ['17 levels of arrays', nested(17), 'the text is nested more than 16 levels deep'],
    ['17 levels of objects', objects(17), 'the text is nested more than 16 levels deep'],
    ['100,000 levels', nested(100_000), 'the text is nested more than 16 levels deep'],
    ['100,000 open brackets', '['.repeat(100_000), 'the text is not valid JSON'],
    ['a name twice', '{"a":1,"b":2,"a":1}', 'the name /a occurs more than once'],
    ['a name twice, once escaped', String.raw`{"a":1,"\u0061":2}`, 'the name /a occurs more than once'],
    ['a name twice, deep', '{"x":[0,{"y":{"z":1,"z":2}}]}', 'the name /x/1/y/z occurs more than once'],
    ['a name twice, around a nested object', '{"a":{"a":[1,2]},"a":1}', 'the name /a occurs more than once'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'the name /__proto__ occurs more than once'],
    ['the empty name twice', '{"":1,"":2}', 'the name / occurs more than once'],
    ['names with pointer syntax', '{"a/b~":1,"a/b~":2}', 'the name /a~1b~0 occurs more than once'],
    ['control characters in a name', String.raw`{"\n":1,"\n":2}`, 'the name /\uFFFD occurs more than once'],
    [
      'a long name',
      `{"${'n'.repeat(99)}":1,"${'n'.repeat(99)}":2}`,
      `the name /${'n'.repeat(64)}… occurs more than once`,
    ],
  ])('refuses %s', (_, text, detail) => {
    expect(parseStrictJson(text)).toEqual({ kind: 'malformed', detail });
  });

  it('repeats no value of a text that it refuses', () => {
    for (const text of [
      '{"password":hunter2}',
      '{"password":"hunter2",}',
      'hunter2',
      '{"a":"hunter2","a":"hunter2"}',
    ]) {
      expect(JSON.stringify(parseStrictJson(text))).not.toContain('hunter');
    }
  });

  it('gives nothing a prototype', () => {
    const parsed = parseStrictJson('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    const value = parsed.kind === 'parsed' ? parsed.value : undefined;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value ?? {})).toEqual(['__proto__', 'constructor']);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('survives a long string', () => {
    expect(parseStrictJson(JSON.stringify('"\\x'.repeat(500_000))).kind).toBe('parsed');
  });

  it('agrees with JSON.parse on JSON without duplicate names', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseStrictJson(text)).toStrictEqual({ kind: 'parsed', value: JSON.parse(text) });
      }),
    );
  });

  it('accepts nothing that JSON.parse refuses, and throws nothing', () => {
    const soup = fc.string({ unit: fc.constantFrom(...'{}[]:,"\\u0a1 '), maxLength: 40 });
    fc.assert(
      fc.property(soup, (text) => {
        const parsed = parseStrictJson(text);
        if (parsed.kind === 'parsed') expect(JSON.parse(text)).toStrictEqual(parsed.value);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds every repeated name, wherever it is', () => {
    const members = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(members, fc.nat(), fc.jsonValue({ maxDepth: 2 }), (names, pick, value) => {
        const repeated = [...names, names[pick % names.length] ?? ''];
        const text = repeated.map((name) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',');
        expect(parseStrictJson(`[{${text}}]`).kind).toBe('malformed');
      }),
    );
  });
});
