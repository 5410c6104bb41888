import { expect, it } from 'vitest';
import type { BulkRecord } from '../../src/vending/model/audit.ts';
import type { Credential } from '../../src/vending/model/credential.ts';
import { type Row, rowOf } from '../../src/vending/model/rows.ts';
import { NOW, rows, TARGET } from '../vending/model/credentials.ts';
import { accountForBulks } from './account/bulks.ts';
import { LedgerView } from './evidence.ts';
import { BULK_FILTERS } from './orders.ts';

const [BULK, MEMBER, OTHER] = ['k', 'm', 'o'].map((letter) => letter.repeat(26)) as [string, string, string];
const { caller, cluster } = BULK_FILTERS.revoke;
const OF_BULK = { caller, target: { ...TARGET, clusterId: cluster } };
const REVOCATION = { revocation: { since: NOW, by: `operator:o bulk:${BULK}` } };
const RECORD: BulkRecord = {
  ...{ id: `${BULK}.0`, at: '2026-01-01T00:00:00Z', actor: 'operator:o', bulkId: BULK, sequence: 0 },
  ...{ state: 'running', operation: 'revoke', filter: { ...BULK_FILTERS.revoke }, count: 1 },
};

const bulk = rowOf('bulk', {
  ...{ id: BULK, operation: 'revoke', filter: { ...BULK_FILTERS.revoke }, by: 'operator:o', createdAt: NOW },
  ...{ count: 1, startId: 'w' },
});
const member = rowOf('member', { bulk: BULK, id: MEMBER, apiKeyId: 'KEY1' });
const credential = (of: Partial<Credential>): Row =>
  rowOf('credential', rows.vended({ id: MEMBER, ...OF_BULK, ...of }));

const found = (ledger: readonly Row[], records: readonly BulkRecord[] = [RECORD]): string[] =>
  accountForBulks(
    new LedgerView(ledger.map(({ key, value }) => ({ rowKey: key, document: JSON.stringify(value) }))),
    records,
  );

it('is content with members that were revoked, and with what was vended later', () => {
  expect(found([bulk, member, credential(REVOCATION), credential({ id: OTHER })])).toEqual([]);
});

it.each<[string, readonly Row[], readonly BulkRecord[]]>([
  [
    `bulk operation ${BULK}, revoke: its member ${MEMBER} neither ended as asked nor says why not`,
    [bulk, member, credential({})],
    [RECORD],
  ],
  [
    `bulk operation ${BULK}, revoke: its filter does not name its member ${MEMBER}`,
    [bulk, member, credential({ ...REVOCATION, caller: 'queue:other' })],
    [RECORD],
  ],
  [`bulk operation ${BULK}, revoke: it has 0 members, and counted 1`, [bulk], [RECORD]],
  [`bulk operation ${BULK}, revoke: its start is not in the audit trail`, [bulk, member, credential(REVOCATION)], []],
  [
    `credential ${OTHER} was revoked by a bulk operation that it is no member of`,
    [bulk, member, credential(REVOCATION), credential({ ...REVOCATION, id: OTHER })],
    [RECORD],
  ],
  [
    `bulk operation ${BULK} is not marked to its end`,
    [bulk, member, credential(REVOCATION), rowOf('marking', { id: BULK })],
    [RECORD],
  ],
])('finds that %s', (what, ledger, records) => {
  expect(found(ledger, records)).toEqual([what]);
});
