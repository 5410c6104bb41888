import { invalidField, type Problem, problemOf } from '../../model/problems.ts';
import { normalizeVaultUrl } from '../../model/resources.ts';
import type { VendSettings } from '../../policy/policy.ts';
import type { Context } from '../../saga/context.ts';
import { readTags } from '../../secret/naming.ts';
import { recoverCredential } from './recover-credential.ts';
import { newestFirst } from './recovery-keys.ts';
import type { RecoveredSecret, RecoveryPage, RecoveryRequest } from './schema.ts';

export type Recovered =
  | { readonly kind: 'page'; readonly page: RecoveryPage }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** Secrets of one call. */
const MAX_SECRETS = 100;
const LANES = 5;
/** No secret is begun with less than this left of the invocation. */
const RESERVE_MS = 60_000;

/**
 * Reads the versions of a vault, and inserts the rows that the ledger lost. No row is ever replaced, so every call may be
 * repeated. Keys that a row should name and does not, and that are older than its current one, are deleted.
 *
 * Only while nothing from before can be under way, and no new key is minted: the caller of this function sees to that.
 */
export async function recover(ctx: Context, settings: VendSettings, request: RecoveryRequest): Promise<Recovered> {
  const { cursor = '', validateOnly = false, vaultUrl = settings.defaultVaultUrl } = request;
  if (!isConfigured(settings, vaultUrl)) return { kind: 'problem', problem: UNKNOWN_VAULT };
  const listed = await ctx.vault.listNames(vaultUrl);
  if (listed.kind === 'unavailable') {
    ctx.log({ level: 'warn', event: 'vault-not-listed', upstream: listed.upstream });
    return { kind: 'problem', problem: VAULT_NOT_LISTED };
  }
  const names = listed.names
    .filter((name) => keyOf(name) > keyOf(cursor))
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const secrets: RecoveredSecret[] = [];
  const unclear: string[] = [];
  let looked = 0;
  while (looked < Math.min(names.length, MAX_SECRETS) && (looked === 0 || ctx.clock.timeLeft() > RESERVE_MS)) {
    const some = names.slice(looked, looked + LANES);
    const found = await Promise.all(some.map((name) => recoverSecret(ctx, settings, { vaultUrl, name, validateOnly })));
    unclear.push(...some.filter((_, n) => found[n] === undefined));
    secrets.push(...found.flatMap((each) => each ?? []));
    looked += some.length;
  }
  const last = names[looked - 1];
  const next = looked < names.length && last !== undefined ? { next: last } : {};
  const page = { vaultUrl, validateOnly, looked, secrets, unclear, ...next };
  recordRun(ctx, page, cursor);
  return { kind: 'page', page };
}

/** Key Vault's names ignore case. */
const keyOf = (name: string): string => name.toLowerCase();

const isConfigured = ({ policy, defaultVaultUrl }: VendSettings, vaultUrl: string): boolean =>
  [defaultVaultUrl, ...policy.rules.flatMap((rule) => rule.vaultUrl ?? [])].map(normalizeVaultUrl).includes(vaultUrl);

interface Asked {
  readonly vaultUrl: string;
  readonly name: string;
  readonly validateOnly: boolean;
}

/** A name may have had several credentials, one after the other. Undefined where the vault did not answer. */
async function recoverSecret(
  ctx: Context,
  settings: VendSettings,
  { vaultUrl, name: secretName, validateOnly }: Asked,
): Promise<readonly RecoveredSecret[] | undefined> {
  const listed = await ctx.vault.listVersions(vaultUrl, secretName);
  if (listed.kind === 'unavailable') {
    ctx.log({ level: 'warn', event: 'vault-not-listed', upstream: listed.upstream });
    return undefined;
  }
  const versions = newestFirst(listed.versions);
  const ids = new Set(versions.flatMap(({ tags }) => readTags(tags)?.id ?? []));
  const found: RecoveredSecret[] = [];
  for (const id of ids)
    found.push(await recoverCredential(ctx, settings, { id, vaultUrl, secretName }, versions, validateOnly));
  return found;
}

/** Every change that it made was recorded in its own transaction. This adds who asked, and how far it came. */
function recordRun(ctx: Context, { vaultUrl, validateOnly, looked, secrets }: RecoveryPage, after: string): void {
  const count = (outcome: RecoveredSecret['outcome']): number =>
    secrets.filter((each) => each.outcome === outcome).length;
  const counts = {
    looked,
    inserted: count('inserted'),
    known: count('known'),
    notInserted: count('not-inserted'),
    deleted: secrets.flatMap(({ keys }) => keys.filter(({ is }) => is === 'deleted')).length,
  };
  const { name: actor } = ctx.actor;
  const at = new Date(ctx.clock.now()).toISOString();
  if (validateOnly) ctx.log({ level: 'info', event: 'recovery-tried', caller: actor, state: vaultUrl, counts });
  else ctx.audit({ id: ctx.ids.writeId(), at, actor, vaultUrl, ...(after !== '' && { after }), ...counts });
}

const UNKNOWN_VAULT = invalidField('/vaultUrl', 'must be the configured vault, or one that a rule of the policy names');
const VAULT_NOT_LISTED = problemOf('vault-unavailable', 'The vault did not list its secrets; ask again.', 15_000);
