import * as z from 'zod';
import type { FieldError, FieldErrors, Result } from '../model/problems.ts';
import { normalizeVaultUrl, VAULT_URL } from '../model/resources.ts';
import { expecting, fieldErrors } from '../request/validation.ts';

/** The version of a secret that an event of Key Vault is about. */
export interface SecretVersion {
  readonly vaultUrl: string;
  readonly secretName: string;
  readonly version: string;
}

type KeyVaultDataRead = Result<SecretVersion, FieldErrors>;

const SECRET_ID = /^(https:\/\/[A-Za-z0-9.-]{1,64})\/secrets\/([0-9A-Za-z-]{1,127})\/([0-9A-Fa-f]{32})$/;

const NAMES = ['Id', 'VaultName', 'ObjectType', 'ObjectName', 'Version'] as const;
const PUBLISHED: ReadonlyMap<string, string> = new Map(NAMES.map((name) => [name.toLowerCase(), name]));

const text = () => z.string({ error: expecting('a string') }).trim();

const dataSchema = z.object({
  Id: text().transform((id, context) => {
    const [, vaultUrl = '', secretName = '', version = ''] = SECRET_ID.exec(id) ?? [];
    if (VAULT_URL.test(vaultUrl)) {
      return { vaultUrl: normalizeVaultUrl(vaultUrl), secretName, version: version.toLowerCase() };
    }
    context.addIssue('must be the address of a version of a secret in Key Vault');
    return z.NEVER;
  }),
  VaultName: text(),
  ObjectType: text()
    .regex(/^secret$/i, 'must be "Secret"')
    .nullish(),
  ObjectName: text().nullish(),
  Version: text().nullish(),
});

/**
 * Reads `data` of `Microsoft.KeyVault.SecretNearExpiry` and `SecretExpired`.
 *
 * Microsoft's published samples have `"ObjectName "` with a blank in the name and `" ee05…"` with one in the value. The
 * schema says `id` where the samples say `Id`. So names are read without regard to case and outer blanks. Only the address
 * of the version counts, and the other fields must agree with it.
 */
export function readKeyVaultData(data: unknown): KeyVaultDataRead {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return { kind: 'invalid', errors: [{ pointer: '/data', detail: 'must be a JSON object' }] };
  }
  const named = Object.entries(data).flatMap(([name, value]) => {
    const published = PUBLISHED.get(name.trim().toLowerCase());
    return published === undefined ? [] : [[published, value] as const];
  });
  const parsed = dataSchema.safeParse(Object.fromEntries(named));
  const errors = [...repeatedIn(named), ...fieldErrors(parsed.error?.issues ?? [])];
  if (!parsed.success || errors.length > 0) return invalid(errors);
  const { Id: secret } = parsed.data;
  const disagreeing = disagreements(secret, parsed.data);
  return disagreeing.length > 0 ? invalid(disagreeing) : { kind: 'valid', value: secret };
}

const invalid = (errors: readonly FieldError[]): KeyVaultDataRead => ({
  kind: 'invalid',
  errors: errors.map(({ pointer, detail }) => ({ pointer: `/data${pointer}`, detail })),
});

/** Two spellings of one name: which one is meant is unclear. */
function repeatedIn(named: readonly (readonly [string, unknown])[]): readonly FieldError[] {
  return NAMES.filter((name) => named.filter(([each]) => each === name).length > 1).map((name) => ({
    pointer: `/${name}`,
    detail: 'occurs twice',
  }));
}

function disagreements(
  { vaultUrl, secretName, version }: SecretVersion,
  { VaultName, ObjectName, Version }: z.infer<typeof dataSchema>,
): readonly FieldError[] {
  const vaultName = /^https:\/\/([^.]*)\./.exec(vaultUrl)?.[1];
  const claims = [
    ['VaultName', VaultName, vaultName],
    ['ObjectName', ObjectName ?? secretName, secretName],
    ['Version', Version ?? version, version],
  ] as const;
  return claims
    .filter(([, claimed, named]) => claimed.toLowerCase() !== named?.toLowerCase())
    .map(([name]) => ({ pointer: `/${name}`, detail: 'must agree with Id' }));
}
