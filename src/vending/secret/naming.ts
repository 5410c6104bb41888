import type { FieldError } from '../model/problems.ts';
import type { Grant } from '../policy/policy.ts';

const MAX_SECRET_NAME = 127;
const ID_CHARACTERS = 10;

/**
 * `ck-<clusterId>-<slug of name>-<10 characters of the intent's id>`, at most Key Vault's 127 characters. A name that
 * has no Latin letter or digit leaves no slug.
 */
export function defaultSecretName(clusterId: string, name: string, intentId: string): string {
  const head = `ck-${clusterId.replaceAll('_', '-')}-`;
  const tail = intentId.slice(0, ID_CHARACTERS);
  const room = MAX_SECRET_NAME - head.length - tail.length - 1;
  const slug = slugOf(name).slice(0, room).replace(/-$/, '');
  return slug === '' ? head + tail : `${head}${slug}-${tail}`;
}

/** Callers may not choose a name that begins like this, so it tells the two kinds apart. */
export const isOwnSecretName = (secretName: string): boolean => secretName.toLowerCase().startsWith('ck-');

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
