import { isRestError } from '@azure/core-rest-pipeline';
import type { SecretClient, SecretProperties } from '@azure/keyvault-secrets';
import type { NameOutcome, VersionMetadata } from '../../vending/ports/secret-vault.ts';
import { within } from '../deadline.ts';
import { traceOf } from '../upstream-trace.ts';

/** For one request, with its retries. The list of a secret that was rotated for years has many pages. */
export const DEADLINE_MS = 10_000;

/**
 * Properties of all versions, newest first. Key Vault counts `created` in seconds and promises no order, so versions of
 * the same second keep the order of its answer. Empty only where the vault says that there are none.
 *
 * @throws whatever the SDK throws: a look-up that failed is not an empty list.
 */
export async function propertiesOfVersions(client: SecretClient, name: string): Promise<SecretProperties[]> {
  try {
    const versions = await everyPage((abortSignal) => client.listPropertiesOfSecretVersions(name, { abortSignal }));
    return versions.sort((a, b) => (b.createdOn?.getTime() ?? 0) - (a.createdOn?.getTime() ?? 0));
  } catch (error) {
    // Versions of an earlier page are gone with their secret.
    if (isSecretNotFound(error)) return [];
    throw error;
  }
}

type Paged = ReturnType<SecretClient['listPropertiesOfSecrets']>;

/** @throws whatever the SDK throws */
async function everyPage(list: (signal: AbortSignal) => Paged): Promise<SecretProperties[]> {
  const ended = new AbortController();
  const pages = list(ended.signal).byPage();
  const listed: SecretProperties[] = [];
  try {
    for (;;) {
      const page = await within(DEADLINE_MS, () => pages.next());
      if (page.done === true) return listed;
      listed.push(...page.value);
    }
  } finally {
    ended.abort();
  }
}

/** @throws whatever the SDK throws */
export const listNames = async (client: SecretClient): Promise<string[]> =>
  (await everyPage((abortSignal) => client.listPropertiesOfSecrets({ abortSignal }))).map(({ name }) => name);

export const listVersions = async (client: SecretClient, name: string): Promise<VersionMetadata[]> =>
  (await propertiesOfVersions(client, name)).map(metadataOf);

function metadataOf(properties: SecretProperties): VersionMetadata {
  const { id, version, enabled = true, tags = {}, contentType, createdOn, expiresOn } = properties;
  if (id === undefined || version === undefined) throw new Error('Key Vault listed a version without an identifier.');
  return {
    id,
    version,
    enabled,
    tags,
    createdAt: createdOn?.getTime() ?? 0,
    ...(contentType !== undefined && { contentType }),
    ...(expiresOn !== undefined && { expiresAt: expiresOn.getTime() }),
  };
}

/**
 * A soft-deleted secret may still hold a name without versions. `free` also if this identity may not look for one (403).
 * The vault then refuses the store with a 409, which proves that nothing was written.
 */
export async function lookUpName(client: SecretClient, name: string): Promise<NameOutcome> {
  const versions = await listVersions(client, name);
  if (versions.length > 0) return { kind: versions.some(({ enabled }) => enabled) ? 'in-use' : 'free' };
  try {
    await within(DEADLINE_MS, (abortSignal) => client.getDeletedSecret(name, { abortSignal }));
    return { kind: 'soft-deleted' };
  } catch (error) {
    if (isSecretNotFound(error) || traceOf('vault', error).status === 403) return { kind: 'free' };
    throw error;
  }
}

/** A 404 in the vault's own words: one from a proxy or a wrong URL proves nothing. */
export const isSecretNotFound = (error: unknown): boolean =>
  isRestError(error) && error.statusCode === 404 && error.code === 'SecretNotFound';
