import * as z from 'zod';
import type { FieldError } from '../model/problems.ts';
import { normalizeVaultUrl, VAULT_URL } from '../model/vault-url.ts';
import { expecting, fieldErrors } from '../request/field-errors.ts';

/** The version of a secret that an event of Key Vault is about: a hint, to be checked against ledger and vault. */
export interface SecretVersionHint {
  readonly vaultUrl: string;
  readonly secretName: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly expiresOn?: number;
}

export type HintReading =
  | { readonly kind: 'read'; readonly hint: SecretVersionHint }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

const SECRET_ID = /^(https:\/\/[A-Za-z0-9.-]{1,64})\/secrets\/([0-9A-Za-z-]{1,127})\/([0-9A-Fa-f]{32})$/;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
/** Seconds; the last that a `Date` of four-digit years holds. */
const LAST_SECOND = 253_402_300_799;

const NAMES = ['Id', 'VaultName', 'ObjectType', 'ObjectName', 'Version', 'EXP'] as const;
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
  EXP: z.unknown().optional(),
});

/**
 * Reads `data` of `Microsoft.KeyVault.SecretNearExpiry` and `SecretExpired`.
 *
 * Microsoft's published samples have `"ObjectName "` with a blank in the name, `" ee05…"` with one in the value, and
 * times as numbers in strings where the schema says numbers; the schema says `id` where the samples say `Id`. So names
 * are read without regard to case and outer blanks. Nothing is believed that the address of the version does not say.
 */
export function readKeyVaultData(data: unknown): HintReading {
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
  const { Id: version, EXP } = parsed.data;
  const disagreeing = disagreements(version, parsed.data);
  if (disagreeing.length > 0) return invalid(disagreeing);
  const expiresOn = expiryOf(EXP);
  return { kind: 'read', hint: { ...version, ...(expiresOn === undefined ? {} : { expiresOn }) } };
}

const invalid = (errors: readonly FieldError[]): HintReading => ({
  kind: 'invalid',
  errors: errors.map(({ pointer, detail }) => ({ pointer: `/data${pointer}`, detail })),
});

/** Two spellings of one name: nobody can say which is meant. */
function repeatedIn(named: readonly (readonly [string, unknown])[]): readonly FieldError[] {
  return NAMES.filter((name) => named.filter(([each]) => each === name).length > 1).map((name) => ({
    pointer: `/${name}`,
    detail: 'occurs twice',
  }));
}

function disagreements(
  { vaultUrl, secretName, version }: SecretVersionHint,
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

/** Seconds since the epoch, as a number or as text, or ISO 8601. What is neither is no reason to drop the event. */
function expiryOf(exp: unknown): number | undefined {
  const value = typeof exp === 'string' ? exp.trim() : exp;
  if (typeof value === 'string' && ISO_TIME.test(value)) {
    const at = Date.parse(value);
    return Number.isNaN(at) ? undefined : at;
  }
  const seconds = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 && seconds <= LAST_SECOND ? Math.floor(seconds * 1000) : undefined;
}
