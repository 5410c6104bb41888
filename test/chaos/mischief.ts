import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatedAzure } from '../../src/sandbox/azure.ts';
import { WORLD } from '../../src/sandbox/world.ts';
import type { Fleet } from './fleet.ts';
import type { Message } from './orders.ts';
import type { Random } from './random.ts';

const { request, retry } = WORLD.queues;

/** Kills instances at random moments; another one is up again soon. */
export async function kill(fleet: Fleet, random: Random, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(random.int(300, 3_500), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await fleet.killOne(random);
    if (random.chance(0.2)) await fleet.killOne(random);
    await fleet.startMissing();
  }
}

/** What a broker may do to its consumers at any time: locks are lost, messages come twice, senders repeat themselves. */
export async function vex(
  { broker }: EmulatedAzure,
  sent: readonly Message[],
  random: Random,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const done = new Map<string, number>();
  const copies: string[] = [];
  const recent = (): Message | undefined => sent.at(-random.int(1, 40));
  const tricks: Readonly<Record<string, () => boolean | undefined>> = {
    'locks lost': () => {
      broker.expireLocks(random.pick([request, retry]));
      return true;
    },
    'message delivered again': () => {
      const message = recent();
      return message && broker.redeliver(request, message.messageId);
    },
    'delayed copy delivered again': () => {
      const id = copies.splice(random.int(0, copies.length), 1)[0];
      return id === undefined ? false : broker.redeliver(retry, id);
    },
    'message sent again': () => {
      const message = recent();
      return message && broker.enqueue(request, message) === 'duplicate';
    },
  };
  const names = Object.keys(tricks);
  while (!signal.aborted) {
    await sleep(random.int(80, 500), undefined, { signal }).catch(() => undefined);
    for (const { messageId } of broker.view(retry)?.messages ?? []) if (messageId !== undefined) copies.push(messageId);
    copies.splice(0, copies.length - 100);
    const name = names[random.int(0, names.length - 1)] ?? '';
    if (tricks[name]?.() === true) done.set(name, (done.get(name) ?? 0) + 1);
  }
  return done;
}
