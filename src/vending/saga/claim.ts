import type { Intent } from '../intent.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import type { Problem } from '../problems.ts';
import { isMinting, type MintingRow } from './mint.ts';
import { problemOf } from './outcome.ts';
import type { SagaPorts } from './ports.ts';
import { record } from './record.ts';

/** What an intent is made of when its first attempt is claimed; later attempts take it from the row. */
export type IntentDraft = Omit<Intent, 'attempt' | 'state' | 'dueAt' | 'writeId' | 'earlierKeys'>;

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly row: MintingRow }
  | { readonly kind: 'refused'; readonly problem: Problem };

const LEDGER_SILENT = problemOf('ledger-unavailable', 'The request could not be recorded, so nothing was minted.');
const LOST = problemOf('request-in-progress', 'Another worker is on this request; ask again.', 2_000);

/**
 * Claims the next attempt: the due row first, so that a crash right after the claim is found; then the intent.
 *
 * Only a claim that the ledger *confirms* entitles to a POST. The due row is not cleared when the claim is lost: the
 * winner's may be the same row.
 */
export async function claimAttempt(
  ports: SagaPorts,
  draft: IntentDraft,
  row: LedgerRow | undefined,
): Promise<ClaimOutcome> {
  const { clock, timings, ledger } = ports;
  const leaseUntil = clock.now() + timings.leaseMs;
  const dueAt = leaseUntil + timings.settleMs;
  if ((await ledger.noteDue(draft.id, new Date(dueAt))).kind !== 'noted') return refuse(LEDGER_SILENT);
  const intent: Intent = {
    ...(row?.intent ?? { ...draft, attempt: 0, earlierKeys: [] }),
    attempt: (row?.intent.attempt ?? 0) + 1,
    state: { kind: 'minting', leaseUntil },
    dueAt,
    writeId: ports.ids.writeId(),
  };
  const result = await record(ports, intent, row?.etag);
  if (result.kind === 'unreachable') return refuse(LEDGER_SILENT);
  if (result.kind === 'elsewhere') return refuse(result.row.etag === row?.etag ? LEDGER_SILENT : LOST);
  return isMinting(result.row) ? { kind: 'claimed', row: result.row } : refuse(LOST);
}

const refuse = (problem: Problem): ClaimOutcome => ({ kind: 'refused', problem });
