import type { AuditRecord } from '../../../src/vending/audit.ts';
import { keyIdOf } from '../../../src/vending/audit.ts';
import type { Intent } from '../../../src/vending/intent.ts';
import type { LedgerView } from '../evidence.ts';

/** The trail alone tells what became of each intent, and of every key that an attempt of it came to hold. */
export function accountForTrail(trail: readonly AuditRecord[], { intents }: LedgerView): string[] {
  const byRequest = Map.groupBy(trail, ({ requestId }) => requestId);
  const untold = [...intents.values()].flatMap((intent) => contradictions(intent, byRequest.get(intent.id) ?? []));
  const strangers = [...byRequest.keys()].filter((id) => !intents.has(id));
  return [...untold, ...strangers.map((id) => `the audit trail tells of request ${id}, which the ledger does not know`)];
}

function contradictions(intent: Intent, records: readonly AuditRecord[]): string[] {
  const who = `request ${intent.id}`;
  const last = lastOf(records);
  if (last === undefined) return [`the audit trail does not tell of ${who}`];
  const told = { state: last.state, attempt: last.attempt, apiKeyId: last.apiKeyId, secretId: last.secretId };
  const { state, attempt } = intent;
  const secretId = state.kind === 'vended' ? state.secret.id : undefined;
  const is = { state: state.kind, attempt, apiKeyId: keyIdOf(state).apiKeyId, secretId };
  const mentioned = records.flatMap((record) => [record, ...(record.from === null ? [] : [record.from])]);
  const attempts = new Set(mentioned.map((change) => change.attempt));
  const keys = new Set(mentioned.map(({ apiKeyId }) => apiKeyId));
  const missing = Array.from({ length: attempt }, (_, before) => before + 1).filter((one) => !attempts.has(one));
  return [
    ...(JSON.stringify(told) === JSON.stringify(is) && last.id === intent.writeId
      ? []
      : [`the audit trail says that ${who} is ${JSON.stringify(told)}; it is ${JSON.stringify(is)}`]),
    ...missing.map((one) => `the audit trail does not tell of attempt ${one} of ${who}`),
    ...intent.earlierKeys.filter((id) => !keys.has(id)).map((id) => `the audit trail does not tell of key ${id} of ${who}`),
  ];
}

/** The last change: the one that no other change came after. Where a record was lost, several are; then the latest. */
function lastOf(records: readonly AuditRecord[]): AuditRecord | undefined {
  const overtaken = new Set(records.flatMap(({ from }) => from?.id ?? []));
  return records.filter(({ id }) => !overtaken.has(id)).toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)).at(-1);
}

/** Changes that are known only because the one after them names them: their own record was lost. */
export function lostRecords(trail: readonly AuditRecord[]): number {
  const told = new Set(trail.map(({ id }) => id));
  return new Set(trail.flatMap(({ from }) => from?.id ?? []).filter((id) => !told.has(id))).size;
}
