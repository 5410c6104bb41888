import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultService } from '../../src/sandbox/kit/faults.ts';
import { WORLD } from '../../src/sandbox/world.ts';
import { type ChangeMessage, changeByQueue } from './changes/by-queue.ts';
import { changeOverHttp } from './changes/over-http.ts';
import { backlog } from './evidence.ts';
import { type ClientWorld, type Conversation, converse } from './http-client.ts';
import { kill, vex } from './mischief.ts';
import { type Message, type Order, orderOf } from './orders.ts';
import { vendOf } from './questions.ts';
import type { Random } from './random.ts';
import type { Watch } from './watch.ts';
import { Weather } from './weather.ts';

/**
 * Clients and messages without an answer, beyond which none come: more than the machine can serve would only pile up, and
 * fall to the ledger's deadline long after the storm.
 */
const MOST_OPEN = 60;

export interface Storm {
  readonly orders: readonly Order[];
  /** Sent for keys that were vended by message. */
  readonly changes: readonly ChangeMessage[];
  /** Some go on long after the storm. */
  readonly conversations: Promise<readonly Conversation[]>;
  /** Upstreams that misbehaved in vain: nobody asked them meanwhile. */
  readonly spared: readonly string[];
  /** How often each fault hit. */
  readonly faults: ReadonlyMap<string, number>;
  /** When the ledger's table misbehaved, in milliseconds since the epoch. */
  readonly ledgerHurtAt: readonly number[];
  /** How often the broker played each trick. */
  readonly tricks: ReadonlyMap<string, number>;
}

/** Requests arrive while everything around the function misbehaves and its instances are killed; then all is well again. */
export async function storm(world: ClientWorld, watch: Watch, random: Random, seconds: number): Promise<Storm> {
  const { azure, fleet } = world;
  const signal = AbortSignal.timeout(seconds * 1000);
  const weather = new Weather(azure.faults, random.fork('weather'));
  const killer = random.fork('killer');
  // Tokens are cached for the life of a process: only a fresh one meets a broken identity endpoint.
  const onTurn = (service: FaultService): void => {
    if (service === 'identity') fleet.killOne(killer).catch(() => undefined);
  };
  const sent: Message[] = [];
  const orders: Order[] = [];
  const [asking, changes, tricks] = await Promise.all([
    arrivals({ world, watch, orders, sent }, random, signal),
    changeByQueue({ azure, watch, orders, sent }, random.fork('changes'), signal),
    vex(azure, sent, random.fork('mischief'), signal),
    kill(fleet, killer, signal),
    weather.rage(signal, onTurn),
  ]);
  azure.faults.clear();
  await fleet.killOne(killer);
  await fleet.startMissing();
  const conversations = Promise.all(asking).then((all) => all.flat());
  const { hits: faults, ledgerHurtAt } = weather;
  return { orders, changes, conversations, spared: weather.spared(), faults, ledgerHurtAt, tricks };
}

interface Arrivals {
  readonly world: ClientWorld;
  readonly watch: Watch;
  readonly orders: Order[];
  readonly sent: Message[];
}

/** @returns what the clients of each order were told. */
async function arrivals(
  { world, watch, orders, sent }: Arrivals,
  random: Random,
  signal: AbortSignal,
): Promise<readonly Promise<Conversation[]>[]> {
  const asking: Promise<Conversation[]>[] = [];
  const pace = random.fork('pace');
  let open = 0;
  const ask = async (conversation: Promise<Conversation>): Promise<Conversation> => {
    open++;
    return conversation.finally(() => open--);
  };
  while (!signal.aborted) {
    if (open + backlog(world.azure) > MOST_OPEN) {
      await sleep(50, undefined, { signal }).catch(() => undefined);
      continue;
    }
    const order = orderOf(orders.length, random.fork(`order ${orders.length}`));
    orders.push(order);
    if (order.kind === 'queue') {
      for (const message of order.messages) world.azure.broker.enqueue(WORLD.queues.request, message);
      sent.push(...order.messages);
    } else {
      const { key } = order;
      const clients = Array.from({ length: order.clients }, (_, client) =>
        ask(converse(world, vendOf(order), random.fork(`client ${key}/${client}`))),
      );
      const change = async (asked: Conversation[]): Promise<Conversation[]> => [
        ...asked,
        ...(await changeOverHttp({ world, watch, storm: signal }, order, asked, random.fork(`change ${key}`))),
      ];
      asking.push(Promise.all(clients).then(change));
    }
    const pause = pace.chance(0.1) ? pace.int(300, 800) : pace.int(20, 320);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
  return asking;
}
