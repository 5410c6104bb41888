import type { LedgerRow } from '../ports/ledger.ts';
import type { VendedIntent } from '../saga/outcome.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { recordOnce } from '../saga/record.ts';

/**
 * Five rotations a second: ARM refills a budget of 10 writes a second for a subscription and principal, and the other
 * half is for whoever asks meanwhile. A run's batch is spread over less than the minute until the next.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
const SPACING_MS = 200;
/** When a rotation is asked for again that did not come: its messages have had their retries by then. */
const ASK_AGAIN_MS = 24 * 3_600_000;

const MOST_IN_A_RUN = 250;

/** Moments at which the rotations of one run may begin. */
export interface Slots {
  /** Undefined where there are no more. */
  next(): Date | undefined;
  /** A bus that takes nothing must not be waited for again and again: the rest of the run does without. */
  close(): void;
}

export function slotsFrom(start: Date): Slots {
  let taken = 0;
  return {
    next: () => (taken < MOST_IN_A_RUN ? new Date(start.getTime() + taken++ * SPACING_MS) : undefined),
    close: () => {
      taken = MOST_IN_A_RUN;
    },
  };
}

/** Asks for the rotation that is due, and looks again in a day whether it came. */
export async function requestRotation(
  ports: SagaPorts,
  row: LedgerRow & { readonly intent: VendedIntent },
  slots: Slots,
): Promise<'waits' | 'handled'> {
  const { id: intentId, dueAt, state } = row.intent;
  const slot = slots.next();
  if (slot === undefined) return 'waits';
  const sent = await ports.rotations.request(intentId, slot);
  if (sent.kind === 'not-sent') {
    slots.close();
    ports.log({ level: 'error', event: 'rotation-not-requested', requestId: intentId, upstream: sent.upstream });
    return 'handled';
  }
  const rotateAt = ports.clock.now() + ASK_AGAIN_MS;
  if ((await ports.ledger.noteDue({ intentId, at: new Date(rotateAt) })).kind !== 'noted') return 'handled';
  const moved = await recordOnce(ports, row, { state: { ...state, rotateAt }, dueAt: rotateAt });
  if (moved !== undefined) await ports.ledger.clearDue(intentId, new Date(dueAt));
  return 'handled';
}
