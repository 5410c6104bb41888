import { isDeepStrictEqual } from 'node:util';
import { type AuditRecord, auditRecordOf } from '../../../src/vending/model/audit.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import type { TransitionName } from '../../../src/vending/model/transitions.ts';
import type { AttemptRow, LedgerView } from '../evidence.ts';

/** Records by the id of their commit, each once: the first of them. */
export function uniqueRecords(records: readonly AuditRecord[]): ReadonlyMap<string, AuditRecord> {
  const unique = new Map<string, AuditRecord>();
  for (const record of records) if (!unique.has(record.id)) unique.set(record.id, record);
  return unique;
}

/** The audit trail alone says what became of each credential, of every attempt, and of every key. */
export function accountForTrail(records: readonly AuditRecord[], { credentials, attempts }: LedgerView): string[] {
  const unique = uniqueRecords(records);
  const byCredential = Map.groupBy(unique.values(), ({ credentialId }) => credentialId);
  const strangers = [...byCredential.keys()].filter((id) => !credentials.has(id));
  return [
    ...records.flatMap((record) =>
      isRepetition(record, unique) ? [] : [`record ${record.id} came twice and differs`],
    ),
    ...strangers.map((id) => `the audit trail has credential ${id}, which the ledger does not know`),
    ...[...credentials.values()].flatMap((row) => {
      const own = (byCredential.get(row.id) ?? []).toSorted((a, b) => a.sequence - b.sequence);
      return [
        ...brokenChain(own),
        ...wrongEnd(row, own.at(-1)),
        ...(attempts.get(row.id) ?? []).flatMap((attempt) => missingRecords(row, attempt, own)),
        ...(row.revocation === undefined || own.some(({ change }) => REVOCATIONS.has(change))
          ? []
          : ['there is no record of the revocation']),
      ].map((what) => `audit trail of credential ${row.id}: ${what}`);
    }),
  ];
}

function isRepetition(record: AuditRecord, unique: ReadonlyMap<string, AuditRecord>): boolean {
  const plain = (each: AuditRecord | undefined) => ({ ...each, repeated: true });
  return isDeepStrictEqual(plain(record), plain(unique.get(record.id)));
}

/**
 * Each record names the commit before it. A commit that changes no key and no secret has no record. So a gap in the numbers
 * is right if the state is the same on both sides.
 */
function brokenChain(records: readonly AuditRecord[]): string[] {
  return records.flatMap((record, place) => brokenLink(record, records[place - 1]) ?? []);
}

function brokenLink({ from, sequence, change }: AuditRecord, before: AuditRecord | undefined): string | undefined {
  if (before === undefined)
    return from === null && sequence === 1 ? undefined : `the first record is number ${sequence}, ${change}`;
  if (from === null || sequence === before.sequence) return `number ${sequence} is there twice`;
  const isNext = sequence === before.sequence + 1;
  const isSame = from.state === before.state && from.attempt === before.attempt;
  if ((from.id === before.id) === isNext && isSame) return undefined;
  return `number ${sequence} does not follow upon number ${before.sequence}`;
}

/** The last record says what the row says. */
function wrongEnd(row: Credential, last: AuditRecord | undefined): string[] {
  if (last === undefined) return ['there is none'];
  const after = auditRecordOf({
    at: 0,
    actor: '',
    change: last.change,
    before: undefined,
    after: row,
    cause: undefined,
  });
  const facts = ({ state, attempt, apiKeyId, previousApiKeyId, secretId, problem, rule }: AuditRecord): string =>
    [state, attempt, apiKeyId, previousApiKeyId, secretId, problem, rule].join(' ');
  return facts(after) === facts(last) ? [] : [`it ends with ${facts(last)}, and the ledger with ${facts(after)}`];
}

const CLAIMS: ReadonlySet<TransitionName> = new Set(['claimVend', 'claimRotation', 'correctNone', 'takeUpFoundKey']);
const SUCCESSES: ReadonlySet<TransitionName> = new Set(['recordVended', 'recoverVended', 'resolveAsVended']);
const FAILURES: ReadonlySet<TransitionName> = new Set([
  'recordNotMinted',
  'recordCompensated',
  'resolveWithoutKey',
  'wordGone',
]);
const REVOCATIONS: ReadonlySet<TransitionName> = new Set(['revoke', 'noteExpiry']);

function missingRecords(
  { current, previous, work }: Credential,
  { attempt, outcome, apiKeyId }: AttemptRow,
  records: readonly AuditRecord[],
): string[] {
  const has = (changes: ReadonlySet<TransitionName>, holds: (record: AuditRecord) => boolean): boolean =>
    records.some((record) => changes.has(record.change) && holds(record));
  const isClaimed = has(CLAIMS, (record) => record.attempt === attempt);
  const isEnded =
    outcome === 'open' ||
    (outcome === 'vended'
      ? has(SUCCESSES, (record) => record.attempt === attempt && record.apiKeyId === apiKeyId)
      : has(FAILURES, ({ from }) => from?.attempt === attempt));
  const lives = [current?.key.id, previous?.keyId, work?.keyId].includes(apiKeyId);
  const isAccountedFor =
    apiKeyId === undefined || lives || records.some(({ removedApiKeyIds = [] }) => removedApiKeyIds.includes(apiKeyId));
  return [
    ...(isClaimed ? [] : [`the claim of attempt ${attempt} is missing`]),
    ...(isEnded ? [] : [`the end of attempt ${attempt}, ${outcome}, is missing`]),
    ...(isAccountedFor ? [] : [`the end of key ${apiKeyId} is missing`]),
  ];
}
