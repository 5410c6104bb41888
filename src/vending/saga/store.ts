import type { Credential, SecretReference, Work } from '../model/credential.ts';
import { OUT_OF_TIME, type ProblemSummary, problemOf } from '../model/problems.ts';
import type { KeyRecord } from '../model/resources.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import type { SecretToStore, StoreOutcome } from '../ports/secret-vault.ts';
import { isTaggedWith, readTags, tagsOf } from '../secret/naming.ts';
import { renderSecret, type Secret } from '../secret/secret.ts';
import type { Context } from './context.ts';
import { leaseCovers } from './mint.ts';

/** A key in this worker's hands. */
export interface HeldKey {
  readonly key: KeyRecord;
  readonly secret: Secret;
}

/** The outcome of the attempt's one PUT. `ambiguous`: only the reconciler may decide now. */
export type StoredSecret =
  | { readonly kind: 'stored'; readonly secret: SecretReference; readonly upstream?: UpstreamTrace }
  | { readonly kind: 'refused'; readonly problem: ProblemSummary; readonly upstream?: UpstreamTrace }
  | { readonly kind: 'ambiguous' };

/** Stores the secret, once. A PUT without a clear answer is looked for. */
export async function storeOnce(ctx: Context, row: Credential, work: Work, held: HeldKey): Promise<StoredSecret> {
  const { storeDeadlineMs } = ctx.timings;
  if (!leaseCovers(ctx, work, storeDeadlineMs)) return { kind: 'refused', problem: OUT_OF_TIME };
  const outcome = await ctx.vault.store(secretToStore(row, work, held, ctx.clock.now()), storeDeadlineMs);
  const { upstream } = outcome;
  // The audit record has a success.
  if (outcome.kind !== 'stored') logFailed(ctx, row.id, work, held.key.id, outcome);
  switch (outcome.kind) {
    case 'stored':
      return { kind: 'stored', secret: { id: outcome.stored.id, version: outcome.stored.version }, upstream };
    case 'refused':
      return { kind: 'refused', problem: REFUSALS[outcome.reason], upstream };
    case 'ambiguous':
      return lookForStored(ctx, row, work, held.key.id);
  }
}

/** The vault's own list decides. Tags can be forged, so only a version that names this worker's own key counts. */
async function lookForStored({ vault }: Context, row: Credential, work: Work, keyId: string): Promise<StoredSecret> {
  const listed = await vault.listVersions(row.vaultUrl, row.secretName);
  if (listed.kind === 'unavailable') return { kind: 'ambiguous' };
  const found = listed.versions.find(
    ({ enabled, tags }) => enabled && isTaggedWith(tags, row.id, work) && readTags(tags)?.keyId === keyId,
  );
  return found === undefined
    ? { kind: 'ambiguous' }
    : { kind: 'stored', secret: { id: found.id, version: found.version } };
}

function secretToStore(row: Credential, work: Work, { key, secret }: HeldKey, now: number): SecretToStore {
  const { value, contentType } = renderSecret(row.secretFormat, key, secret, row.target);
  const { expiresOn } = work;
  return {
    vaultUrl: row.vaultUrl,
    name: row.secretName,
    value,
    contentType,
    ...(expiresOn !== undefined && { expiresOn: new Date(expiresOn) }),
    tags: tagsOf(row, { attempt: work, keyId: key.id, owner: key.spec.owner?.id, expiresOn, now }),
  };
}

function logFailed(
  ctx: Context,
  credentialId: string,
  { attempt }: Work,
  apiKeyId: string,
  outcome: StoreOutcome,
): void {
  const { upstream } = outcome;
  ctx.log({ level: 'warn', event: `store-${outcome.kind}`, credentialId, attempt, apiKeyId, upstream });
}

export const SOFT_DELETED = problemOf(
  'secret-name-soft-deleted',
  'A deleted secret still holds this name; recover or purge it, or choose another name.',
);
const REFUSALS: Readonly<Record<Extract<StoreOutcome, { kind: 'refused' }>['reason'], ProblemSummary>> = {
  'soft-deleted': SOFT_DELETED,
  transient: problemOf('vault-unavailable', 'The vault did not take the secret; the key is being deleted.'),
  denied: problemOf(
    'vault-refused',
    'The vault takes writes, but not this secret; a policy on the vault may forbid it. The key is being deleted.',
  ),
};
