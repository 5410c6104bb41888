import type { Problem } from '../problems.ts';
import { TAG_INTENT } from '../secret-tags.ts';
import { problemOf } from './outcome.ts';
import type { SagaPorts } from './ports.ts';

export interface SecretPlace {
  readonly intentId: string;
  readonly vaultUrl: string;
  readonly secretName: string;
  readonly chosenByCaller: boolean;
}

const UNAVAILABLE = problemOf('vault-unavailable', 'The vault takes no writes at the moment; nothing was minted.');
const SOFT_DELETED = problemOf(
  'secret-name-soft-deleted',
  'A deleted secret still holds this name; recover or purge it, or choose another name.',
);
export const NAME_TAKEN = problemOf(
  'secret-name-taken',
  'The secret name belongs to another request or was not made here.',
);

/** Proves before anything is minted that the secret will have a place to go. Undefined means that it has. */
export async function preflight(ports: SagaPorts, place: SecretPlace): Promise<Problem | undefined> {
  const { vault } = ports;
  const writable = await vault.proveWritable(place.vaultUrl);
  if (writable.kind === 'not-writable') {
    ports.log({ level: 'error', event: 'vault-not-writable', requestId: place.intentId, upstream: writable.upstream });
    return UNAVAILABLE;
  }
  return place.chosenByCaller ? lookUpName(ports, place) : undefined;
}

async function lookUpName(
  ports: SagaPorts,
  { vaultUrl, secretName, intentId }: SecretPlace,
): Promise<Problem | undefined> {
  const name = await ports.vault.lookUpName(vaultUrl, secretName);
  switch (name.kind) {
    case 'free':
      return undefined;
    case 'in-use':
      return name.tags[TAG_INTENT] === intentId ? undefined : NAME_TAKEN;
    case 'soft-deleted':
      return SOFT_DELETED;
    case 'unavailable':
      return UNAVAILABLE;
  }
}
