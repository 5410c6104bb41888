import fc, { type Arbitrary } from 'fast-check';

/** Part of much of what the generators make up as a value: no answer and no log may repeat it. */
export const HUSH = 'hush-hush';

const INFAMOUS = [
  '',
  ' ',
  '.',
  '..',
  '../..',
  '%2e%2e',
  'a/b',
  'a\\b',
  'a?b#c',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  '-0',
  '1e400',
  '0x1F',
  '2026-02-30T25:61:00Z',
  'P1Y',
  'PT',
  'P-1D',
  'PT0.5S',
  'P999999999W',
  "' or '1' eq '1",
  '$'.concat('{jndi:ldap://x}'),
  '<script>',
  'vend:x.1',
  'VeNd:x.1',
  'line\r\nSet-Cookie: a=b',
  'env\u201112132',
  '\u0435nv-12132',
  '\uFF45\uFF4E\uFF56-12132',
  'portal-\u0131',
  '\uD83D\uDE00'.repeat(64),
  'e\u0301'.repeat(64),
];
const INTRUDERS = [
  '\u0000',
  '\t',
  '\n',
  '\u007F',
  '\u0085',
  '\u200B',
  '\u202E',
  '\u2028',
  '\uFEFF',
  '\uD800',
  '\uDFFF',
];
const BOUNDARIES = [0, 1, 36, 37, 63, 64, 65, 89, 90, 91, 126, 127, 128, 129, 199, 200, 201, 1_000];

const intruder = fc.oneof(
  { arbitrary: fc.constantFrom(...INTRUDERS), weight: 2 },
  { arbitrary: fc.constantFrom(' ', '.', '/', 'vend:', 'VEND:', 'é', '\u0430', '\uFF0E', '"'), weight: 2 },
  { arbitrary: fc.string({ maxLength: 3 }), weight: 1 },
);

/** A text with something foreign put into it, most often at an end. */
export const tainted = (text: string): Arbitrary<string> =>
  fc
    .tuple(fc.oneof(fc.constantFrom(0, text.length), fc.nat(text.length)), intruder)
    .map(([at, foreign]) => `${text.slice(0, at)}${foreign}${text.slice(at)}`);

export const hostileText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...INFAMOUS),
  tainted(HUSH),
  fc.string({ unit: 'binary', maxLength: 80 }).map((text) => `${HUSH}${text}`),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .tuple(fc.constantFrom('a', '0', '-', '.', 'é', '\u{1F600}'), fc.constantFrom(...BOUNDARIES))
    .map(([unit, length]) => unit.repeat(length)),
);

/** What the fields of a header can carry: the host lets no control characters but the tab through. */
export const headerText: Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 200 }),
  fc.string({ unit: fc.integer({ min: 0xa0, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 40 }),
  fc.constantFrom('', '\t', ',', ';', '=', '"', `${HUSH},${HUSH}`, 'a'.repeat(129), 'a'.repeat(4_000)),
);
