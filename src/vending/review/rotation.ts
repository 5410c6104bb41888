import type { Credential } from '../model/credential.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import { decideByRule, type Grant, type Terms } from '../policy/policy.ts';
import type { Stored } from '../ports/ledger.ts';
import { commit } from '../saga/commit.ts';
import type { Context } from '../saga/context.ts';
import type { Progress } from '../saga/revocation.ts';
import { checkChosenName, defaultSecretName } from '../secret/naming.ts';

/** Who has which key, and where its secret is. */
type Placed = Pick<Credential, 'id' | 'caller' | 'target' | 'name' | 'vaultUrl' | 'secretName'> & {
  readonly grant: Pick<Credential['grant'], 'rule'>;
};

export type RotationGrant =
  | { readonly kind: 'granted'; readonly grant: Grant }
  /** `place`: the rule stands, and gives another vault or no such name. */
  | { readonly kind: 'denied'; readonly for: 'rule' | 'place' };

/** True if the rule that granted a credential grants its next key today, for the same vault and name. */
export function rotationGrantOf({ policy, defaultVaultUrl }: Terms, row: Placed): RotationGrant {
  const decision = decideByRule(policy, row.grant.rule, row.caller, row.target);
  if (decision.kind === 'denied') return { kind: 'denied', for: 'rule' };
  const { grant } = decision;
  if ((grant.vaultUrl ?? defaultVaultUrl) !== row.vaultUrl) return { kind: 'denied', for: 'place' };
  const isDerived = row.secretName === defaultSecretName(row.target.clusterId, row.name, row.id);
  return isDerived || checkChosenName(row.secretName, grant) === undefined
    ? { kind: 'granted', grant }
    : { kind: 'denied', for: 'place' };
}

/**
 * Five rotations a second. ARM refills a budget of 10 writes a second for a subscription and principal. The other half
 * is for new requests.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
const SPACING_MS = 200;
const MAX_IN_A_RUN = 250;

/** Moments at which the rotations of one run may begin. */
export interface Slots {
  /** Milliseconds since the epoch; undefined where there are no more. */
  next(): number | undefined;
  /** A bus that takes nothing must not be waited for again and again. */
  close(): void;
}

export function slotsFrom(start: number): Slots {
  let taken = 0;
  return {
    next: () => (taken < MAX_IN_A_RUN ? start + taken++ * SPACING_MS : undefined),
    close: () => {
      taken = MAX_IN_A_RUN;
    },
  };
}

/**
 * Asks for the rotation that is due. The row keeps when, so it is asked for again if it does not come. Without a rule that
 * still grants it nothing is minted unasked, and operators see it.
 */
export async function askRotation(ctx: Context, terms: Terms, slots: Slots, row: Stored): Promise<Progress> {
  const { id, caller, current } = row.credential;
  if (current === undefined) return { kind: 'done', row };
  const suspended = rotationGrantOf(terms, row.credential).kind === 'denied';
  if (suspended) {
    ctx.log({ level: 'error', event: 'rotation-suspended', credentialId: id, caller });
  } else {
    const slot = slots.next();
    // The bus is busy, or silent: it stays due, and the next run asks.
    if (slot === undefined) return { kind: 'deferred', row };
    const { attempt, key } = current;
    const sent = await ctx.rotations.request({
      credentialId: id,
      attempt,
      replaces: key.id,
      etag: row.etag,
      notBefore: new Date(slot),
    });
    if (sent.kind === 'not-sent') {
      slots.close();
      ctx.log({ level: 'error', event: 'rotation-not-requested', credentialId: id, upstream: sent.upstream });
      return { kind: 'deferred', row };
    }
  }
  const recorded = await commit(ctx, row, TRANSITIONS.noteRotationAsked, { suspended }, { id });
  return recorded.kind === 'committed' ? { kind: 'done', row: recorded.row } : { kind: 'open', row };
}
