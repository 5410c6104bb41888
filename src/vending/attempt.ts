import type { Supersession } from './intent.ts';
import type { Problem } from './model/problems.ts';
import type { Grant } from './policy/policy.ts';
import { inSpan } from './ports/in-span.ts';
import type { LedgerRow } from './ports/ledger.ts';
import type { SpanAttributes } from './ports/telemetry.ts';
import { REVOKED } from './resume.ts';
import { claimAttempt, claimName, type NamedDraft } from './saga/claim.ts';
import { mintOnce, nothingMinted } from './saga/mint.ts';
import { failedWith, isVended, problemOf, type VendOutcome } from './saga/outcome.ts';
import type { SagaPorts } from './saga/ports.ts';
import { preflight } from './saga/preflight.ts';

const SOURCE_UNREADABLE = problemOf('ledger-unavailable', 'The ledger did not answer; nothing was minted.');

/** One attempt at a key, from the look at the vault to the answer. @param row the intent's, where it failed before. */
export async function attemptOnce(
  ports: SagaPorts,
  grant: Grant,
  named: NamedDraft,
  row: LedgerRow | undefined,
): Promise<VendOutcome> {
  const { draft } = named;
  const before = { id: draft.id, attempt: row?.intent.attempt ?? 0 };
  const obstacle = await inSpan(
    ports,
    'preflight',
    { requestId: draft.id },
    () => preflight(ports, named, row),
    spanOfPreflight,
  );
  if (obstacle !== undefined) return failedWith(before, obstacle);
  const claim = await claimAttempt(ports, named, row);
  if (claim.kind === 'refused') return failedWith(before, claim.problem);
  const lost = await lostMeanwhile(ports, named);
  return lost === undefined ? mintOnce(ports, grant, claim.row) : nothingMinted(ports, claim.row, lost);
}

/** Looked at between claim and POST, when the row tells everybody of this attempt. */
async function lostMeanwhile(ports: SagaPorts, { draft, naming }: NamedDraft): Promise<Problem | undefined> {
  if (draft.supersedes !== undefined) return nothingToRotate(ports, draft.supersedes);
  // A release that saw the row before may have taken the claim with it after it was renewed; none can from here on.
  return naming === 'chosen' ? claimName(ports, draft) : undefined;
}

/** Who revokes writes that first and looks for a rotation then, so that one of the two sees the other. */
async function nothingToRotate({ ledger }: SagaPorts, { intentId }: Supersession): Promise<Problem | undefined> {
  const read = await ledger.read(intentId);
  if (read.kind === 'unreachable') return SOURCE_UNREADABLE;
  return read.kind === 'found' && isVended(read.row.intent) ? undefined : REVOKED;
}

const spanOfPreflight = (obstacle: Problem | undefined): SpanAttributes => ({ outcome: obstacle?.type ?? 'passed' });
