import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatedAzure } from '../../src/sandbox/azure/azure.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { Fleet } from './fleet.ts';
import type { Message } from './orders.ts';
import type { Random } from './random.ts';

const { request, retry } = WORLD.queues;
/** How far back messages and copies are delivered again. */
const REMEMBERED = 50;

/**
 * Kills instances at random moments; another one is up again soon. On a slow machine, where starts take long, it kills less
 * often, or nothing but starts would take place.
 */
export async function kill(fleet: Fleet, random: Random, signal: AbortSignal): Promise<void> {
  let startMs = 0;
  while (!signal.aborted) {
    await sleep(startMs + random.int(300, 2_500), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await fleet.killOne(random);
    if (random.chance(0.2)) await fleet.killOne(random);
    const killedAt = performance.now();
    await fleet.startMissing();
    startMs = performance.now() - killedAt;
  }
}

/** The clock of one instance jumps ahead as far as it may, and back after some seconds. @returns how often */
export async function jumpClocks(fleet: Fleet, random: Random, signal: AbortSignal): Promise<number> {
  let jumps = 0;
  while (!signal.aborted) {
    await sleep(random.int(1_000, 6_000), undefined, { signal }).catch(() => undefined);
    const back = await fleet.jump(random);
    await sleep(random.int(500, 4_000), undefined, { signal }).catch(() => undefined);
    if (await back()) jumps++;
  }
  return jumps;
}

type Trick = 'locks lost' | 'message delivered again' | 'delayed copy delivered again' | 'message sent again';
const TRICKS = [
  'locks lost',
  'message delivered again',
  'message delivered again',
  'delayed copy delivered again',
  'delayed copy delivered again',
  'message sent again',
] as const satisfies readonly Trick[];

/** Does what a broker may do at any time: locks are lost, messages come twice, senders repeat themselves. */
export async function vex(
  { broker }: EmulatedAzure,
  sent: readonly Message[],
  random: Random,
  signal: AbortSignal,
): Promise<ReadonlyMap<Trick, number>> {
  const done = new Map<Trick, number>();
  let copies: readonly string[] = [];
  while (!signal.aborted) {
    await sleep(random.int(80, 500), undefined, { signal }).catch(() => undefined);
    const waiting = broker.view(retry)?.messages.flatMap(({ messageId }) => messageId ?? []) ?? [];
    copies = [...copies, ...waiting].slice(-REMEMBERED);
    const trick = random.pick(TRICKS);
    if (play(broker, trick, sent.at(-random.int(1, REMEMBERED)), copies[random.int(0, copies.length)], random)) {
      done.set(trick, (done.get(trick) ?? 0) + 1);
    }
  }
  return done;
}

/** @returns whether there was anything to play it with. */
function play(
  broker: EmulatedAzure['broker'],
  trick: Trick,
  message: Message | undefined,
  copy: string | undefined,
  random: Random,
): boolean {
  switch (trick) {
    case 'locks lost':
      broker.expireLocks(random.pick([request, retry]));
      return true;
    case 'message delivered again':
      return message !== undefined && broker.redeliver(request, message.messageId);
    case 'delayed copy delivered again':
      return copy !== undefined && broker.redeliver(retry, copy);
    case 'message sent again':
      return message !== undefined && broker.enqueue(request, message) === 'duplicate';
  }
}
