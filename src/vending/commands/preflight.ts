import type { Credential } from '../model/credential.ts';
import { CLEANING_UP, LEDGER_UNAVAILABLE, type Problem, problemOf, VAULT_UNAVAILABLE } from '../model/problems.ts';
import type { Target } from '../model/resources.ts';
import { nameKey } from '../model/rows.ts';
import type { CredentialDraft } from '../model/transitions.ts';
import type { Context } from '../saga/context.ts';
import { THROTTLED } from '../saga/mint.ts';
import { SOFT_DELETED } from '../saga/store.ts';

export const NAME_TAKEN = problemOf(
  'secret-name-taken',
  'The secret name belongs to another credential or was not made here.',
);

/** Nothing is claimed for a subscription that ARM throttles: the POST would use up an attempt, and be refused again. */
export function throttled({ confluent }: Context, target: Target): Problem | undefined {
  const retryAfterMs = confluent.throttledFor(target);
  return retryAfterMs > 0 ? { ...THROTTLED, retryAfterMs } : undefined;
}

/** Proves before anything is minted that the secret will have a place to go. Undefined means that it has. */
export async function proveWritable(ctx: Context, id: string, vaultUrl: string): Promise<Problem | undefined> {
  const writable = await ctx.vault.proveWritable(vaultUrl);
  if (writable.kind === 'writable') return undefined;
  ctx.log({ level: 'error', event: 'vault-not-writable', credentialId: id, upstream: writable.upstream });
  return VAULT_UNAVAILABLE;
}

/** A derived name carries the id, so nobody else has it. The vault is asked only if it held up the last attempt. */
export const needsNameLookUp = (isChosen: boolean, row: Credential | undefined): boolean =>
  isChosen || row?.failure?.problem.type === SOFT_DELETED.type;

/** A name is free if it does not exist, or every version of it is disabled. */
export async function lookUpName(
  { vault, clock }: Context,
  { vaultUrl, secretName }: Pick<CredentialDraft, 'vaultUrl' | 'secretName'>,
  row: Credential | undefined,
): Promise<Problem | undefined> {
  const name = await vault.lookUpName(vaultUrl, secretName);
  switch (name.kind) {
    case 'free':
      return undefined;
    case 'in-use':
      // The sweep disables versions that an earlier attempt stored late.
      return row?.sweepAt === undefined
        ? NAME_TAKEN
        : { ...CLEANING_UP, retryAfterMs: Math.max(60_000, row.sweepAt - clock.now()) };
    case 'soft-deleted':
      return SOFT_DELETED;
    case 'unavailable':
      return VAULT_UNAVAILABLE;
  }
}

/** A trial claims nothing, so it reads whose the name is. */
export async function lookUpHolder(
  { ledger }: Context,
  draft: Pick<CredentialDraft, 'id' | 'vaultUrl' | 'secretName'>,
): Promise<Problem | undefined> {
  const holder = await ledger.read('name', ...nameKey(draft));
  if (holder.kind === 'absent') return undefined;
  if (holder.kind !== 'found') return LEDGER_UNAVAILABLE;
  return holder.value.id === draft.id ? undefined : NAME_TAKEN;
}
