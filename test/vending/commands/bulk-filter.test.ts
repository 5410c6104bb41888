import { expect, it } from 'vitest';
import { filterSchema } from '../../../src/vending/commands/filter.ts';
import { textsOf } from '../../../src/vending/review/bulk.ts';

it('a row keeps the dates of a filter as numbers, and the filter is shown, audited and read again as it was written', () => {
  const written = {
    ...{ status: 'vended', caller: 'queue:orders', organization: 'myOrganization', environment: 'env-12132' },
    ...{ cluster: 'lkc-1126wj', rule: 'orders', apiKeyId: 'KEY404', secretName: '2026' },
    ...{ vendedBefore: '2026-01-02T00:00:00.000Z', vendedAfter: '2025-01-01T00:00:00.000Z' },
    ...{ expiresBefore: '2027-01-02T00:00:00.000Z', expiresAfter: '2026-01-01T00:00:00.000Z' },
  };
  expect(Object.keys(written)).toEqual(Object.keys(filterSchema.shape));
  expect(textsOf(filterSchema.parse(written))).toEqual(written);
});
