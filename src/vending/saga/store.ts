import type { Intent, SecretReference } from '../intent.ts';
import type { KeyRecord } from '../model/key-record.ts';
import type { Problem } from '../model/problems.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import type { SecretToStore, StoreOutcome } from '../ports/secret-vault.ts';
import { renderSecret } from '../secret/formats.ts';
import type { Secret } from '../secret/secret.ts';
import { tagsOf } from '../secret/tags.ts';
import { isAnnounced } from './announce.ts';
import { compensate, disableVersions } from './compensate.ts';
import { deleteUnstored, isCompensatingKey, recordCompensating } from './give-up-key.ts';
import { leaseCovers, undecided } from './guards.ts';
import { failedWith, isVended, problemOf, type VendedIntent, type VendOutcome } from './outcome.ts';
import type { SagaPorts } from './ports.ts';
import { SOFT_DELETED } from './preflight.ts';
import { recordWhile } from './record.ts';
import { supersedeOld } from './supersede.ts';
import { vendedChange } from './vended.ts';

/** A key in this worker's hands. */
export interface HeldKey {
  readonly key: KeyRecord;
  readonly secret: Secret;
  readonly leaseUntil: number;
}

const UNCONFIRMED = problemOf(
  'not-yet-confirmed',
  'The vault or the ledger has not confirmed the key yet; ask again with the same idempotency key.',
  15_000,
);
const REFUSED = problemOf('vault-unavailable', 'The vault refused the secret; the key is being deleted.');
const OUT_OF_TIME = problemOf('out-of-time', 'The lease ran out before the store; the key is being deleted.');

/** Stores the secret, once, and records `vended`. Nothing is deleted once the vault may hold the secret. */
export async function storeOnce(ports: SagaPorts, row: LedgerRow, held: HeldKey): Promise<VendOutcome> {
  const { storeDeadlineMs } = ports.timings;
  if (!leaseCovers(ports, held.leaseUntil, storeDeadlineMs)) return abandonStore(ports, row, held.key, OUT_OF_TIME);
  const outcome = await ports.vault.store(secretToStore(row.intent, held, ports.clock.now()), storeDeadlineMs);
  // That it was stored is told by the audit record, or else by the version's tags.
  if (outcome.kind !== 'stored') logFailed(ports, row.intent, held.key.id, outcome);
  switch (outcome.kind) {
    case 'stored':
      return recordVended(ports, row, held.key, outcome.stored, outcome.upstream);
    case 'refused':
      return abandonStore(ports, row, held.key, refusalOf(outcome.upstream), outcome.upstream);
    case 'ambiguous':
      return lookForStored(ports, row, held.key);
  }
}

/** A conflict is with a deleted secret of that name: to try again would mint again, and come to the same. */
const refusalOf = ({ status }: UpstreamTrace): Problem => (status === 409 ? SOFT_DELETED : REFUSED);

function logFailed({ log }: SagaPorts, { id, attempt }: Intent, apiKeyId: string, outcome: StoreOutcome): void {
  const { upstream } = outcome;
  log({ level: 'warn', event: `store-${outcome.kind}`, requestId: id, attempt, apiKeyId, upstream });
}

function secretToStore(intent: Intent, { key, secret }: HeldKey, now: number): SecretToStore {
  const { value, contentType } = renderSecret(intent.secretFormat, key, secret, intent.target);
  return {
    vaultUrl: intent.vaultUrl,
    name: intent.secretName,
    value,
    contentType,
    ...(intent.expiresOn === undefined ? {} : { expiresOn: new Date(intent.expiresOn) }),
    tags: tagsOf(intent, key, now),
  };
}

/** The store's answer was lost: the vault's own list decides, and if it shows nothing, only the reconciler may. */
async function lookForStored(ports: SagaPorts, row: LedgerRow, key: KeyRecord): Promise<VendOutcome> {
  const { vaultUrl, secretName: name, id: intentId, attempt } = row.intent;
  const found = await ports.vault.findVersions({ vaultUrl, name, intentId, attempt });
  const version = found.kind === 'listed' ? found.versions.find(({ enabled }) => enabled) : undefined;
  if (version === undefined) return failedWith(row.intent, UNCONFIRMED);
  return recordVended(ports, row, key, version);
}

async function recordVended(
  ports: SagaPorts,
  row: LedgerRow,
  key: KeyRecord,
  secret: SecretReference,
  cause?: UpstreamTrace,
): Promise<VendOutcome> {
  const { attempt } = row.intent;
  const change = await vendedChange(ports, row.intent, key, secret);
  if (change === undefined) return failedWith(row.intent, UNCONFIRMED);
  const result = await recordWhile(ports, row, {
    change,
    permits: (seen) => undecided(seen, attempt, key.id),
    cause,
  });
  if (result.kind === 'unreachable') return failedWith(row.intent, UNCONFIRMED);
  const { intent } = result.row;
  if (isVended(intent) && intent.state.key.id === key.id) {
    // Until the key that it replaces is marked and its event is told, the due row is what reminds the reconciler.
    const settled = (await supersedeOld(ports, intent)) && isAnnounced(ports, result.row);
    if (settled) await ports.afterwards(() => clearClaim(ports, row.intent.dueAt, intent));
    return { kind: 'vended', intent, replayed: false };
  }
  const isRotated = intent.state.kind === 'superseded' && intent.attempt === attempt;
  if (!isRotated) await disableVersions(ports, row.intent);
  return failedWith(row.intent, UNCONFIRMED);
}

/** Left undone, it costs the reconciler a look. A due row that announces the key's rotation stays. */
async function clearClaim(ports: SagaPorts, claimDueAt: number, { id, dueAt, state }: VendedIntent): Promise<void> {
  for (const at of new Set([claimDueAt, dueAt]))
    if (at !== state.rotateAt) await ports.ledger.clearDue(id, new Date(at));
}

/** The vault proved that it holds nothing of this key: `compensating` goes into the row, then the key goes. */
async function abandonStore(
  ports: SagaPorts,
  row: LedgerRow,
  key: KeyRecord,
  problem: Problem,
  cause?: UpstreamTrace,
): Promise<VendOutcome> {
  const result = await recordCompensating(ports, row, key, problem, cause);
  if (result.kind === 'unreachable') return failedWith(row.intent, problem);
  const { row: seen } = result;
  if (isCompensatingKey(seen, key)) await compensate(ports, seen);
  else if (isVended(seen.intent) && seen.intent.state.key.id === key.id)
    return { kind: 'vended', intent: seen.intent, replayed: false };
  else if (!undecided(seen.intent, row.intent.attempt, key.id)) await deleteUnstored(ports, row.intent, key);
  return failedWith(row.intent, problem);
}
