import type { IntentState } from '../intent.ts';
import type { KeyRecord } from '../model/key-record.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import type { TaggedVersion } from '../ports/secret-vault.ts';
import { compensate, compensating, isCompensating } from '../saga/compensate.ts';
import { problemOf } from '../saga/outcome.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { recordOnce } from '../saga/record.ts';
import { vendedChange } from '../saga/vended.ts';
import { TAG_KEY } from '../secret/tags.ts';

type Minting = Extract<IntentState, { kind: 'minting' }>;
type Minted = Extract<IntentState, { kind: 'minted' }>;

const ABANDONED = problemOf('out-of-time', 'The worker on this request died; its key is being deleted.');

/**
 * A worker died (or still sleeps) after its claim: whether it minted is known only if its secret is in the vault.
 *
 * All of this runs after the lease and the settling time, when no effect of the attempt can be under way any more.
 */
export async function recoverMinting(
  ports: SagaPorts,
  row: LedgerRow,
  { leaseUntil }: Minting,
): Promise<LedgerRow | undefined> {
  const found = await versionInForce(ports, row);
  if (found.kind === 'unavailable') return undefined;
  if (found.kind === 'none') {
    ports.log({ level: 'error', event: 'outcome-unknown', requestId: row.intent.id, attempt: row.intent.attempt });
    return recordOnce(ports, row, { state: { kind: 'unknown', leaseUntil } });
  }
  const keyId = found.version.tags[TAG_KEY];
  return keyId === undefined ? undefined : adopt(ports, row, found.version, { id: keyId, metadata: {}, spec: {} });
}

/** A worker died with the key recorded: vended if the vault has the secret in force and the key lives, else given up. */
export async function recoverMinted(ports: SagaPorts, row: LedgerRow, state: Minted): Promise<LedgerRow | undefined> {
  const found = await versionInForce(ports, row);
  if (found.kind === 'unavailable') return undefined;
  if (found.kind === 'none') return giveUp(ports, row, state.key);
  return adopt(ports, row, found.version, state.key);
}

async function adopt(
  ports: SagaPorts,
  row: LedgerRow,
  version: TaggedVersion,
  named: KeyRecord,
): Promise<LedgerRow | undefined> {
  const looked = await ports.confluent.getKey(row.intent.target, named.id);
  switch (looked.kind) {
    case 'found': {
      const change = await vendedChange(ports, row.intent, looked.key, version);
      return change === undefined ? undefined : recordOnce(ports, row, change, looked.upstream);
    }
    case 'absent':
      return giveUp(ports, row, named);
    default:
      return undefined;
  }
}

async function giveUp(ports: SagaPorts, row: LedgerRow, key: KeyRecord): Promise<LedgerRow | undefined> {
  const recorded = await recordOnce(ports, row, { state: compensating(ports, key, ABANDONED) });
  return recorded !== undefined && isCompensating(recorded) ? compensate(ports, recorded) : undefined;
}

type InForce =
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'none' }
  | { readonly kind: 'version'; readonly version: TaggedVersion };

async function versionInForce(ports: SagaPorts, { intent }: LedgerRow): Promise<InForce> {
  const { vaultUrl, secretName: name, id: intentId, attempt } = intent;
  const found = await ports.vault.findVersions({ vaultUrl, name, intentId, attempt });
  if (found.kind === 'unavailable') return { kind: 'unavailable' };
  const version = found.versions.find(({ enabled }) => enabled);
  return version === undefined ? { kind: 'none' } : { kind: 'version', version };
}
