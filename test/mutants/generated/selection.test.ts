import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Change } from './changes.ts';
import { testsFor, testsReaching } from './selection.ts';

const PROJECT = join(import.meta.dirname, '../../..');

it.each([
  ['src/azure/arm/answer.ts', 'test/azure/ledger/list.test.ts', 'test/vending/commands/list.test.ts'],
  ['src/azure/http.ts', 'test/handlers.test.ts', 'test/functions/timer.test.ts'],
  ['src/config.ts', 'test/config.test.ts', 'test/azure/deadline.test.ts'],
  ['src/functions/timer.ts', 'test/functions/timer.test.ts', 'test/vending/commands/list.test.ts'],
  ['src/vending/saga/mint.ts', 'test/functions/timer.test.ts', 'test/azure/deadline.test.ts'],
])('asks for %s such tests as %s, not %s', (file, asked, other) => {
  const tests = testsFor(file, PROJECT);
  expect(tests).toContain(asked);
  expect(tests).not.toContain(other);
});

it('asks those that run the changed function, the nearest first and then the quickest', () => {
  const change: Change = { file: 'src/azure/arm/x.ts', line: 1, code: '', was: '', now: '', within: 7, mutated: '' };
  const result = (test: string, ms: number, within = 7) => ({
    test,
    ok: true,
    ms,
    reached: [`src/azure/arm/x.ts:${within}`],
  });
  const results = [
    result('test/config.test.ts', 1),
    result('test/azure/vault/a.test.ts', 2),
    result('test/azure/arm/slow.test.ts', 9),
    result('test/azure/arm/quick.test.ts', 8),
    result('test/azure/arm/other.test.ts', 1, 8),
  ];
  expect(testsReaching(change, results).map(({ test }) => test)).toEqual([
    'test/azure/arm/quick.test.ts',
    'test/azure/arm/slow.test.ts',
    'test/azure/vault/a.test.ts',
    'test/config.test.ts',
  ]);
});
