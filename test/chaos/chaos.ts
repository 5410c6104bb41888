import { setTimeout as sleep } from 'node:timers/promises';
import { type EmulatedAzure, startAzure } from '../../src/sandbox/azure.ts';
import { WORLD } from '../../src/sandbox/world.ts';
import { account, type Evidence } from './account/account.ts';
import { lostChanges } from './account/audit.ts';
import { deadLetters, readLedger } from './evidence.ts';
import { Fleet } from './fleet.ts';
import { type ClientWorld, type Conversation, converse } from './http-client.ts';
import { LeakSearch } from './leaks.ts';
import { kill, vex } from './mischief.ts';
import { resolveUnknowns } from './operator.ts';
import { type Message, type Order, orderOf } from './orders.ts';
import { untilQuiet } from './quiet.ts';
import { Random } from './random.ts';
import type { Report } from './report.ts';
import { Trail } from './trail.ts';
import { Weather } from './weather.ts';

/** Short, so that a run shows recovery; lease and settling still outlast every delay of the weather. */
const SETTINGS = {
  MINT_DEADLINE_SECONDS: '2',
  STORE_DEADLINE_SECONDS: '2',
  LEASE_MARGIN_SECONDS: '1',
  LEASE_SECONDS: '7',
  SETTLE_SECONDS: '3',
  RECONCILE_SCHEDULE: '* * * * * *',
  QUEUE_RETRY_BASE_SECONDS: '1',
  QUEUE_RETRY_MAX_SECONDS: '4',
  QUEUE_RETRY_LIMIT: '999',
};
const INSTANCES = 2;
/** A key that was deleted without proof is looked for again for a minute. */
const QUIET_MS = 150_000;

export interface ChaosOptions {
  readonly seed: string;
  readonly seconds: number;
}

/** Storms for so many seconds, heals, waits until quiet, resolves what is unknown, asks for everything again. */
export async function runChaos({ seed, seconds }: ChaosOptions): Promise<Report> {
  const azure = await startAzure();
  const leaks = new LeakSearch();
  const trail = new Trail(leaks);
  const settings = { ...azure.appSettings, ...SETTINGS };
  const fleet = await Fleet.start({ size: INSTANCES, settings, onLog: trail.take });
  try {
    return await new Run(azure, fleet, trail, leaks, new Random(seed)).run(seconds);
  } finally {
    await fleet.stop();
    await azure.close();
  }
}

class Run {
  readonly #azure: EmulatedAzure;
  readonly #fleet: Fleet;
  readonly #trail: Trail;
  readonly #leaks: LeakSearch;
  readonly #random: Random;
  readonly #orders: Order[] = [];
  readonly #sent: Message[] = [];
  readonly #asking: Promise<Conversation>[] = [];

  constructor(azure: EmulatedAzure, fleet: Fleet, trail: Trail, leaks: LeakSearch, random: Random) {
    this.#azure = azure;
    this.#fleet = fleet;
    this.#trail = trail;
    this.#leaks = leaks;
    this.#random = random;
  }

  async run(seconds: number): Promise<Report> {
    const startedAt = performance.now();
    const deadline = AbortSignal.timeout(seconds * 1000 + QUIET_MS);
    const world = { azure: this.#azure, fleet: this.#fleet, leaks: this.#leaks, deadline };
    const { faults, tricks } = await this.#storm(world, AbortSignal.timeout(seconds * 1000));
    const conversations = await Promise.all(this.#asking);
    const evidence = { azure: this.#azure, orders: this.#orders, conversations, trail: this.#trail, leaks: this.#leaks };
    const open = [...(await untilQuiet(this.#azure, deadline)), ...(await account(evidence))];
    const resolved = await resolveUnknowns(world, this.#random);
    const again = await this.#askAgain(world);
    const late = await this.#lateDiscrepancies({ ...evidence, conversations: [...conversations, ...again] });
    const { intents } = await readLedger(this.#azure);
    for (const l of lostChanges(this.#trail.records)) if (!this.#fleet.killedAt.some((k) => k >= l.from - 100 && k <= l.to)) console.log('UNEXPLAINED', l);
    return {
      seconds: Math.round((performance.now() - startedAt) / 1000),
      requests: this.#orders.length,
      conversations,
      replies: this.#replies(),
      intents: [...intents.values()],
      keys: this.#azure.arm.keys(),
      kills: this.#fleet.killedAt.length,
      faults,
      tricks,
      resolved,
      replays: again.length,
      deadLetters: deadLetters(this.#azure).size,
      audit: { records: this.#trail.records.length, lost: lostChanges(this.#trail.records).length },
      discrepancies: [...new Set([...open, ...resolved.discrepancies, ...late])],
    };
  }

  async #storm(world: ClientWorld, signal: AbortSignal) {
    const weather = new Weather(this.#azure.faults, this.#random.fork('weather'));
    const killer = this.#random.fork('killer');
    // Tokens are cached for the life of a process: only a fresh one meets a broken identity endpoint.
    const onTurn = (service: string): void => {
      if (service === 'identity') this.#fleet.killOne(killer).catch(() => undefined);
    };
    const [, , , tricks] = await Promise.all([
      this.#arrive(world, signal),
      weather.rage(signal, onTurn),
      kill(this.#fleet, killer, signal),
      vex(this.#azure, this.#sent, this.#random.fork('mischief'), signal),
    ]);
    this.#azure.faults.clear();
    await this.#restart(killer);
    return { faults: weather.hits, tricks };
  }

  async #restart(random: Random): Promise<void> {
    await this.#fleet.killOne(random);
    await this.#fleet.startMissing();
  }

  async #arrive(world: ClientWorld, signal: AbortSignal): Promise<void> {
    const random = this.#random.fork('orders');
    while (!signal.aborted) {
      this.#place(world, orderOf(this.#orders.length, random.fork(String(this.#orders.length))));
      await sleep(random.chance(0.1) ? random.int(300, 800) : random.int(20, 180), undefined, { signal }).catch(() => undefined);
    }
  }

  #place(world: ClientWorld, order: Order): void {
    this.#orders.push(order);
    if (order.kind === 'queue') return this.#send(order.messages);
    const clients = Array.from({ length: order.clients }, (_, client) => this.#random.fork(`${order.key}/${client}`));
    this.#asking.push(...clients.map((random) => converse(world, order, random)));
  }

  #send(messages: readonly Message[]): void {
    for (const message of messages) {
      this.#azure.broker.enqueue(WORLD.queues.request, message);
      this.#sent.push(message);
    }
  }

  /** In a world that is whole again each idempotency key vends, or gives what it gave. */
  async #askAgain(world: ClientWorld): Promise<Conversation[]> {
    const healed = { ...world, deadline: AbortSignal.timeout(QUIET_MS) };
    const orders = this.#orders.filter((order) => order.kind === 'http');
    return Promise.all(orders.map((order) => converse(healed, { ...order, patienceMs: 30_000 }, this.#random.fork(order.key))));
  }

  async #lateDiscrepancies(evidence: Evidence): Promise<string[]> {
    const busy = await untilQuiet(this.#azure, AbortSignal.timeout(QUIET_MS));
    const { intents } = await readLedger(this.#azure);
    const unknown = [...intents.values()].filter(({ state }) => state.kind === 'unknown');
    return [
      ...busy,
      ...(await account(evidence)),
      ...unknown.map(({ id }) => `request ${id} is unknown after it was resolved`),
    ];
  }

  #replies(): readonly string[] {
    const { result, reply } = WORLD.queues;
    const views = [result, reply].flatMap((queue) => this.#azure.broker.view(queue)?.messages ?? []);
    return views.map(({ subject }) => subject ?? 'none');
  }
}
