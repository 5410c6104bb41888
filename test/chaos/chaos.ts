import { type EmulatedAzure, startAzure } from '../../src/sandbox/azure.ts';
import { WORLD } from '../../src/sandbox/world.ts';
import { account } from './account/account.ts';
import { lostRecords } from './account/audit.ts';
import { inForceFor } from './account/lineage.ts';
import { requestIdIn } from './account/told.ts';
import { deadLetters, readLedger } from './evidence.ts';
import { Fleet } from './fleet.ts';
import { type ClientWorld, type Conversation, converse } from './http-client.ts';
import { LeakSearch } from './leaks.ts';
import { resolveUnknowns } from './operator.ts';
import type { Order } from './orders.ts';
import { stormPolicy } from './policy.ts';
import { vendOf } from './questions.ts';
import { untilQuiet } from './quiet.ts';
import { Random } from './random.ts';
import type { Report } from './report.ts';
import { storm } from './storm.ts';
import { Trail } from './trail.ts';
import { Watch } from './watch.ts';

/**
 * Short, so that a run shows recovery; lease and settling still outlast every delay of the weather, and the lease leaves
 * room for a machine that is slow: where most attempts run out of time they are undone and tried again, and it never
 * becomes quiet.
 */
const SETTINGS = {
  MINT_DEADLINE_SECONDS: '2',
  STORE_DEADLINE_SECONDS: '2',
  LEASE_MARGIN_SECONDS: '1',
  LEASE_SECONDS: '12',
  SETTLE_SECONDS: '3',
  RECONCILE_SCHEDULE: '* * * * * *',
  QUEUE_RETRY_BASE_SECONDS: '1',
  QUEUE_RETRY_MAX_SECONDS: '8',
  QUEUE_RETRY_LIMIT: '999',
  // Both instances and all of the emulated Azure share the processors of one machine.
  AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls: '4',
};
const INSTANCES = 2;
const ASKED_AT_ONCE = 8;
/** A key whose delete went unanswered is looked for again for a minute; a reply that cannot be sent waits as long. */
const QUIET_MS = 300_000;

export interface ChaosOptions {
  readonly seed: string;
  readonly seconds: number;
}

/** Storms for so many seconds, heals, waits until quiet, resolves what is unknown, asks for everything again. */
export async function runChaos(options: ChaosOptions): Promise<Report> {
  const azure = await startAzure();
  const trail = new Trail(new LeakSearch());
  const settings = { ...azure.appSettings, ...SETTINGS, POLICY_FILE: '', POLICY: await stormPolicy() };
  const fleet = await Fleet.start({ size: INSTANCES, settings, onLog: trail.take });
  try {
    return await chaos(azure, fleet, trail, options);
  } finally {
    await fleet.stop();
    await azure.close();
  }
}

async function chaos(azure: EmulatedAzure, fleet: Fleet, trail: Trail, options: ChaosOptions): Promise<Report> {
  const startedAt = performance.now();
  const phases = new Map<string, number>();
  const phase = (name: string): void => void phases.set(name, Math.round((performance.now() - startedAt) / 1000));
  const random = new Random(options.seed);
  const deadline = AbortSignal.timeout(options.seconds * 1000 + QUIET_MS);
  const { leaks } = trail;
  const world: ClientWorld = { azure, fleet, leaks, deadline };
  const watch = new Watch(azure);
  const stormed = await storm(world, watch, random, options.seconds);
  const { orders, changes, spared, faults, tricks, ledgerHurtAt } = stormed;
  phase('storm over');
  const conversations = await stormed.conversations;
  phase('answered');
  const silencers = [...fleet.killedAt, ...ledgerHurtAt];
  const evidence = { azure, orders, changes, conversations, trail, leaks, silencers, watch };
  const afterStorm = [...(await untilQuiet(azure, deadline)), ...(await account(evidence))];
  phase('quiet');
  const resolved = await resolveUnknowns(world, random);
  phase('resolved');
  const again = await askAgain(world, orders, random);
  const atTheEnd = [
    ...(await untilQuiet(azure, AbortSignal.timeout(QUIET_MS))),
    ...(await account({ ...evidence, conversations: [...conversations, ...again] })),
    ...(await leftToOperators(azure)),
    ...(await unexpected(azure, again)),
  ];
  phase('accounted for');
  return {
    phases,
    orders,
    conversations,
    again,
    replies: repliesOf(azure),
    intents: [...(await readLedger(azure)).intents.values()],
    keys: azure.arm.keys(),
    kills: fleet.killedAt.length,
    spared,
    faults,
    tricks,
    resolved,
    looks: watch.looks,
    deadLetters: deadLetters(azure).size,
    audit: { records: trail.records.length, lost: lostRecords(trail.records).length },
    discrepancies: [...new Set([...afterStorm, ...resolved.discrepancies, ...atTheEnd])],
  };
}

/** In a world that is whole again each idempotency key gives what it gave, or vends at last. */
async function askAgain(world: ClientWorld, orders: readonly Order[], random: Random): Promise<Conversation[]> {
  const patient = { ...world, deadline: AbortSignal.timeout(QUIET_MS) };
  const left = orders.filter((order) => order.kind === 'http').values();
  const again: Conversation[] = [];
  const lane = async (): Promise<void> => {
    for (const order of left)
      again.push(await converse(patient, { ...vendOf(order), patienceMs: 30_000 }, random.fork(order.key)));
  };
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, lane));
  return again;
}

/** A request is answered with the key that is in force for it, or that this was revoked; two cannot have the same name. */
async function unexpected(azure: EmulatedAzure, again: readonly Conversation[]): Promise<string[]> {
  const ledger = await readLedger(azure);
  return again.flatMap(({ question: { requestId }, answers }) => {
    const { outcome = 'nothing', body } = answers.at(-1) ?? {};
    const inForce = inForceFor(ledger, requestId);
    const isGone = inForce?.state.kind === 'revoking' || inForce?.state.kind === 'revoked';
    const isRight = isGone
      ? outcome === 'revoked'
      : outcome === 'secret-name-taken' || (outcome === 'vended' && requestIdIn(body) === inForce?.id);
    return isRight ? [] : [`HTTP ${requestId} is answered ${outcome} where ${inForce?.id} is ${inForce?.state.kind}`];
  });
}

const PUT_OFF_MS = 60_000;

async function leftToOperators(azure: EmulatedAzure): Promise<string[]> {
  const { intents } = await readLedger(azure);
  const left = [...intents.values()].filter(
    ({ state, dueAt }) => state.kind === 'unknown' || (state.kind === 'revoking' && dueAt > Date.now() + PUT_OFF_MS),
  );
  return left.map(({ id, state }) => `request ${id} is ${state.kind} after all were resolved`);
}

function repliesOf({ broker }: EmulatedAzure): string[] {
  const { result, reply } = WORLD.queues;
  return [result, reply].flatMap((queue) => broker.view(queue)?.messages ?? []).map(({ subject = 'none' }) => subject);
}
