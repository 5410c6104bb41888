import { describe, expect, it } from 'vitest';
import type { Target } from '../../../src/vending/model/resources.ts';
import { isTaggedWith, readRowTags, readTags, tagsOf } from '../../../src/vending/secret/naming.ts';
import { DAY, FIRST, ID, NOW, rows, SECOND } from '../model/credentials.ts';

const stored = { attempt: FIRST, keyId: 'KEY1', owner: 'sa-1', expiresOn: NOW + 90 * DAY, now: NOW };

/** An address of so many characters, with an organization that may be one. */
function addressOf(length: number): string {
  const { subscriptionId } = rows.minting().target;
  const head = `/subscriptions/${subscriptionId}/resourceGroups/${'g'.repeat(90)}/providers/Microsoft.Confluent/organizations/`;
  return head + 'o'.repeat(length - head.length);
}

/** The address that tags say of a target that may be none. */
function within(target: Partial<Target>): string {
  const { ProviderAddress = '' } = tagsOf(rows.minting({ target: { ...rows.minting().target, ...target } }), stored);
  return ProviderAddress;
}

describe('the tags of a version', () => {
  it('say whose it is, and hold what a lost row can be rebuilt from', () => {
    const tags = tagsOf(rows.minting(), stored);
    expect(readTags(tags)).toEqual({ id: ID, ...FIRST, keyId: 'KEY1' });
    expect(tags).toMatchObject({
      'vend-caller': 'queue:orders',
      'vend-request': 'ab'.repeat(32),
      'vend-rule': 'orders',
      environment: 'env-12132',
      cluster: 'lkc-1126wj',
      owner: 'sa-1',
      CredentialId: 'KEY1',
      ProviderAddress:
        '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myResourceGroup/providers/Microsoft.Confluent/organizations/myOrganization',
      ValidityPeriodDays: '90',
    });
  });

  it('give back what the row was made of', () => {
    const { caller, requestHash, target, grant } = rows.minting();
    expect(readRowTags(tagsOf(rows.minting(), stored))).toEqual({ caller, requestHash, target, rule: grant.rule });
  });

  it.each([
    ['a caller that was cut', { 'vend-caller': 'q'.repeat(256) }],
    ['an address that names no organization', { ProviderAddress: `/subscriptions/${'s'.repeat(200)}` }],
    ['an address within another', { ProviderAddress: `x${within({})}` }],
    ['an address that goes on', { ProviderAddress: `${within({})}/apiKeys/KEY1` }],
    ['an address that was cut within a legal name', { ProviderAddress: addressOf(256) }],
    ['no rule', { 'vend-rule': '' }],
    ['a hash that is none', { 'vend-request': 'AB'.repeat(32) }],
    ['a hash of 63 digits', { 'vend-request': 'a'.repeat(63) }],
    ['a hash of 65 digits', { 'vend-request': 'a'.repeat(65) }],
    ['a rule that was cut', { 'vend-rule': 'r'.repeat(256) }],
    ['no caller', { 'vend-caller': '' }],
    ['a subscription that is none', { ProviderAddress: within({ subscriptionId: '..' }) }],
    ['a resource group that would leave its URL', { ProviderAddress: within({ resourceGroupName: '..' }) }],
    ['an organization that would leave its URL', { ProviderAddress: within({ organizationName: '..' }) }],
    ['an environment that would leave its URL', { environment: '..' }],
    ['a cluster that would leave its URL', { cluster: '..' }],
  ])('give back nothing with %s', (_, change) => {
    expect(readRowTags({ ...tagsOf(rows.minting(), stored), ...change })).toBeUndefined();
  });

  it.each([1, 255])('give back a caller and a rule of %d characters', (length) => {
    const [caller, rule] = ['c'.repeat(length), 'r'.repeat(length)];
    const tags = { ...tagsOf(rows.minting(), stored), 'vend-caller': caller, 'vend-rule': rule };
    expect(readRowTags(tags)).toMatchObject({ caller, rule });
  });

  it('give back an address that ends before the limit', () => {
    const tags = { ...tagsOf(rows.minting(), stored), ProviderAddress: addressOf(255) };
    expect(readRowTags(tags)?.target.organizationName).toMatch(/^o+$/);
  });

  it('are what Key Vault takes, with the longest values', () => {
    const tags = tagsOf(rows.minting({ caller: `queue:${'q'.repeat(260)}` }), { ...stored, owner: 'o'.repeat(300) });
    expect(Object.keys(tags).length).toBeLessThanOrEqual(15);
    for (const [name, value] of Object.entries(tags)) expect(name.length + value.length).toBeLessThanOrEqual(512);
    expect(Math.max(...Object.values(tags).map(({ length }) => length))).toBeLessThanOrEqual(256);
  });

  it('say nothing of an expiry that there is not, and round a short one up', () => {
    expect(tagsOf(rows.minting(), { ...stored, expiresOn: undefined })).not.toHaveProperty('ValidityPeriodDays');
    for (const expiresOn of [NOW, NOW + 1])
      expect(tagsOf(rows.minting(), { ...stored, expiresOn }).ValidityPeriodDays).toBe('1');
  });

  it('are of one attempt alone', () => {
    const tags = tagsOf(rows.minting(), stored);
    expect(isTaggedWith(tags, ID, FIRST)).toBe(true);
    expect(isTaggedWith(tags, ID, SECOND)).toBe(false);
    expect(isTaggedWith(tags, ID, { ...FIRST, nonce: 'cccccc' })).toBe(false);
    expect(isTaggedWith(tags, 'z'.repeat(26), FIRST)).toBe(false);
  });

  it.each([
    ['has none', {}],
    ['names no key', { 'vend-key': undefined }],
    ['has no nonce', { 'vend-nonce': undefined }],
    ['numbers its attempt in another way', { 'vend-attempt': '01' }],
    ['has a number of ten digits', { 'vend-attempt': '1'.repeat(10) }],
    ['has a number that is none', { 'vend-attempt': '1e3' }],
  ])('are not read where a version %s', (_, change) => {
    const tags = Object.entries({ ...tagsOf(rows.minting(), stored), ...change });
    const kept = tags.filter((tag): tag is [string, string] => tag[1] !== undefined);
    expect(readTags(Object.keys(change).length === 0 ? {} : Object.fromEntries(kept))).toBeUndefined();
  });
});
