import type { Problem } from '../model/problems.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import { TAG_INTENT } from '../secret/tags.ts';
import type { NamedDraft } from './claim.ts';
import { problemOf } from './outcome.ts';
import type { SagaPorts } from './ports.ts';

const UNAVAILABLE = problemOf('vault-unavailable', 'The vault takes no writes at the moment; nothing was minted.');
export const SOFT_DELETED = problemOf(
  'secret-name-soft-deleted',
  'A deleted secret still holds this name; recover or purge it, or choose another name.',
);
export const NAME_TAKEN = problemOf(
  'secret-name-taken',
  'The secret name belongs to another request or was not made here.',
);

/** Proves before anything is minted that the secret will have a place to go. Undefined means that it has. */
export async function preflight(
  ports: SagaPorts,
  named: NamedDraft,
  row: LedgerRow | undefined,
): Promise<Problem | undefined> {
  const { vaultUrl, id: requestId } = named.draft;
  const writable = await ports.vault.proveWritable(vaultUrl);
  if (writable.kind === 'not-writable') {
    ports.log({ level: 'error', event: 'vault-not-writable', requestId, upstream: writable.upstream });
    return UNAVAILABLE;
  }
  // The vault is not asked about a derived name, which is nobody else's, unless it has held the last attempt up.
  return named.naming === 'derived' && !wasSoftDeleted(row) ? undefined : lookUpName(ports, named);
}

const wasSoftDeleted = (row: LedgerRow | undefined): boolean =>
  row?.intent.state.kind === 'failed' && row.intent.state.problem.type === SOFT_DELETED.type;

/** Free, or held by this intent or by the one whose key it replaces. */
export async function lookUpName({ vault }: SagaPorts, { draft }: NamedDraft): Promise<Problem | undefined> {
  const { vaultUrl, secretName, id, supersedes } = draft;
  const name = await vault.lookUpName(vaultUrl, secretName);
  switch (name.kind) {
    case 'free':
      return undefined;
    case 'in-use': {
      const holder = name.tags[TAG_INTENT];
      return holder === id || (holder !== undefined && holder === supersedes?.intentId) ? undefined : NAME_TAKEN;
    }
    case 'soft-deleted':
      return SOFT_DELETED;
    case 'unavailable':
      return UNAVAILABLE;
  }
}
