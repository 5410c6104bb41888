import { markerOf } from '../../model/idempotency.ts';
import type { KeyRecord } from '../../model/resources.ts';
import type { CredentialDraft, RecoveredKey, Recovery } from '../../model/transitions.ts';
import { decide, type Grant, ownerAllowed, type VendSettings } from '../../policy/policy.ts';
import { rotationGrantOf } from '../../review/rotation.ts';
import type { TaggedRow } from '../../secret/naming.ts';
import { formatOf } from '../../secret/secret.ts';
import { termsOf } from '../plan-vend.ts';
import { isSameTarget, type SeenKey } from './recovery-keys.ts';
import type { RecoveryReason } from './schema.ts';

export interface LostCredential {
  readonly id: string;
  readonly vaultUrl: string;
  readonly secretName: string;
}

export type RecoveryPlan =
  | { readonly kind: 'insert'; readonly recovery: Recovery }
  | { readonly kind: 'refuse'; readonly reason: RecoveryReason; readonly row?: TaggedRow | undefined };

/**
 * The row that was lost: current is the newest enabled version whose key lives, previous the one before it. Anybody who may
 * write to the vault can forge tags, so only what policy would grant today comes back, and on today's terms.
 */
export function planRecovery(settings: VendSettings, lost: LostCredential, keys: readonly SeenKey[]): RecoveryPlan {
  const enabled = keys.filter(({ version }) => version.enabled);
  // A key that nobody can look at may be the one that readers have.
  const unseen = enabled.find(({ seen }) => seen.kind === 'unseen');
  if (unseen !== undefined) return refuse(unseen.row === undefined ? 'tags-unreadable' : 'unclear', unseen.row);
  const [newest, ...older] = originals(enabled.flatMap(livingOf));
  if (newest === undefined) return refuse(reasonWithout(keys));
  const { row } = newest;
  const drafted = row === undefined ? 'tags-unreadable' : draftOf(settings, lost, newest, row);
  if (typeof drafted === 'string') return refuse(drafted, row);
  const before = older.find((each) => isSameTarget(each.row?.target, row?.target));
  const recovery: Recovery = {
    draft: drafted,
    createdAt: Math.min(...keys.map(({ version }) => version.createdAt)),
    attempts: Math.max(...keys.flatMap(livingOf).map(({ tagged }) => tagged.attempt)),
    current: recoveredKey(newest),
    ...(before && { previous: recoveredKey(before) }),
  };
  return { kind: 'insert', recovery };
}

const refuse = (reason: RecoveryReason, row?: TaggedRow): RecoveryPlan => ({ kind: 'refuse', reason, row });

type LivingKey = SeenKey & { readonly key: KeyRecord };

const livingOf = (each: SeenKey): readonly LivingKey[] =>
  each.seen.kind === 'living' ? [{ ...each, key: each.seen.key }] : [];

/** A secret is stored once. A newer version with the tags of the same key is a copy, whatever it holds. */
const originals = (keys: readonly LivingKey[]): readonly LivingKey[] =>
  keys.filter(({ key }, at) => keys.findLastIndex((other) => other.key.id === key.id) === at);

function reasonWithout(keys: readonly SeenKey[]): RecoveryReason {
  const has = (kind: SeenKey['seen']['kind']): boolean => keys.some(({ seen }) => seen.kind === kind);
  if (has('living')) return 'version-disabled';
  if (has('forged')) return 'forged-tags';
  return has('unseen') ? 'unclear' : 'no-living-key';
}

function draftOf(
  settings: VendSettings,
  { id, vaultUrl, secretName }: LostCredential,
  { key, version, tagged }: LivingKey,
  { caller, requestHash, rule, target }: TaggedRow,
): CredentialDraft | RecoveryReason {
  const secretFormat = formatOf(version.contentType);
  const name = key.spec.name ?? secretName;
  const placed = { id, caller, target, name, vaultUrl, secretName };
  const granted = grantOf(settings, placed, rule);
  if (secretFormat === undefined) return 'tags-unreadable';
  if (typeof granted === 'string') return granted;
  if (!ownerAllowed(granted, key.spec.owner?.id)) return 'owner-denied';
  const description = key.spec.description?.slice(0, -markerOf(id, tagged).length).trimEnd() ?? '';
  const validForMs = validityOf(version);
  return {
    ...placed,
    requestHash,
    ...(description !== '' && { description }),
    secretFormat,
    ...(validForMs !== undefined && { validForMs }),
    grant: termsOf(granted),
  };
}

/** A rule may have been renamed since. Then the first one counts that names the caller by its id. */
function grantOf(
  settings: VendSettings,
  placed: Omit<Parameters<typeof rotationGrantOf>[1], 'grant'>,
  tagged: string,
): Grant | RecoveryReason {
  const today = decide(settings.policy, { id: placed.caller, roles: [] }, placed.target);
  const rules = [tagged, ...(today.kind === 'granted' ? [today.rule] : [])];
  const grants = rules.map((rule) => rotationGrantOf(settings, { ...placed, grant: { rule } }));
  const [first] = grants.flatMap((each) => (each.kind === 'granted' ? [each.grant] : []));
  return (
    first ?? (grants.some((each) => each.kind === 'denied' && each.for === 'place') ? 'place-denied' : 'rule-denied')
  );
}

const recoveredKey = ({ tagged: { attempt, nonce }, key, version }: LivingKey): RecoveredKey => ({
  attempt,
  nonce,
  key,
  secret: { id: version.id, version: version.version },
  vendedAt: version.createdAt,
  ...(version.expiresAt !== undefined && { expiresOn: version.expiresAt }),
});

const MINUTE_MS = 60_000;

/** It ran from the claim, which was up to a minute or two before the version. Validity is asked for in whole minutes mostly. */
const validityOf = ({ createdAt, expiresAt }: LivingKey['version']): number | undefined =>
  expiresAt === undefined ? undefined : Math.max(MINUTE_MS, Math.ceil((expiresAt - createdAt) / MINUTE_MS) * MINUTE_MS);
