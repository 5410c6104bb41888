import { expect, it } from 'vitest';
import { parseNcrontab } from '../../../src/sandbox/host/ncrontab.ts';

it.each([
  ['0 * * * * *', '2026-01-31T23:59:30Z', '2026-02-01T00:00:00Z'],
  ['0 */5 * * * *', '2026-01-01T00:05:00Z', '2026-01-01T00:10:00Z'],
  ['10,40 0 0 * * *', '2026-01-01T00:00:10Z', '2026-01-01T00:00:40Z'],
  ['0 30 9-11 * * MON-FRI', '2026-01-02T11:30:00Z', '2026-01-05T09:30:00Z'],
  ['0 0 0 29 FEB *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['0 0 0 13 * 5', '2026-01-01T00:00:00Z', '2026-02-13T00:00:00Z'],
  ['5/20 0 0 1 1 *', '2025-12-31T23:59:59.500Z', '2026-01-01T00:00:05Z'],
])('%s after %s is %s', (expression, after, next) => {
  expect(parseNcrontab(expression)(new Date(after))).toEqual(new Date(next));
});

it.each([
  '',
  '* * * * *',
  '60 * * * * *',
  '* * 24 * * *',
  '* * * 0 * *',
  '* * * * FOO *',
  '0 0 0 31 2 *',
  '*/0 * * * * *',
])('refuses "%s"', (expression) => {
  expect(() => parseNcrontab(expression)).toThrow('NCRONTAB');
});
