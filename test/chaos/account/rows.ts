import { type Credential, namedKeys } from '../../../src/vending/model/credential.ts';
import { openReason } from '../../../src/vending/model/due.ts';
import { type RowOf, rowOf } from '../../../src/vending/model/rows.ts';
import { nextReviewRow } from '../../../src/vending/saga/changes.ts';
import type { LedgerView } from '../evidence.ts';
import { TIMINGS } from '../timings.ts';

/** Every row beside the credentials follows from them: none is missing, and none is left over. */
export function accountForRows(ledger: LedgerView): string[] {
  const credentials = [...ledger.credentials.values()];
  return [
    ...ledger.unreadable.map((key) => `row ${key} cannot be read`),
    ...compare('due', ledger.keysOf('due'), reviewKeys(credentials, 'due')),
    ...compare('prune', ledger.keysOf('prune'), [
      ...reviewKeys(credentials, 'prune'),
      ...ledger.of('bulk').map(endOfBulk),
    ]),
    ...compare('open', ledger.keysOf('open'), credentials.flatMap(openKey)),
    ...compare('name', ledger.keysOf('name'), credentials.flatMap(nameKey)),
    ...compare('caller', ledger.keysOf('caller'), credentials.map(callerKey)),
    ...compare('key', ledger.keysOf('key'), keyRows(ledger)),
    ...rotationRows(ledger),
    ...credentials.flatMap((credential) => wrongAttempts(credential, ledger)),
    ...[...ledger.keysOf('audit'), ...ledger.keysOf('event')].map((key) => `row ${key} is still in the outbox`),
  ];
}

function compare(kind: string, found: readonly string[], expected: readonly string[]): string[] {
  const [has, wants] = [new Set(found), new Set(expected)];
  return [
    ...found.filter((key) => !wants.has(key)).map((key) => `${kind} row ${key} is left over`),
    ...expected.filter((key) => !has.has(key)).map((key) => `${kind} row ${key} is missing`),
  ];
}

const reviewKeys = (credentials: readonly Credential[], kind: 'due' | 'prune'): readonly string[] =>
  credentials
    .flatMap((credential) => nextReviewRow(credential, TIMINGS)?.key ?? [])
    .filter((key) => key.startsWith(`${kind}_`));

const endOfBulk = ({ id, createdAt }: RowOf<'bulk'>): string =>
  rowOf('prune', { id, at: createdAt + TIMINGS.retentionMs }).key;

function openKey(credential: Credential): readonly string[] {
  const open = openReason(credential);
  return open === undefined ? [] : [rowOf('open', { id: credential.id, ...open }).key];
}

const nameKey = ({ id, vaultUrl, secretName, holdsName }: Credential): readonly string[] =>
  holdsName === true ? [rowOf('name', { id, vaultUrl, secretName }).key] : [];

const callerKey = ({ id, caller, createdAt }: Credential): string => rowOf('caller', { id, caller, createdAt }).key;

/** Every key that a credential ever named has a row. */
function keyRows({ credentials, attempts }: LedgerView): readonly string[] {
  const ofAttempts = [...attempts.values()].flat().flatMap(({ apiKeyId }) => apiKeyId ?? []);
  const ids = new Set([...ofAttempts, ...[...credentials.values()].flatMap(namedKeys)]);
  return [...ids].map((apiKeyId) => rowOf('key', { apiKeyId, id: '', attempt: 0 }).key);
}

/** A rotation that failed has no row, so that it can be asked for again. */
function rotationRows(ledger: LedgerView): string[] {
  return ledger.of('rotation').flatMap(({ id, requestKey, attempt }) => {
    const claimed = ledger.attempts.get(id)?.find((each) => each.attempt === attempt);
    const isRight = claimed?.purpose === 'rotate' && claimed.outcome !== 'failed';
    return isRight ? [] : [`rotation row ${requestKey} of credential ${id} belongs to an attempt that failed`];
  });
}

/** Each attempt has its row, which is open as long as the attempt is under way. */
function wrongAttempts({ id, attempts: count, work, current, previous }: Credential, ledger: LedgerView): string[] {
  const rows = ledger.attempts.get(id) ?? [];
  const numbers = rows.map(({ attempt }) => attempt).toSorted((a, b) => a - b);
  const isComplete = numbers.length === count && numbers.every((number, place) => number === place + 1);
  const outcomeOf = (number: number | undefined) => rows.find(({ attempt }) => attempt === number)?.outcome;
  const open = rows.filter(({ outcome }) => outcome === 'open').map(({ attempt }) => attempt);
  return [
    ...(isComplete ? [] : [`has ${count} attempts and rows of ${numbers.join(', ')}`]),
    ...(open.every((number) => number === work?.attempt) && open.length === (work === undefined ? 0 : 1)
      ? []
      : [`has open attempts ${open.join(', ')}`]),
    ...[current, previous].flatMap((key) =>
      key === undefined || outcomeOf(key.attempt) === 'vended'
        ? []
        : [`has a key of attempt ${key.attempt} that did not vend`],
    ),
  ].map((what) => `credential ${id} ${what}`);
}
