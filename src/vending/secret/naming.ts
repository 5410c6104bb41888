import { type AttemptName, type Credential, isSameAttempt } from '../model/credential.ts';
import type { FieldError } from '../model/problems.ts';
import type { Grant } from '../policy/policy.ts';

const MAX_SECRET_NAME = 127;

/**
 * `ck-<clusterId>-<slug of name>-<id of the credential>`, at most Key Vault's 127 characters. A name that has no Latin
 * letter or digit leaves no slug. The whole id keeps two credentials from ever sharing a secret.
 */
export function defaultSecretName(clusterId: string, name: string, id: string): string {
  const head = `ck-${clusterId.replaceAll('_', '-')}-`;
  const room = MAX_SECRET_NAME - head.length - id.length - 1;
  const slug = slugOf(name).slice(0, room).replace(/-$/, '');
  return slug === '' ? head + id : `${head}${slug}-${id}`;
}

/** For App Service settings. Without a version, so that a rotation reaches its consumers. */
export const keyVaultReference = (vaultUrl: string, secretName: string): string =>
  `@Microsoft.KeyVault(SecretUri=${vaultUrl}/secrets/${secretName}/)`;

function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^0-9a-z]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** Callers choose names only under a prefix of their own; like the vault, this is blind to case. */
export function checkChosenName(
  secretName: string,
  { secretNamePrefix: prefix }: Pick<Grant, 'secretNamePrefix'>,
): FieldError | undefined {
  if (prefix === undefined)
    return { pointer: '/secretName', detail: 'may not be chosen: policy gives this caller no prefix' };
  if (secretName.toLowerCase().startsWith(prefix.toLowerCase())) return undefined;
  return { pointer: '/secretName', detail: `must begin with "${prefix}"` };
}

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
