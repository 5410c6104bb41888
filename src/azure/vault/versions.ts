import type { SecretClient, SecretProperties } from '@azure/keyvault-secrets';
import type { NameOutcome, TaggedVersion, VersionFilter } from '../../vending/ports/secret-vault.ts';
import { TAG_ATTEMPT, TAG_INTENT } from '../../vending/secret/tags.ts';
import { traceOf } from '../upstream-trace.ts';

/**
 * Metadata of all versions, newest first. Empty only where the vault says so.
 *
 * @throws whatever the SDK throws: a look-up that failed is not an empty list.
 */
async function listVersions(client: SecretClient, name: string, abortSignal: AbortSignal): Promise<SecretProperties[]> {
  const versions: SecretProperties[] = [];
  try {
    for await (const version of client.listPropertiesOfSecretVersions(name, { abortSignal })) versions.push(version);
  } catch (error) {
    if (!isSecretNotFound(error)) throw error;
  }
  return versions.sort((a, b) => (b.createdOn?.getTime() ?? 0) - (a.createdOn?.getTime() ?? 0));
}

export async function newestVersion(
  client: SecretClient,
  name: string,
  abortSignal: AbortSignal,
): Promise<SecretProperties | undefined> {
  const [newest] = await listVersions(client, name, abortSignal);
  return newest;
}

export async function findTagged(
  client: SecretClient,
  { name, intentId, attempt, orEarlier }: VersionFilter,
  abortSignal: AbortSignal,
): Promise<TaggedVersion[]> {
  const found: TaggedVersion[] = [];
  for (const { id, version, enabled = true, tags = {} } of await listVersions(client, name, abortSignal)) {
    if (id === undefined || version === undefined) throw new Error('Key Vault listed a version without an identifier.');
    const isOfAttempt = orEarlier ? Number(tags[TAG_ATTEMPT]) <= attempt : tags[TAG_ATTEMPT] === String(attempt);
    if (tags[TAG_INTENT] === intentId && isOfAttempt) found.push({ id, version, enabled, tags });
  }
  return found;
}

/**
 * A name without versions may still be held by a soft-deleted secret. An identity that may not look (403) is answered
 * `free`: if it is not, the store is refused with a 409, which proves that nothing was written, and the key goes.
 */
export async function nameOf(client: SecretClient, name: string, abortSignal: AbortSignal): Promise<NameOutcome> {
  const newest = await newestVersion(client, name, abortSignal);
  if (newest !== undefined) return { kind: 'in-use', tags: newest.tags ?? {} };
  try {
    await client.getDeletedSecret(name, { abortSignal });
    return { kind: 'soft-deleted' };
  } catch (error) {
    if (isSecretNotFound(error) || traceOf('vault', error).status === 403) return { kind: 'free' };
    throw error;
  }
}

/** A 404 that the vault itself speaks: one from a proxy or a wrong URL proves nothing. */
export function isSecretNotFound(error: unknown): boolean {
  const { status, code } = traceOf('vault', error);
  return status === 404 && code === 'SecretNotFound';
}
