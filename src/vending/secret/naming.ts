import * as z from 'zod';
import { type AttemptName, type Credential, isSameAttempt } from '../model/credential.ts';
import type { FieldError } from '../model/problems.ts';
import {
  CLUSTER_ID,
  ENVIRONMENT_ID,
  ORGANIZATION_NAME,
  RESOURCE_GROUP_NAME,
  SUBSCRIPTION_ID,
  type Target,
} from '../model/resources.ts';
import { DAY_MS } from '../model/timings.ts';
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
const TAG_CALLER = 'vend-caller';
const TAG_REQUEST = 'vend-request';
const TAG_RULE = 'vend-rule';

/** Key Vault's limit for a tag's value, in characters. */
const TAG_VALUE_LIMIT = 256;

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

/** What a row was made of, as tags say it. */
export interface TaggedRow {
  readonly caller: string;
  readonly requestHash: string;
  readonly rule: string;
  readonly target: Target;
}

const PROVIDER_ADDRESS =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Confluent\/organizations\/([^/]+)$/;

/** A value that reaches the limit may have been cut. */
const whole = z.string().max(TAG_VALUE_LIMIT - 1);
const taggedRowSchema = z.object({
  caller: whole.min(1),
  requestHash: z.string().regex(/^[0-9a-f]{64}$/),
  rule: whole.min(1),
  // Segments of URLs: tags can be forged.
  target: z.object({
    subscriptionId: z.string().regex(SUBSCRIPTION_ID),
    resourceGroupName: z.string().regex(RESOURCE_GROUP_NAME),
    organizationName: z.string().regex(ORGANIZATION_NAME),
    environmentId: z.string().regex(ENVIRONMENT_ID),
    clusterId: z.string().regex(CLUSTER_ID),
  }),
});

/** @returns undefined where a tag is missing, cut or no such name */
export function readRowTags(tags: Readonly<Record<string, string>>): TaggedRow | undefined {
  const { ProviderAddress: address = '', environment: environmentId, cluster: clusterId } = tags;
  if (address.length >= TAG_VALUE_LIMIT) return undefined;
  const [, subscriptionId, resourceGroupName, organizationName] = PROVIDER_ADDRESS.exec(address) ?? [];
  const parsed = taggedRowSchema.safeParse({
    caller: tags[TAG_CALLER],
    requestHash: tags[TAG_REQUEST],
    rule: tags[TAG_RULE],
    target: { subscriptionId, resourceGroupName, organizationName, environmentId, clusterId },
  });
  return parsed.data;
}

interface Stored {
  readonly attempt: AttemptName;
  readonly keyId: string;
  readonly owner: string | undefined;
  readonly expiresOn: number | undefined;
  readonly now: number;
}

/**
 * Tags of a stored version: 13 of the 15 that Key Vault allows. They hold what a lost row can be rebuilt from.
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
    [TAG_CALLER]: row.caller,
    [TAG_REQUEST]: row.requestHash,
    [TAG_RULE]: row.grant.rule,
    environment: environmentId,
    cluster: clusterId,
    owner: owner ?? 'unknown',
    CredentialId: keyId,
    ProviderAddress: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Confluent/organizations/${organizationName}`,
  };
  if (expiresOn !== undefined) tags.ValidityPeriodDays = String(Math.max(1, Math.ceil((expiresOn - now) / DAY_MS)));
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, value.slice(0, TAG_VALUE_LIMIT)]));
}
