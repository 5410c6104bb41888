import type { Intent } from '../intent.ts';
import type { KeyRecord } from '../model/key-record.ts';

/** Tags by which the versions of an intent's attempt are found again. */
export const TAG_INTENT = 'vend-intent';
export const TAG_ATTEMPT = 'vend-attempt';
export const TAG_KEY = 'vend-key';

/** Key Vault's limit for a tag's value, in characters. */
const TAG_VALUE_LIMIT = 256;
const DAY_MS = 86_400_000;

/**
 * Tags of a stored version: 11 of the 15 that Key Vault allows. `CredentialId`, `ProviderAddress` and
 * `ValidityPeriodDays` are the names that Microsoft's secret rotation samples read.
 */
export function tagsOf(intent: Intent, key: KeyRecord, now: number): Readonly<Record<string, string>> {
  const { target, expiresOn } = intent;
  const organization = `/subscriptions/${target.subscriptionId}/resourceGroups/${target.resourceGroupName}/providers/Microsoft.Confluent/organizations/${target.organizationName}`;
  const tags: Record<string, string> = {
    [TAG_INTENT]: intent.id,
    [TAG_ATTEMPT]: String(intent.attempt),
    [TAG_KEY]: key.id,
    organization: target.organizationName,
    environment: target.environmentId,
    cluster: target.clusterId,
    owner: key.spec.owner?.id ?? 'unknown',
    CredentialId: key.id,
    ProviderAddress: organization,
  };
  if (expiresOn !== undefined) {
    tags.ValidityPeriodDays = String(Math.max(1, Math.ceil((Date.parse(expiresOn) - now) / DAY_MS)));
  }
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, value.slice(0, TAG_VALUE_LIMIT)]));
}
