import { isRestError } from '@azure/core-rest-pipeline';
import type { SecretClient, SecretProperties } from '@azure/keyvault-secrets';
import type { NameOutcome, VersionMetadata } from '../../vending/ports/secret-vault.ts';
import { traceOf } from '../upstream-trace.ts';

/**
 * Properties of all versions, newest first. Key Vault counts `created` in seconds and promises no order, so versions of
 * the same second keep the order of its answer. Empty only where the vault says that there are none.
 *
 * @throws whatever the SDK throws: a look-up that failed is not an empty list.
 */
export async function propertiesOfVersions(
  client: SecretClient,
  name: string,
  abortSignal: AbortSignal,
): Promise<SecretProperties[]> {
  const versions: SecretProperties[] = [];
  try {
    for await (const version of client.listPropertiesOfSecretVersions(name, { abortSignal })) versions.push(version);
  } catch (error) {
    // Versions of an earlier page are gone with their secret.
    if (isSecretNotFound(error)) return [];
    throw error;
  }
  return versions.sort((a, b) => (b.createdOn?.getTime() ?? 0) - (a.createdOn?.getTime() ?? 0));
}

export async function listVersions(
  client: SecretClient,
  name: string,
  abortSignal: AbortSignal,
): Promise<VersionMetadata[]> {
  return (await propertiesOfVersions(client, name, abortSignal)).map(({ id, version, enabled = true, tags = {} }) => {
    if (id === undefined || version === undefined) throw new Error('Key Vault listed a version without an identifier.');
    return { id, version, enabled, tags };
  });
}

/**
 * A soft-deleted secret may still hold a name without versions. `free` also if this identity may not look for one (403):
 * the vault then refuses the store with a 409, which proves that nothing was written.
 */
export async function nameOf(client: SecretClient, name: string, abortSignal: AbortSignal): Promise<NameOutcome> {
  const versions = await listVersions(client, name, abortSignal);
  if (versions.length > 0) return { kind: versions.some(({ enabled }) => enabled) ? 'in-use' : 'free' };
  try {
    await client.getDeletedSecret(name, { abortSignal });
    return { kind: 'soft-deleted' };
  } catch (error) {
    if (isSecretNotFound(error) || traceOf('vault', error).status === 403) return { kind: 'free' };
    throw error;
  }
}

/** A 404 in the vault's own words: one from a proxy or a wrong URL proves nothing. */
export const isSecretNotFound = (error: unknown): boolean =>
  isRestError(error) && error.statusCode === 404 && error.code === 'SecretNotFound';
