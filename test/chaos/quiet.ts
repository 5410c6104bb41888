import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatedAzure } from '../../src/sandbox/azure/azure.ts';
import { nextReview } from '../../src/vending/model/due.ts';
import { readLedger } from './evidence.ts';
import type { ClientWorld } from './http-client.ts';
import { leap } from './leap.ts';
import { messagesWithin } from './queues.ts';
import type { Asking } from './storm.ts';
import { TIMINGS } from './timings.ts';

const POLL_MS = 300;
/** Recovery, repetition and overlaps end within this time. Rotations by schedule come later. */
const HORIZON_MS = 30 * 60_000;
const STEP_MS = 30_000;

/**
 * Waits until nothing is under way, and nothing will be due soon. The clock leaps to what only waits for its date.
 *
 * @returns what is left at the deadline, each in one sentence
 */
export async function untilQuiet(world: ClientWorld, asking: Pick<Asking, 'open'>): Promise<string[]> {
  for (;;) {
    const { azure, inFlight, deadline } = world;
    const { busy, waiting } = await look(azure, inFlight, asking.open());
    if (deadline.aborted || busy.length + waiting.length === 0) return [...busy, ...waiting];
    if (busy.length > 0 || !(await leap(azure, STEP_MS))) await sleep(POLL_MS);
  }
}

interface Look {
  /** Time alone does not end it. */
  readonly busy: readonly string[];
  readonly waiting: readonly string[];
}

async function look(azure: EmulatedAzure, inFlight: number, conversations: number): Promise<Look> {
  const ledger = await readLedger(azure);
  const now = azure.clock.now();
  const reviews = [...ledger.credentials.values()].flatMap((credential) => {
    const next = nextReview(credential, { timings: TIMINGS });
    return next !== undefined && next.at < now + HORIZON_MS ? [{ credential, ...next }] : [];
  });
  const [due, later] = [reviews.filter(({ at }) => at <= now), reviews.filter(({ at }) => at > now)];
  const attempts = [...ledger.credentials.values()].filter(
    ({ work }) => work?.phase === 'minting' || work?.phase === 'minted',
  );
  const outbox = ledger.keysOf('audit').length + ledger.keysOf('event').length;
  const messages = messagesWithin(azure, 0).length;
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
      ...counted(outbox, 'rows are still in the outbox'),
      ...counted(messagesWithin(azure, HORIZON_MS).length - messages, 'messages are put aside for later'),
      ...counted(conversations, 'clients have no final answer'),
    ],
  };
}

const counted = (count: number, what: string): readonly string[] => (count === 0 ? [] : [`${count} ${what}`]);
