import { currentVersion, type DeletedSecret, type SecretVersion, type StoredSecret } from './secret-store.ts';

/** Where identifiers in the answers point, and what the vault says of itself. */
export interface VaultFacts {
  /** `https://<vault>.vault.azure.net`, or the loopback address by which the vault was asked. */
  readonly origin: string;
  readonly retentionDays: number;
}

const DEFAULT_RETENTION_DAYS = 90;

/** A `SecretBundle` without its value: the answer to an update, a deletion, an entry in a list of versions. */
export function versionBundle(facts: VaultFacts, name: string, version: SecretVersion): Record<string, unknown> {
  return {
    id: `${facts.origin}/secrets/${name}/${version.version}`,
    contentType: version.contentType,
    attributes: attributes(facts, version),
    tags: version.tags,
  };
}

export function valueBundle(facts: VaultFacts, name: string, version: SecretVersion): Record<string, unknown> {
  return { value: version.value, ...versionBundle(facts, name, version) };
}

/** An entry in a list of secrets: what the newest version says of itself, under an identifier without version. */
export function secretItem(facts: VaultFacts, secret: StoredSecret): Record<string, unknown> {
  const bundle = versionBundle(facts, secret.name, currentVersion(secret));
  return { ...bundle, id: `${facts.origin}/secrets/${secret.name}` };
}

export function deletedBundle(facts: VaultFacts, deleted: DeletedSecret): Record<string, unknown> {
  return { ...deletion(facts, deleted), ...versionBundle(facts, deleted.name, currentVersion(deleted)) };
}

export function deletedItem(facts: VaultFacts, deleted: DeletedSecret): Record<string, unknown> {
  return { ...deletion(facts, deleted), ...secretItem(facts, deleted) };
}

const deletion = (facts: VaultFacts, deleted: DeletedSecret): Record<string, unknown> => ({
  recoveryId: `${facts.origin}/deletedsecrets/${deleted.name}`,
  deletedDate: deleted.deletedDate,
  scheduledPurgeDate: deleted.scheduledPurgeDate,
});

function attributes(facts: VaultFacts, version: SecretVersion): Record<string, unknown> {
  const customized = facts.retentionDays === DEFAULT_RETENTION_DAYS ? '' : 'Customized';
  return {
    enabled: version.enabled,
    nbf: version.nbf,
    exp: version.exp,
    created: version.created,
    updated: version.updated,
    recoveryLevel: `${customized}Recoverable+Purgeable`,
    recoverableDays: facts.retentionDays,
  };
}
