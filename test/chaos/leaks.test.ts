import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { LeakSearch } from './leaks.ts';

const SECRET = `cflt${randomBytes(45).toString('base64')}`;
const OTHER = `cflt${randomBytes(45).toString('base64')}`;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const SHAPES: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => text],
  ['in JSON', (text) => JSON.stringify({ text }).replaceAll('/', '\\/')],
  ['in a URL', encodeURIComponent],
  ['in hex', (text) => Buffer.from(text).toString('hex')],
  ['in base64', base64],
  ['in base64 behind one byte', (text) => base64(`:${text}`)],
  ['in base64 behind two bytes', (text) => base64(`k:${text}`)],
];

it.each(SHAPES)('a secret %s is found where it was seen, and no other', (_shape, shown) => {
  const search = new LeakSearch();
  search.look('a log line', `nothing; ${shown(SECRET)}, and more`);
  search.look('an answer', shown(OTHER));
  expect(search.found([SECRET])).toEqual(['a log line']);
});
