import type { Credential } from '../../model/credential.ts';
import { problemOf } from '../../model/problems.ts';
import { TRANSITIONS } from '../../model/transitions.ts';
import type { VendSettings } from '../../policy/policy.ts';
import type { Stored } from '../../ports/ledger.ts';
import type { VersionMetadata } from '../../ports/secret-vault.ts';
import { commit, readCredential } from '../../saga/commit.ts';
import { compensate } from '../../saga/compensate.ts';
import type { Context } from '../../saga/context.ts';
import { type LostCredential, planRecovery, type RecoveryPlan } from './plan-recovery.ts';
import { lookAtKeys, type Named, namedBy, placesOf, type SeenKey } from './recovery-keys.ts';
import type { RecoveredSecret, RecoveryReason } from './schema.ts';

/** What the vault has of one credential under one name. */
interface Found extends LostCredential {
  readonly versions: readonly VersionMetadata[];
  readonly keys: readonly SeenKey[];
}

/** Inserts the row of one credential if it is missing, and deletes the living keys that it does not name. */
export async function recoverCredential(
  ctx: Context,
  settings: VendSettings,
  lost: LostCredential,
  versions: readonly VersionMetadata[],
  validateOnly: boolean,
): Promise<RecoveredSecret> {
  const read = await readCredential(ctx, lost.id);
  const known = read.kind === 'found' ? read.row : undefined;
  const found = { ...lost, versions, keys: await lookAtKeys(ctx, lost.id, versions, known?.credential) };
  if (read.kind === 'unreachable') return refusal(ctx, found, 'unclear');
  const plan = planRecovery(settings, lost, found.keys);
  if (known !== undefined) {
    const reason = hasNothing(known.credential) ? reasonAgainst(plan) : undefined;
    if (reason !== undefined) return refusal(ctx, found, reason, known.credential);
    const view = viewOf(ctx, found, namedBy(known.credential), { outcome: 'known' }, known.credential);
    return validateOnly ? view : deleteSuperseded(ctx, known, view, found.keys);
  }
  if (plan.kind === 'refuse') return refusal(ctx, found, plan.reason, plan.row);
  const { draft, current, previous } = plan.recovery;
  const named: Named = {
    current: { keyId: current.key.id, version: current.secret.version },
    previous: previous?.key.id,
    target: draft.target,
    overlapEnd: current.vendedAt + draft.grant.overlapMs,
  };
  const view = viewOf(ctx, found, named, { outcome: 'inserted', caller: draft.caller, rule: draft.grant.rule });
  if (validateOnly) return view;
  const inserted = await insert(ctx, plan, lost.id);
  if (typeof inserted === 'string') return refusal(ctx, found, inserted, draft);
  return deleteSuperseded(ctx, inserted, view, found.keys);
}

/** An attempt that failed, as an older copy of the table has it: later it may have succeeded. */
const hasNothing = ({ current, work, revocation, closed }: Credential): boolean =>
  current === undefined && work === undefined && revocation === undefined && closed === undefined;

/** A repetition of its request would mint a second key, unless it is proven that there is none. */
function reasonAgainst(plan: RecoveryPlan): RecoveryReason | undefined {
  if (plan.kind === 'insert') return 'row-without-key';
  return plan.reason === 'no-living-key' ? undefined : plan.reason;
}

/** Consumers of events order by the sequence. Minutes are more than any credential had commits. */
const MINUTE_MS = 60_000;

async function insert(
  ctx: Context,
  { recovery }: Extract<RecoveryPlan, { kind: 'insert' }>,
  id: string,
): Promise<Stored | RecoveryReason> {
  const sequence = Math.floor(ctx.clock.now() / MINUTE_MS);
  const inserted = await commit(ctx, undefined, TRANSITIONS.insertRecovered, recovery, { id, sequence });
  switch (inserted.kind) {
    case 'committed':
      return inserted.row;
    case 'taken':
      return 'name-taken';
    case 'overtaken':
    case 'not-allowed':
    case 'unreachable':
      return 'unclear';
  }
}

const FORGOTTEN_KEY = problemOf('outcome-unknown', 'The ledger had forgotten this key; it is being deleted.');

/** As an operator corrects a wrong "none". One at a time: a row has room for one. The reconciler goes on where this ends. */
async function deleteSuperseded(
  ctx: Context,
  from: Stored,
  view: RecoveredSecret,
  keys: readonly SeenKey[],
): Promise<RecoveredSecret> {
  const superseded = new Set(view.keys.filter(({ is }) => is === 'superseded').map(({ apiKeyId }) => apiKeyId));
  const deleted: string[] = [];
  let row = from;
  for (const keyId of superseded) {
    const key = keys.find(({ tagged }) => tagged.keyId === keyId);
    if (key === undefined) break;
    const { attempt, nonce } = key.tagged;
    const { id, version } = key.version;
    const input = { attempt: { attempt, nonce }, keyId, secret: { id, version }, problem: FORGOTTEN_KEY };
    const claimId = ctx.ids.writeId();
    const options = { id: row.credential.id };
    const taken = await commit(ctx, row, TRANSITIONS.correctNone, { ...input, claimId }, options);
    if (taken.kind !== 'committed') break;
    const compensated = await compensate(ctx, taken.row);
    if (compensated.kind !== 'closed') break;
    deleted.push(keyId);
    row = compensated.row;
  }
  const after = view.keys.map((key) => (deleted.includes(key.apiKeyId) ? { ...key, is: 'deleted' as const } : key));
  return { ...view, keys: after };
}

const refusal = (
  ctx: Context,
  found: Found,
  reason: RecoveryReason,
  row?: { readonly caller: string },
): RecoveredSecret => viewOf(ctx, found, {}, { outcome: 'not-inserted', reason, ...(row && { caller: row.caller }) });

function viewOf(
  { clock }: Context,
  { id, secretName, versions, keys }: Found,
  named: Named,
  says: Pick<RecoveredSecret, 'outcome' | 'reason' | 'caller' | 'rule'>,
  row?: Credential,
): RecoveredSecret {
  const version = row?.revocation === undefined ? named.current?.version : undefined;
  const newestIsAnother = versions[0]?.version !== version && versions.some((each) => each.version === version);
  return {
    secretName,
    id,
    ...says,
    keys: placesOf(keys, named, clock.now()),
    ...(newestIsAnother && { newestIsAnother }),
  };
}
