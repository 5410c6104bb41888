import type { AttemptName, Credential, Work } from '../model/credential.ts';
import { describeWithMarker } from '../model/idempotency.ts';
import { OUT_OF_TIME, type Problem, type ProblemSummary, problemOf, REVOKED } from '../model/problems.ts';
import type { KeyRecord } from '../model/resources.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import { type Grant, ownerAllowed } from '../policy/policy.ts';
import type { MintConnection, MintOutcome, RefusalReason } from '../ports/confluent.ts';
import type { Secret } from '../secret/secret.ts';
import type { Context } from './context.ts';

/** The outcome of the attempt's one POST. */
export type Minted =
  | { readonly kind: 'minted'; readonly key: KeyRecord; readonly secret: Secret; readonly upstream: UpstreamTrace }
  /** A key came to exist that is not to be used. */
  | {
      readonly kind: 'unusable';
      readonly key: KeyRecord;
      readonly problem: ProblemSummary;
      readonly upstream: UpstreamTrace;
    }
  | { readonly kind: 'not-minted'; readonly problem: Problem; readonly upstream?: UpstreamTrace }
  | { readonly kind: 'ambiguous'; readonly upstream: UpstreamTrace };

/** Sends the one POST that the claim, confirmed in the ledger, entitles this worker to. */
export async function mintOnce(
  ctx: Context,
  grant: Grant,
  row: Credential,
  work: Work,
  connection: MintConnection,
): Promise<Minted> {
  const { mintDeadlineMs } = ctx.timings;
  const obstacle =
    row.revocation !== undefined ? REVOKED : leaseCovers(ctx, work, mintDeadlineMs) ? undefined : OUT_OF_TIME;
  if (obstacle !== undefined) {
    connection.discard();
    return { kind: 'not-minted', problem: obstacle };
  }
  const description = describeWithMarker(row.description, row.id, work);
  const outcome = await connection.mint({ target: row.target, name: row.name, description }, mintDeadlineMs);
  logMint(ctx, row.id, work, outcome);
  return handleMintOutcome(grant, outcome);
}

function handleMintOutcome(grant: Grant, outcome: MintOutcome): Minted {
  const { upstream } = outcome;
  switch (outcome.kind) {
    case 'not-sent':
      return { kind: 'not-minted', problem: NOT_SENT, upstream };
    case 'throttled':
      return { kind: 'not-minted', problem: { ...THROTTLED, retryAfterMs: outcome.retryAfterMs }, upstream };
    case 'refused':
      return { kind: 'not-minted', problem: problemOf(outcome.reason, REFUSALS[outcome.reason]), upstream };
    case 'ambiguous':
      return { kind: 'ambiguous', upstream };
    case 'no-secret':
      return { kind: 'unusable', key: outcome.key, problem: NO_SECRET, upstream };
    case 'minted':
      return ownerAllowed(grant, outcome.key.spec.owner?.id)
        ? outcome
        : { kind: 'unusable', key: outcome.key, problem: OWNER_NOT_ALLOWED, upstream };
  }
}

/** Enough of the lease is left to end a step of this length before the reconciler may look at the row. */
export const leaseCovers = ({ clock, timings }: Context, { leaseUntil }: Work, stepMs: number): boolean =>
  clock.now() + stepMs + timings.marginMs <= leaseUntil;

function logMint(ctx: Context, credentialId: string, { attempt }: AttemptName, outcome: MintOutcome): void {
  ctx.log({
    level: outcome.kind === 'minted' ? 'info' : 'warn',
    event: `mint-${outcome.kind}`,
    credentialId,
    attempt,
    ...('key' in outcome && { apiKeyId: outcome.key.id }),
    upstream: outcome.upstream,
  });
}

const NOT_SENT = problemOf(
  'upstream-unreachable',
  'The request could not be sent to Azure Resource Manager, so nothing was minted; try again.',
  5_000,
);
export const THROTTLED = problemOf('upstream-throttled', 'Azure Resource Manager asked to wait; try again later.');
const REFUSALS: Readonly<Record<RefusalReason, string>> = {
  'target-not-found': 'Azure knows no such organization, environment or cluster.',
  'quota-exhausted': 'Confluent allows no further API key for this owner or cluster; delete unused keys first.',
  'upstream-forbidden': 'The identity of this service may not create API keys there; an operator has to look.',
  'upstream-refused': 'Azure did not accept the request; nothing was minted.',
};
const NO_SECRET: ProblemSummary = {
  type: 'key-unusable',
  detail: 'Confluent minted a key without showing its secret; the key is being deleted.',
};
const OWNER_NOT_ALLOWED: ProblemSummary = {
  type: 'owner-not-allowed',
  detail: 'Confluent minted the key for an owner that policy does not allow; the key is being deleted.',
};
