import type { Problem } from '../problems.ts';
import { TAG_INTENT } from '../secret-tags.ts';
import { problemOf } from './outcome.ts';
import type { SagaPorts } from './ports.ts';

export interface SecretPlace {
  readonly intentId: string;
  readonly vaultUrl: string;
  readonly secretName: string;
  /** A name that the caller chose may collide; a derived one carries the intent's id. */
  readonly chosenByCaller: boolean;
}

const UNAVAILABLE = problemOf('vault-unavailable', 'The vault takes no writes at the moment; nothing was minted.');
const TAKEN = problemOf('secret-name-taken', 'The secret name belongs to another request or was not made here.');
const SOFT_DELETED = problemOf(
  'secret-name-soft-deleted',
  'A deleted secret still holds this name; recover or purge it, or choose another name.',
);

/** Proves before anything is minted that the secret will have a place to go. Undefined means that it has. */
export async function preflight(ports: SagaPorts, place: SecretPlace): Promise<Problem | undefined> {
  const { vault } = ports;
  const writable = await vault.proveWritable(place.vaultUrl);
  if (writable.kind === 'not-writable') {
    ports.log({ level: 'error', event: 'vault-not-writable', requestId: place.intentId, upstream: writable.upstream });
    return UNAVAILABLE;
  }
  return place.chosenByCaller ? claimChosenName(ports, place) : undefined;
}

async function claimChosenName(ports: SagaPorts, place: SecretPlace): Promise<Problem | undefined> {
  const { vaultUrl, secretName, intentId } = place;
  const name = await ports.vault.lookUpName(vaultUrl, secretName);
  if (name.kind === 'unavailable') return UNAVAILABLE;
  if (name.kind === 'soft-deleted') return SOFT_DELETED;
  if (name.kind === 'in-use' && name.tags[TAG_INTENT] !== intentId) return TAKEN;
  const claim = await ports.ledger.claimName(vaultUrl, secretName, intentId);
  switch (claim.kind) {
    case 'claimed':
      return undefined;
    case 'held':
      return TAKEN;
    case 'unreachable':
      return problemOf('ledger-unavailable', 'The secret name could not be claimed; nothing was minted.');
  }
}
