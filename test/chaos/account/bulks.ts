import type { BulkProgress } from '../../../src/vending/commands/bulk-progress.ts';
import type { BulkRecord } from '../../../src/vending/model/audit.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { openReason } from '../../../src/vending/model/due.ts';
import type { RowOf } from '../../../src/vending/model/rows.ts';
import { SKEW_MS } from '../clocks.ts';
import type { LedgerView } from '../evidence.ts';
import { BULK_FILTERS } from '../orders.ts';

type Bulk = RowOf<'bulk'>;

/**
 * Every member of a bulk operation ended as was asked, or says why not. Nothing else was touched, neither what the filter
 * does not name nor what was vended later.
 */
export function accountForBulks(ledger: LedgerView, records: readonly BulkRecord[]): string[] {
  const begun = ledger.of('bulk').filter(({ preparing }) => preparing === undefined);
  const members = new Map(begun.map(({ id }) => [id, ledger.of('member').filter(({ bulk }) => bulk === id)]));
  const revoked = [...ledger.credentials.values()].filter(({ revocation }) => revocation?.by.includes(' bulk:'));
  return [
    ...ledger.of('marking').map(({ id }) => `bulk operation ${id} is not marked to its end`),
    ...begun.flatMap((bulk) => accountFor(bulk, members.get(bulk.id) ?? [], ledger, records)),
    ...revoked
      .filter(({ id, revocation }) => {
        const [, by = ''] = revocation?.by.split(' bulk:') ?? [];
        return !members.get(by)?.some((member) => member.id === id);
      })
      .map(({ id }) => `credential ${id} was revoked by a bulk operation that it is no member of`),
  ];
}

function accountFor(
  bulk: Bulk,
  members: readonly RowOf<'member'>[],
  { credentials }: LedgerView,
  records: readonly BulkRecord[],
): string[] {
  const isRecorded = records.some(
    ({ bulkId, sequence, count }) => bulkId === bulk.id && sequence === 0 && count === bulk.count,
  );
  return [
    ...(isRecorded ? [] : ['its start is not in the audit trail']),
    ...(members.length === bulk.count ? [] : [`it has ${members.length} members, and counted ${bulk.count}`]),
    ...members.flatMap(({ id, apiKeyId }) => {
      const row = credentials.get(id);
      if (row === undefined) return [`its member ${id} is gone`];
      const isNamed = row.caller === bulk.filter.caller && row.target.clusterId === bulk.filter.cluster;
      return [
        ...(isNamed ? [] : [`its filter does not name its member ${id}`]),
        ...(isOver(bulk, row, apiKeyId) ? [] : [`its member ${id} neither ended as asked nor says why not`]),
      ];
    }),
  ].map((what) => `bulk operation ${bulk.id}, ${bulk.operation}: ${what}`);
}

function isOver({ operation }: Bulk, row: Credential, keyId: string | undefined): boolean {
  const { revocation, current, failure } = row;
  if (revocation !== undefined) return true;
  if (operation === 'revoke') return false;
  const askedAt = current?.rotationAskedAt ?? Number.POSITIVE_INFINITY;
  const hasFailed = failure?.forRotation === true && failure.since >= askedAt - SKEW_MS;
  return current?.key.id !== keyId || hasFailed || openReason(row) !== undefined;
}

/** In the end the API says what the ledger holds: nothing is left, and later vends are reported. */
export function accountForProgress(
  ledger: LedgerView,
  progress: ReadonlyMap<string, BulkProgress | undefined>,
): string[] {
  return ledger
    .of('bulk')
    .filter(({ preparing }) => preparing === undefined)
    .flatMap(({ id, operation, count }) => {
      const read = progress.get(id);
      if (read === undefined) return [`bulk operation ${id} cannot be read`];
      const { caller, cluster } = BULK_FILTERS[operation];
      const members = new Set(ledger.of('member').flatMap((member) => (member.bulk === id ? [member.id] : [])));
      const late = [...ledger.credentials.values()].filter(
        (row) =>
          row.caller === caller &&
          row.target.clusterId === cluster &&
          !members.has(row.id) &&
          row.revocation === undefined &&
          (row.current !== undefined || (operation === 'revoke' && row.work !== undefined)),
      );
      const wrong = late.filter((row) => !read.remaining.includes(row.id));
      return [
        ...(read.left === 0 ? [] : [`${read.left} members are left`]),
        ...(read.done + read.failedCount + read.left === count ? [] : ['its members do not add up']),
        ...wrong.map((row) => `credential ${row.id}, which was vended later, is not reported`),
        ...(read.remainingCount === late.length
          ? []
          : [`it reports ${read.remainingCount}, and ${late.length} are later`]),
      ].map((what) => `bulk operation ${id}, ${operation}: ${what}`);
    });
}
