import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashRequest, resolveTarget, type VendRequest, validForMs } from '../../../src/vending/request/request.ts';

const minimal = { environmentId: 'env-12132', clusterId: 'lkc-1126wj', name: 'CI kafka access key' };
const target = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroupName: 'myResourceGroup',
  organizationName: 'myOrganization',
};
const complete = {
  ...minimal,
  ...target,
  description: 'This API key provides kafka access to cluster x',
  secretName: 'portal-kafka',
  secretFormat: 'jaas',
  validFor: 'P90D',
  idempotencyKey: 'order 4711/key-1',
} as const;

describe('validForMs', () => {
  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['PT1M', 60_000],
    ['PT90S', 90_000],
    ['PT12H', 43_200_000],
    ['P90D', 7_776_000_000],
    ['P2W', 1_209_600_000],
    ['P1W1DT1H1M1S', 694_861_000],
    ['P3650D', 315_360_000_000],
  ])('%s is %s ms', (validFor, ms) => {
    expect(validForMs(validFor === undefined ? minimal : { ...minimal, validFor })).toBe(ms);
  });
});

describe('hashRequest', () => {
  it('is the SHA-256 of canonical JSON', () => {
    expect(hashRequest(minimal)).toBe('09f465da79ad147bbcdd4a7986fb4edd06de152d727fe80cf0d8956dcd7e5c18');
  });

  it('does not depend on the order of the fields', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(Object.entries(complete), { minLength: Object.keys(complete).length }),
        (entries) => {
          expect(hashRequest(Object.fromEntries(entries) as unknown as VendRequest)).toBe(hashRequest(complete));
        },
      ),
    );
  });

  it('does not depend on where the idempotency key was written', () => {
    const { idempotencyKey: _, ...withoutKey } = complete;
    expect(hashRequest(withoutKey)).toBe(hashRequest(complete));
  });

  it.each(Object.keys(complete).filter((field) => field !== 'idempotencyKey'))('depends on %s', (field) => {
    const changed = { ...complete, [field]: 'other' } as unknown as VendRequest;
    const { [field as keyof typeof complete]: _, ...without } = complete;
    const hashes = [complete, changed, without as VendRequest].map(hashRequest);
    expect(new Set(hashes).size).toBe(3);
  });

  it('ignores how the names of Azure are spelled, and not how those of Confluent are', () => {
    const spelled = (change: object) => hashRequest({ ...complete, ...change });
    const ofAzure = { subscriptionId: 'ABCDEF01-2345-6789-abcd-ef0123456789', resourceGroupName: 'MyResourceGroup' };
    const other = { subscriptionId: 'abcdef01-2345-6789-ABCD-EF0123456789', resourceGroupName: 'MYRESOURCEGROUP' };
    expect(spelled(ofAzure)).toBe(spelled(other));
    expect(spelled({ organizationName: 'MYORGANIZATION' })).toBe(hashRequest(complete));
    for (const field of ['environmentId', 'clusterId', 'name', 'secretName'] as const)
      expect(spelled({ [field]: complete[field].toUpperCase() })).not.toBe(hashRequest(complete));
  });

  it('does not depend on validateOnly', () => {
    expect(hashRequest({ ...complete, validateOnly: true })).toBe(hashRequest(complete));
  });

  it('is of what the caller sent: a default spelled out is another payload', () => {
    expect(hashRequest({ ...minimal, secretFormat: 'secret' })).not.toBe(hashRequest(minimal));
  });
});

describe('resolveTarget', () => {
  it("takes the request's own target before the configured one", () => {
    const defaults = { ...target, organizationName: 'other', resourceGroupName: 'other' };
    const { environmentId, clusterId } = complete;
    expect(resolveTarget(complete, defaults)).toEqual({
      kind: 'valid',
      value: { ...target, environmentId, clusterId },
    });
  });

  it('fills in what the request leaves out', () => {
    const { environmentId, clusterId } = minimal;
    expect(resolveTarget({ ...minimal, organizationName: 'mine' }, target)).toEqual({
      kind: 'valid',
      value: { ...target, organizationName: 'mine', environmentId, clusterId },
    });
  });

  it('names each field that has neither value nor default', () => {
    expect(resolveTarget(minimal, { resourceGroupName: 'myResourceGroup' })).toEqual({
      kind: 'invalid',
      errors: ['/subscriptionId', '/organizationName'].map((pointer) => ({
        pointer,
        detail: 'is required: no default is configured',
      })),
    });
  });
});
