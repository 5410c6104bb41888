import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatedAzure } from '../../src/sandbox/azure/azure.ts';
import { nextReview } from '../../src/vending/model/due.ts';
import { readLedger } from './evidence.ts';
import type { ClientWorld } from './http-client.ts';
import { leap, mayAct } from './leap.ts';
import { messagesWithin } from './queues.ts';
import type { Asking } from './storm.ts';
import { TIMINGS } from './timings.ts';

const POLL_MS = 300;
/** Recovery, repetition and overlaps end within this time. Rotations by schedule come later. */
const HORIZON_MS = 30 * 60_000;
/** Longer than an expiring credential lives without being rotated: otherwise its rotations would never end. */
const STEP_MS = 90_000;
/** Who wrote a row of the outbox removes it within this time. A leap would only make more reviews due, which write more rows. */
const OUTBOX_MS = 5_000;

/**
 * Waits until nothing is under way, and nothing will be due soon. The clock leaps to what only waits for its date.
 *
 * @param operator called once if somebody waits for a revocation, and the revocation for a person: an attempt is unknown
 * @returns what is left at the deadline, each in one sentence
 */
export async function untilQuiet(
  world: ClientWorld,
  asking: Pick<Asking, 'open'>,
  operator?: () => Promise<void>,
): Promise<string[]> {
  let leaptAt = 0;
  let help = operator;
  for (;;) {
    const { azure, inFlight, deadline } = world;
    const { busy, waiting, outbox, needsPerson } = await look(azure, inFlight, asking.open());
    const left = [...busy, ...waiting, ...outbox];
    if (deadline.aborted || left.length === 0) return left;
    if (needsPerson && help !== undefined) {
      await help();
      help = undefined;
      continue;
    }
    const mayLeap = waiting.length > 0 || performance.now() - leaptAt > OUTBOX_MS;
    if (busy.length > 0 || !mayLeap || !(await leap(azure, STEP_MS))) await sleep(POLL_MS);
    else leaptAt = performance.now();
  }
}

interface Look {
  /** Time alone does not end it. */
  readonly busy: readonly string[];
  readonly waiting: readonly string[];
  readonly outbox: readonly string[];
  readonly needsPerson: boolean;
}

async function look(azure: EmulatedAzure, inFlight: number, conversations: number): Promise<Look> {
  const ledger = await readLedger(azure);
  const now = azure.clock.now();
  const reviews = [...ledger.credentials.values()].flatMap((credential) => {
    const next = nextReview(credential, { timings: TIMINGS });
    return next !== undefined && next.at < now + HORIZON_MS ? [{ credential, ...next }] : [];
  });
  const [due, later] = [reviews.filter(({ at }) => at <= now), reviews.filter(({ at }) => at > now)];
  const attempts = [...ledger.credentials.values()].filter((credential) => mayAct(credential, now));
  const outbox = ledger.keysOf('audit').length + ledger.keysOf('event').length;
  const messages = messagesWithin(azure, 0).length;
  const scheduled = messagesWithin(azure, HORIZON_MS).length - messages;
  const isUndecided = [...ledger.credentials.values()].some(
    ({ revocation, work }) => revocation !== undefined && work?.phase === 'unknown',
  );
  return {
    busy: [
      ...attempts.map(({ id, work }) => `credential ${id} is still ${work?.phase}`),
      ...due.map(({ credential, task }) => `credential ${credential.id} waits for its review: ${task}`),
      ...counted(ledger.keysOf('marking').length, 'bulk operations are still being marked'),
      ...counted(messages, 'messages are still on the queues'),
      ...counted(inFlight, 'requests have no answer'),
    ],
    waiting: [
      ...later.map(({ credential, task }) => `credential ${credential.id} has a date soon: ${task}`),
      ...counted(scheduled, 'messages are put aside for later'),
      ...counted(conversations, 'clients have no final answer'),
      ...counted(azure.faults.held, 'effects have not landed'),
    ],
    outbox: counted(outbox, 'rows are still in the outbox'),
    needsPerson: isUndecided && messages + scheduled + conversations > 0 && attempts.length + reviews.length === 0,
  };
}

const counted = (count: number, what: string): readonly string[] => (count === 0 ? [] : [`${count} ${what}`]);
