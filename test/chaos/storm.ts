import { setTimeout as sleep } from 'node:timers/promises';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { FaultService } from '../../src/sandbox/kit/faults.ts';
import { actInBulk } from './bulk.ts';
import { type ChangeMessage, changeByQueue } from './changes/by-queue.ts';
import { changeOverHttp } from './changes/over-http.ts';
import { type ClientWorld, type Conversation, converse } from './http-client.ts';
import { jumpClocks, kill, vex } from './mischief.ts';
import { decide, glance } from './operator.ts';
import { type Message, type Order, orderOf } from './orders.ts';
import { vendOf } from './questions.ts';
import { messagesWithin } from './queues.ts';
import type { Random } from './random.ts';
import type { Watch } from './watch.ts';
import { Weather } from './weather.ts';

/** Clients and messages without an answer, beyond which none come: a machine that cannot serve more would only fall behind. */
const MAX_OPEN = 60;
const SOON_MS = 30_000;

/** Clients that ask. */
export interface Asking {
  readonly conversations: Promise<readonly Conversation[]>;
  /** How many go on. */
  open(): number;
}

export interface Storm {
  readonly orders: readonly Order[];
  /** Sent for credentials that were vended by message. */
  readonly changes: readonly ChangeMessage[];
  /** Some go on after the storm. */
  readonly asking: Asking;
  /** Bulk operations that never began. */
  readonly idle: readonly string[];
  /** Services that misbehaved in vain: nobody called them meanwhile. */
  readonly spared: readonly string[];
  /** How often each fault hit. */
  readonly faults: ReadonlyMap<string, number>;
  /** How often the broker played each trick. */
  readonly tricks: ReadonlyMap<string, number>;
  /** Of the clocks of instances. */
  readonly jumps: number;
  /** An operator's words on unknown attempts, and reviews that one asked for. */
  readonly decisions: number;
  readonly reviews: number;
}

/** Requests arrive while everything around the function misbehaves and its instances are killed. Then all is well again. */
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
  const clients = new Clients({ world, watch, orders, sent }, signal);
  const bulks = actInBulk(world, random.fork('bulk'), signal);
  const [, changes, tricks, jumps, decisions, reviews] = await Promise.all([
    clients.arrive(random),
    changeByQueue({ azure, watch, orders, sent }, random.fork('changes'), signal),
    vex(azure, sent, random.fork('mischief'), signal),
    jumpClocks(fleet, random.fork('jumps'), signal),
    decide(world, random.fork('decisions'), signal),
    glance(world, orders, random.fork('operator'), signal),
    kill(fleet, killer, signal),
    weather.rage(signal, onTurn),
  ]);
  azure.faults.clear();
  await fleet.setClocksRight();
  await fleet.killOne(killer);
  await fleet.startMissing();
  return {
    orders,
    changes,
    asking: { conversations: clients.conversations(), open: () => clients.open },
    idle: await bulks,
    spared: weather.spared(),
    faults: weather.hits,
    tricks,
    ...{ jumps, decisions, reviews },
  };
}

interface Arrivals {
  readonly world: ClientWorld;
  readonly watch: Watch;
  readonly orders: Order[];
  readonly sent: Message[];
}

class Clients {
  /** Orders whose clients still ask. */
  open = 0;
  readonly #arrivals: Arrivals;
  readonly #storm: AbortSignal;
  readonly #asking: Promise<Conversation[]>[] = [];

  constructor(arrivals: Arrivals, signal: AbortSignal) {
    this.#arrivals = arrivals;
    this.#storm = signal;
  }

  async arrive(random: Random): Promise<void> {
    const { world, orders, sent } = this.#arrivals;
    const signal = this.#storm;
    const pace = random.fork('pace');
    while (!signal.aborted) {
      if (this.open + messagesWithin(world.azure, SOON_MS).length > MAX_OPEN) {
        await sleep(50, undefined, { signal }).catch(() => undefined);
        continue;
      }
      const order = orderOf(orders.length, random.fork(`order ${orders.length}`));
      orders.push(order);
      if (order.kind === 'queue') {
        for (const message of order.messages) world.azure.broker.enqueue(WORLD.queues.request, message);
        sent.push(...order.messages);
      } else {
        this.open++;
        this.#asking.push(this.#follow(order, random).finally(() => this.open--));
      }
      const pause = pace.chance(0.1) ? pace.int(300, 800) : pace.int(20, 320);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  async conversations(): Promise<readonly Conversation[]> {
    return (await Promise.all(this.#asking)).flat();
  }

  async #follow(order: Extract<Order, { kind: 'http' }>, random: Random): Promise<Conversation[]> {
    const { world, watch } = this.#arrivals;
    const { key } = order;
    const asked = await Promise.all(
      Array.from({ length: order.clients }, (_, client) =>
        converse(world, vendOf(order), random.fork(`client ${key}/${client}`)),
      ),
    );
    const changing = { world, watch, storm: this.#storm };
    return [...asked, ...(await changeOverHttp(changing, order, asked, random.fork(`change ${key}`)))];
  }
}
