import { describe, expect, it } from 'vitest';
import {
  API_KEY_ID,
  CLUSTER_ID,
  ENVIRONMENT_ID,
  ORGANIZATION_NAME,
  RESOURCE_GROUP_NAME,
  SUBSCRIPTION_ID,
} from '../../../src/vending/model/resources.ts';

const uuid = (...digits: readonly number[]): string => digits.map((count) => 'a'.repeat(count)).join('-');
const ends = ['', '..', 'a/b', 'a b', '/a', 'a/', ' a', 'a ', 'a\n'];

describe.each<[string, RegExp, readonly string[], readonly string[]]>([
  [
    'a subscription',
    SUBSCRIPTION_ID,
    [uuid(8, 4, 4, 4, 12)],
    [
      ...[uuid(7, 4, 4, 4, 12), uuid(9, 4, 4, 4, 12), uuid(8, 3, 4, 4, 12), uuid(8, 5, 4, 4, 12)],
      ...[uuid(8, 4, 4, 12), uuid(8, 4, 4, 4, 4, 12), uuid(8, 4, 4, 4, 11), uuid(8, 4, 4, 4, 13)],
    ],
  ],
  ['a resource group', RESOURCE_GROUP_NAME, ['a', '(a.)', 'a'.repeat(90)], ['a'.repeat(91), 'a.']],
  ['an organization', ORGANIZATION_NAME, ['a', 'a.', 'a'.repeat(64)], ['a'.repeat(65), '.a', '-a']],
  ['an environment', ENVIRONMENT_ID, ['a', 'a_-', 'a'.repeat(64)], ['a'.repeat(65), '-a', 'a.b']],
  ['a cluster', CLUSTER_ID, ['a', 'a_-', 'a'.repeat(64)], ['a'.repeat(65), '-a', 'a.b']],
  ['an API key', API_KEY_ID, ['a', '-a_', 'a'.repeat(64)], ['a'.repeat(65), 'a.b']],
])('the name of %s, which stands in a URL,', (_, pattern, taken, refused) => {
  it.each(taken)('may be %j', (name) => {
    expect(pattern.test(name)).toBe(true);
  });

  it.each([...ends, ...refused])('is not %j', (name) => {
    expect(pattern.test(name)).toBe(false);
  });
});
