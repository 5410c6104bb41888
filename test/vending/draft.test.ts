import { expect, it } from 'vitest';
import { draftIntent } from '../../src/vending/draft.ts';
import type { Grant } from '../../src/vending/policy/policy.ts';
import type { VendRequest } from '../../src/vending/request/request.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const DAY = 86_400_000;
const HOUR = 3_600_000;
const TARGET = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroupName: 'myResourceGroup',
  organizationName: 'myOrganization',
  environmentId: 'env-12132',
  clusterId: 'lkc-1126wj',
};

function draft(request: Partial<VendRequest>, grant: Partial<Grant>) {
  const command = {
    caller: { id: 'queue:orders', roles: [] },
    key: { kind: 'key', key: 'order-1' },
    request: { environmentId: 'env-12132', clusterId: 'lkc-1126wj', name: 'orders', ...request },
  } as const;
  const place = { vaultUrl: 'https://v.vault.azure.net', now: NOW };
  return draftIntent(
    command,
    TARGET,
    { rule: 'orders', overlapMs: 25 * HOUR, minOverlapMs: 24 * HOUR, revokeAtExpiry: false, ...grant },
    place,
  );
}

it.each<[string, string | undefined, number | undefined, string | undefined]>([
  ['neither asked for nor limited: none', undefined, undefined, undefined],
  ['asked for, not limited: as asked', 'P1D', undefined, '2026-01-02T00:00:00.000Z'],
  ['asked for within the limit: as asked', 'P1D', 2 * DAY, '2026-01-02T00:00:00.000Z'],
  ['asked for up to the limit: as asked', 'P2D', 2 * DAY, '2026-01-03T00:00:00.000Z'],
  ['limited, not asked for: the limit', undefined, 2 * DAY, '2026-01-03T00:00:00.000Z'],
])('an expiry %s', (_, validFor, maxValidForMs, expiresOn) => {
  const drafted = draft(
    validFor === undefined ? {} : { validFor },
    maxValidForMs === undefined ? {} : { maxValidForMs },
  );
  expect(drafted.kind === 'drafted' && drafted.draft.expiresOn).toBe(expiresOn);
});

it('a validFor beyond the limit is refused', () => {
  const refused = draft({ validFor: 'P2DT1S' }, { maxValidForMs: 2 * DAY });
  expect(refused).toMatchObject({ kind: 'invalid', error: { pointer: '/validFor' } });
});

it.each([
  ['the configured vault', {}, 'https://v.vault.azure.net'],
  ['policy’s own vault', { vaultUrl: 'https://orders.vault.azure.net' }, 'https://orders.vault.azure.net'],
])('the secret goes to %s', (_, grant, vaultUrl) => {
  expect(draft({}, grant)).toMatchObject({ draft: { vaultUrl } });
});

it.each([
  ['without a prefix in policy', {}],
  ['outside policy’s prefix', { secretNamePrefix: 'payments-' }],
])('a chosen name %s is refused', (_, grant) => {
  expect(draft({ secretName: 'orders-key' }, grant)).toMatchObject({
    kind: 'invalid',
    error: { pointer: '/secretName' },
  });
});

it('a chosen name is taken as it is, and one that is not chosen made from cluster, name and intent', () => {
  expect(draft({ secretName: 'orders-Key' }, { secretNamePrefix: 'orders-' })).toMatchObject({
    draft: { secretName: 'orders-Key' },
  });
  expect(draft({}, {})).toMatchObject({
    draft: { secretName: expect.stringMatching(/^ck-lkc-1126wj-orders-[a-z2-7]{10}$/) },
  });
});
