import type { Intent } from '../intent.ts';
import type { Problem } from '../model/problems.ts';
import type { DueRow, LedgerRow } from '../ports/ledger.ts';
import { isMinting, type MintingRow } from './mint.ts';
import { problemOf } from './outcome.ts';
import type { SagaPorts } from './ports.ts';
import { NAME_TAKEN } from './preflight.ts';
import { record } from './record.ts';

/** What an intent is made of when an attempt is claimed. */
export type IntentDraft = Omit<Intent, 'attempt' | 'state' | 'dueAt' | 'writeId' | 'earlierKeys' | 'outbox'>;

export interface NamedDraft {
  readonly draft: IntentDraft;
  /** A name that the caller chose may collide; a derived one carries the intent's id; a rotation inherits its own. */
  readonly naming: 'derived' | 'chosen' | 'inherited';
}

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly row: MintingRow }
  | { readonly kind: 'refused'; readonly problem: Problem };

const LEDGER_SILENT = problemOf('ledger-unavailable', 'The request could not be recorded, so nothing was minted.');
const LOST = problemOf('request-in-progress', 'Another worker is on this request; ask again.', 2_000);

/**
 * Claims the next attempt: the due row first, so that a crash right after is found; then the secret's name, if it was
 * chosen; then the intent.
 *
 * Only a claim that the ledger *confirms* entitles to a POST. The due row is not cleared when the claim is lost: the
 * winner's may be the same row.
 */
export async function claimAttempt(
  ports: SagaPorts,
  named: NamedDraft,
  row: LedgerRow | undefined,
): Promise<ClaimOutcome> {
  const { clock, timings } = ports;
  const { draft, naming } = named;
  const leaseUntil = clock.now() + timings.leaseMs;
  const dueAt = leaseUntil + timings.settleMs;
  for (const due of dueRowsOf(ports, named, row, dueAt))
    if ((await ports.ledger.noteDue(due)).kind !== 'noted') return refuse(LEDGER_SILENT);
  const obstacle = naming === 'chosen' ? await claimName(ports, draft) : undefined;
  if (obstacle !== undefined) return refuse(obstacle);
  const intent: Intent = {
    ...draft,
    createdAt: row?.intent.createdAt ?? draft.createdAt,
    earlierKeys: row?.intent.earlierKeys ?? [],
    ...(row?.intent.outbox === undefined ? {} : { outbox: row.intent.outbox }),
    attempt: (row?.intent.attempt ?? 0) + 1,
    state: { kind: 'minting', leaseUntil },
    dueAt,
    writeId: ports.ids.writeId(),
  };
  const result = await record(ports, row, intent);
  if (result.kind === 'unreachable') return refuse(LEDGER_SILENT);
  if (result.kind === 'elsewhere') return refuse(result.row.etag === row?.etag ? LEDGER_SILENT : LOST);
  return isMinting(result.row) ? { kind: 'claimed', row: result.row } : refuse(LOST);
}

/** What brings the reconciler to this attempt, and to the name that the last one claimed in a vault that policy has left. */
function dueRowsOf({ clock }: SagaPorts, { draft, naming }: NamedDraft, row: LedgerRow | undefined, dueAt: number) {
  const { id: intentId, vaultUrl, secretName } = draft;
  const due: DueRow = { intentId, at: new Date(dueAt) };
  if (naming !== 'chosen') return [due];
  const claiming = { ...due, claim: { vaultUrl, secretName } };
  if (row === undefined || row.intent.vaultUrl === vaultUrl) return [claiming];
  // Once this attempt is in the ledger, nothing else remembers it.
  const left = { vaultUrl: row.intent.vaultUrl, secretName: row.intent.secretName };
  return [claiming, { intentId, at: new Date(clock.now()), claim: left }];
}

export async function claimName(
  ports: SagaPorts,
  { id, vaultUrl, secretName }: IntentDraft,
): Promise<Problem | undefined> {
  const claim = await ports.ledger.claimName({ vaultUrl, secretName }, id);
  switch (claim.kind) {
    case 'claimed':
      return undefined;
    case 'held':
      return NAME_TAKEN;
    case 'unreachable':
      return LEDGER_SILENT;
  }
}

const refuse = (problem: Problem): ClaimOutcome => ({ kind: 'refused', problem });
