import type { Intent } from '../../../src/vending/intent.ts';
import { type AuditRecord, keyIdOf } from '../../../src/vending/model/audit.ts';
import type { LedgerView } from '../evidence.ts';

/** The trail alone tells what became of each intent, and of every key that an attempt of it came to hold. */
export function accountForTrail(
  trail: readonly AuditRecord[],
  { intents, due }: LedgerView,
  silencers: readonly number[],
): string[] {
  const byRequest = Map.groupBy(trail, ({ requestId }) => requestId);
  // The record of the last change was lost: the due row that is left has the reconciler say it.
  const reminded = new Set(due.filter(({ requestId, at }) => intents.get(requestId)?.dueAt === at).map(requestIdOf));
  const isToBeTold = (id: string, records: readonly AuditRecord[]): boolean => {
    const last = Math.max(0, ...records.map(({ at }) => Date.parse(at)));
    return reminded.has(id) && silencers.some((at) => at >= last - SLACK_MS);
  };
  const untold = [...intents.values()].flatMap((intent) => {
    const records = byRequest.get(intent.id) ?? [];
    return [...(isToBeTold(intent.id, records) ? [] : wrongEnd(intent, records)), ...gaps(intent, records)];
  });
  const strangers = [...byRequest.keys()].filter((id) => !intents.has(id));
  return [
    ...untold,
    ...strangers.map((id) => `the audit trail tells of request ${id}, which the ledger does not know`),
  ];
}

const requestIdOf = ({ requestId }: { readonly requestId: string }): string => requestId;

function wrongEnd(intent: Intent, records: readonly AuditRecord[]): string[] {
  const last = lastOf(records);
  if (last === undefined) return [`the audit trail does not tell of request ${intent.id}`];
  const { state, attempt } = intent;
  const secretId = 'secret' in state ? state.secret.id : undefined;
  const is = [intent.writeId, state.kind, attempt, keyIdOf(state).apiKeyId, secretId].join(' ');
  const told = [last.id, last.state, last.attempt, last.apiKeyId, last.secretId].join(' ');
  return told === is ? [] : [`the audit trail ends request ${intent.id} with ${told}; the ledger with ${is}`];
}

function gaps(intent: Intent, records: readonly AuditRecord[]): string[] {
  const told = records.flatMap((record) => [record, ...(record.from === null ? [] : [record.from])]);
  const attempts = new Set(told.map(({ attempt }) => attempt));
  const keys = new Set(told.map(({ apiKeyId }) => apiKeyId));
  const claimed = Array.from({ length: intent.attempt }, (_, before) => before + 1);
  return [
    ...claimed.filter((attempt) => !attempts.has(attempt)).map((attempt) => `attempt ${attempt}`),
    ...intent.earlierKeys.filter((id) => !keys.has(id)).map((id) => `key ${id}`),
  ].map((what) => `the audit trail does not tell of ${what} of request ${intent.id}`);
}

/** The last change: the one that no other change came after. Where a record was lost, several are; then the latest. */
function lastOf(records: readonly AuditRecord[]): AuditRecord | undefined {
  const overtaken = new Set(records.flatMap(({ from }) => from?.id ?? []));
  return records
    .filter(({ id }) => !overtaken.has(id))
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .at(-1);
}

export interface LostRecord {
  readonly requestId: string;
  readonly state: string;
  /** Between which other records of its request it was lost, in milliseconds since the epoch. */
  readonly after: number;
  readonly before: number;
}

/** Changes whose own record was lost: they are known because the change after them names them. */
export function lostRecords(trail: readonly AuditRecord[]): LostRecord[] {
  const told = new Set(trail.map(({ id }) => id));
  const lost = new Map<string, LostRecord>();
  for (const [requestId, records] of Map.groupBy(trail, (record) => record.requestId)) {
    for (const { from, at } of records) {
      if (from === null || told.has(from.id)) continue;
      const before = Date.parse(at);
      const earlier = records.map((record) => Date.parse(record.at)).filter((time) => time < before);
      lost.set(from.id, { requestId, state: from.state, after: Math.max(0, ...earlier), before });
    }
  }
  return [...lost.values()];
}

/** How long before the change's own time a fault may have been counted that kept its answer back: a delay, and a deadline. */
const SLACK_MS = 5_000;

/**
 * A record is lost between a change and its record: by a crash, or where the ledger took the change and answered neither
 * the write nor the look after it.
 *
 * @param silencers when an instance was killed or the ledger hurt, in milliseconds since the epoch.
 */
export function unexplained(lost: readonly LostRecord[], silencers: readonly number[]): string[] {
  const isExplained = ({ after, before }: LostRecord): boolean =>
    silencers.some((at) => at >= after - SLACK_MS && at <= before);
  return lost
    .filter((record) => !isExplained(record))
    .map(
      ({ requestId, state }) =>
        `the record of ${state} of request ${requestId} is lost, and then nobody was killed, nor the ledger silent`,
    );
}
