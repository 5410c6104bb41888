import type { Intent, IntentState } from '../intent.ts';
import { describeWithMarker, markerOf } from '../model/idempotency.ts';
import type { KeyRecord } from '../model/key-record.ts';
import { PROBLEMS, type Problem, type ProblemSummary } from '../model/problems.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import { type Grant, ownerAllowed } from '../policy/policy.ts';
import type { MintOutcome, RefusalReason } from '../ports/confluent.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import { giveUpKey } from './give-up-key.ts';
import { leaseCovers } from './guards.ts';
import { failedWith, problemOf, type VendOutcome } from './outcome.ts';
import type { SagaPorts } from './ports.ts';
import { recordWhile } from './record.ts';
import { recordMinted } from './record-minted.ts';
import { releaseChosenName } from './release-name.ts';

export type MintingRow = LedgerRow & {
  readonly intent: Intent & { readonly state: Extract<IntentState, { kind: 'minting' }> };
};

export const isMinting = (row: LedgerRow): row is MintingRow => row.intent.state.kind === 'minting';

/** Runs the attempt that the row's claim, confirmed in the ledger, entitles this worker to: at most one POST. */
export async function mintOnce(ports: SagaPorts, grant: Grant, row: MintingRow): Promise<VendOutcome> {
  const { intent } = row;
  const { mintDeadlineMs } = ports.timings;
  if (!leaseCovers(ports, intent.state.leaseUntil, mintDeadlineMs)) {
    return nothingMinted(ports, row, problemOf('out-of-time', 'The lease ran out before the key could be asked for.'));
  }
  const description = describeWithMarker(intent.description, intent.id, intent.attempt);
  const outcome = await ports.confluent.mint({ target: intent.target, name: intent.name, description }, mintDeadlineMs);
  logMint(ports, intent, outcome);
  return settle(ports, grant, row, outcome);
}

async function settle(ports: SagaPorts, grant: Grant, row: MintingRow, outcome: MintOutcome): Promise<VendOutcome> {
  const { upstream } = outcome;
  switch (outcome.kind) {
    case 'not-sent':
      return nothingMinted(
        ports,
        row,
        problemOf('upstream-unreachable', 'The request never left for Azure; try again.'),
        upstream,
      );
    case 'throttled':
      return nothingMinted(
        ports,
        row,
        problemOf('upstream-throttled', 'Azure Resource Manager asked to wait; try again later.', outcome.retryAfterMs),
        upstream,
      );
    case 'refused':
      return nothingMinted(ports, row, { type: outcome.reason, detail: REFUSALS[outcome.reason] }, upstream);
    case 'ambiguous':
      return park(ports, row, upstream);
    case 'no-secret':
      return giveUpKey(ports, row, outcome.key, NO_SECRET, upstream);
    case 'minted':
      return ownerAllowed(grant, outcome.key.spec.owner?.id)
        ? recordMinted(ports, row, outcome.key, outcome.secret, upstream)
        : giveUpKey(ports, row, outcome.key, OWNER_NOT_ALLOWED, upstream);
  }
}

const REFUSALS: Readonly<Record<RefusalReason, string>> = {
  'target-not-found': 'Azure knows no such organization, environment or cluster.',
  'quota-exhausted': 'Confluent allows no further API key for this owner or cluster; delete unused keys first.',
  'upstream-forbidden': 'The identity of this service may not create API keys there; its operators were told.',
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

/**
 * Records the proof that this attempt minted nothing, even where somebody wrote `unknown` meanwhile. The due row stays:
 * the reconciler forgets the failure in its time.
 */
export async function nothingMinted(
  ports: SagaPorts,
  row: MintingRow,
  problem: Problem,
  cause?: UpstreamTrace,
): Promise<VendOutcome> {
  const { intent } = row;
  const since = ports.clock.now();
  const { type, detail, retryAfterMs = 0 } = problem;
  const state: IntentState = { kind: 'failed', problem: { type, detail }, retryAt: since + retryAfterMs, since };
  const result = await recordWhile(ports, row, {
    change: { state },
    permits: ({ attempt, state: { kind } }) => attempt === intent.attempt && (kind === 'minting' || kind === 'unknown'),
    cause,
  });
  if (result.kind !== 'recorded') {
    return failedWith(intent, problemOf('ledger-unavailable', 'Nothing was minted, but that could not be recorded.'));
  }
  if (!PROBLEMS[type].transient) await releaseChosenName(ports, result.row);
  return failedWith(intent, problem);
}

/** No second POST, ever: a key may live under the marker. The row keeps its due row, so that it is looked at again. */
async function park(ports: SagaPorts, row: MintingRow, cause: UpstreamTrace): Promise<VendOutcome> {
  const { intent } = row;
  const { leaseUntil } = intent.state;
  const marker = markerOf(intent.id, intent.attempt);
  ports.log({ level: 'error', event: 'outcome-unknown', requestId: intent.id, attempt: intent.attempt, marker });
  await recordWhile(ports, row, {
    change: { state: { kind: 'unknown', leaseUntil } },
    permits: (seen) => seen.attempt === intent.attempt && seen.state.kind === 'minting',
    cause,
  });
  return failedWith(intent, outcomeUnknown(intent));
}

export function outcomeUnknown(intent: Pick<Intent, 'id' | 'attempt'>): Problem {
  const marker = markerOf(intent.id, intent.attempt);
  return problemOf(
    'outcome-unknown',
    `No answer proved whether a key was minted. If one was, its description ends in "${marker}". An operator has to look; nothing is tried again by itself.`,
  );
}

function logMint(ports: SagaPorts, intent: Intent, outcome: MintOutcome): void {
  const key: KeyRecord | undefined = 'key' in outcome ? outcome.key : undefined;
  ports.log({
    level: outcome.kind === 'minted' ? 'info' : 'warn',
    event: `mint-${outcome.kind}`,
    requestId: intent.id,
    attempt: intent.attempt,
    ...(key === undefined ? {} : { apiKeyId: key.id }),
    upstream: outcome.upstream,
  });
}
