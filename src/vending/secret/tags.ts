import type { AttemptName, Credential } from '../model/credential.ts';
import { isSameAttempt } from '../model/credential.ts';

/**
 * Tags by which versions are found again. Anybody who may write to the vault can replace them, so they find versions and
 * never decide alone.
 */
const TAG_ID = 'vend-id';
const TAG_ATTEMPT = 'vend-attempt';
const TAG_NONCE = 'vend-nonce';
const TAG_KEY = 'vend-key';

/** Key Vault's limit for a tag's value, in characters. */
const TAG_VALUE_LIMIT = 256;
const DAY_MS = 86_400_000;

/** What a version's tags say. */
export interface TaggedAttempt extends AttemptName {
  readonly id: string;
  readonly keyId: string;
}

export function readTags(tags: Readonly<Record<string, string>>): TaggedAttempt | undefined {
  const { [TAG_ID]: id, [TAG_ATTEMPT]: attempt = '', [TAG_NONCE]: nonce, [TAG_KEY]: keyId } = tags;
  if (id === undefined || nonce === undefined || keyId === undefined || !/^[1-9]\d{0,8}$/.test(attempt))
    return undefined;
  return { id, attempt: Number(attempt), nonce, keyId };
}

export const isTaggedWith = (tags: Readonly<Record<string, string>>, id: string, attempt: AttemptName): boolean => {
  const tagged = readTags(tags);
  return tagged !== undefined && tagged.id === id && isSameAttempt(tagged, attempt);
};

interface Stored {
  readonly attempt: AttemptName;
  readonly keyId: string;
  readonly owner: string | undefined;
  readonly expiresOn: number | undefined;
  readonly now: number;
}

/**
 * Tags of a stored version: 14 of the 15 that Key Vault allows. They hold what a lost row can be rebuilt from.
 * `CredentialId`, `ProviderAddress` and `ValidityPeriodDays` are the names that Microsoft's secret rotation samples read.
 */
export function tagsOf(
  row: Credential,
  { attempt, keyId, owner, expiresOn, now }: Stored,
): Readonly<Record<string, string>> {
  const { subscriptionId, resourceGroupName, organizationName, environmentId, clusterId } = row.target;
  const tags: Record<string, string> = {
    [TAG_ID]: row.id,
    [TAG_ATTEMPT]: String(attempt.attempt),
    [TAG_NONCE]: attempt.nonce,
    [TAG_KEY]: keyId,
    'vend-caller': row.caller,
    'vend-request': row.requestHash,
    'vend-rule': row.grant.rule,
    environment: environmentId,
    cluster: clusterId,
    owner: owner ?? 'unknown',
    CredentialId: keyId,
    ProviderAddress: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Confluent/organizations/${organizationName}`,
  };
  if (expiresOn !== undefined) tags.ValidityPeriodDays = String(Math.max(1, Math.ceil((expiresOn - now) / DAY_MS)));
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, value.slice(0, TAG_VALUE_LIMIT)]));
}
