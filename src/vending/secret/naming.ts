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
