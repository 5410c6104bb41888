import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../src/vending/policy/policy.ts';

const RULE = {
  name: 'orders',
  callers: { queues: ['orders'] },
  organizations: ['*'],
  environments: ['*'],
  clusters: ['*'],
};
const linesOf = (change: object): readonly string[] => {
  const parsed = parsePolicy(JSON.stringify({ rules: [{ ...RULE, ...change }] }));
  return parsed.kind === 'valid' ? [] : parsed.lines;
};
const pathsOf = (change: object): readonly string[] => linesOf(change).map((line) => line.split(': ')[0] ?? '');

describe.each<[string, string, (text: string) => object, string, readonly string[]]>([
  ['rule', 'name', (name) => ({ name }), 'n'.repeat(64), ['-n', 'n'.repeat(65)]],
  [
    'role',
    'callers.roles[0]',
    (role) => ({ callers: { roles: [role] } }),
    'r'.repeat(120),
    ['r'.repeat(121), ' r', 'r ', 'a r', 'ä'],
  ],
  [
    'queue',
    'callers.queues[0]',
    (queue) => ({ callers: { queues: [queue] } }),
    'q'.repeat(260),
    ['q'.repeat(261), '-q', '/q', 'q ', 'a q'],
  ],
  [
    'prefix',
    'secretNamePrefix',
    (secretNamePrefix) => ({ secretNamePrefix }),
    'p'.repeat(64),
    ['p'.repeat(65), '_p', 'p_', 'p/'],
  ],
])('the name of a %s', (_, path, changeTo, longest, refused) => {
  it('has a bound', () => {
    expect(linesOf(changeTo(longest))).toEqual([]);
  });

  it.each(refused)('is not %j', (text) => {
    expect(pathsOf(changeTo(text))).toEqual([`rules[0].${path}`]);
  });
});

it('managers that are no object are refused as such', () => {
  expect(linesOf({ managers: [] })).toEqual(['rules[0].managers: must be an object']);
});

it('an overlap of a day is no short one', () => {
  expect(linesOf({ overlap: 'PT24H' })).toEqual([]);
  expect(pathsOf({ overlap: 'PT23H59M59S' })).toEqual(['rules[0].overlap']);
});
