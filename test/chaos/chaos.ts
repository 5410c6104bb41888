import { type EmulatedAzure, startAzure } from '../../src/sandbox/azure/azure.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { credentialAnswerSchema } from '../../src/vending/answers/credential.ts';
import { PROPAGATION_MS } from '../../src/vending/model/timings.ts';
import { account, leftToOperators } from './account/account.ts';
import { bulksInTheEnd } from './bulk.ts';
import { clockWindow } from './clocks.ts';
import { readLedger } from './evidence.ts';
import { Fleet } from './fleet.ts';
import { type ClientWorld, type Conversation, converse } from './http-client.ts';
import { LeakSearch } from './leaks.ts';
import { leap } from './leap.ts';
import { type Resolved, resolveOpen } from './operator.ts';
import { stormPolicy } from './policy.ts';
import type { Question } from './questions.ts';
import { deadLetters, eventsIn, repliesIn } from './queues.ts';
import { untilQuiet } from './quiet.ts';
import { Random } from './random.ts';
import type { Report } from './report.ts';
import { type Asking, storm } from './storm.ts';
import { TIMING_SETTINGS, TIMINGS } from './timings.ts';
import { Trail } from './trail.ts';
import { Watch } from './watch.ts';

const SETTINGS = {
  ...TIMING_SETTINGS,
  RECONCILE_SCHEDULE: '* * * * * *',
  QUEUE_RETRY_BASE_SECONDS: '1',
  QUEUE_RETRY_MAX_SECONDS: '8',
  QUEUE_RETRY_LIMIT: '999',
  EVENT_TOPIC_NAME: WORLD.busTopic.name,
  // Both instances and all of the emulated Azure share the processors of one machine.
  AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls: '4',
};
const INSTANCES = 2;
const ASKED_AT_ONCE = 8;
const QUIET_MS = 180_000;

export interface ChaosOptions {
  readonly seed: string;
  readonly seconds: number;
}

/** Storms for so many seconds, heals, waits until quiet, resolves what is unknown, asks for everything again. */
export async function runChaos(options: ChaosOptions): Promise<Report> {
  const startedAt = performance.now();
  return withFleet(options, (azure, fleet, trail) => chaos(azure, fleet, trail, { ...options, startedAt }));
}

/** Gives the work an emulated Azure with several instances of the function, and takes them away again. */
export async function withFleet<T>(
  { seed }: ChaosOptions,
  work: (azure: EmulatedAzure, fleet: Fleet, trail: Trail) => Promise<T>,
): Promise<T> {
  const random = new Random(seed).fork('clocks');
  // As deployed: a message whose worker was killed comes back when nobody holds its lease any more.
  const azure = await startAzure({ lockDurationMs: TIMINGS.leaseMs + TIMINGS.settleMs });
  const trail = new Trail(new LeakSearch());
  const settings = { ...azure.appSettings, ...SETTINGS, POLICY_FILE: '', POLICY: await stormPolicy() };
  const { clock } = azure;
  const window = clockWindow(random);
  const fleet = await Fleet.start({ size: INSTANCES, settings, clock, window, random, onLog: trail.take });
  try {
    return await work(azure, fleet, trail);
  } finally {
    await fleet.stop();
    await azure.close();
  }
}

async function chaos(
  azure: EmulatedAzure,
  fleet: Fleet,
  trail: Trail,
  { startedAt, ...options }: ChaosOptions & { readonly startedAt: number },
): Promise<Report> {
  const phases = new Map<string, number>();
  const phase = (name: string): void => void phases.set(name, Math.round((performance.now() - startedAt) / 1000));
  phase('up');
  const random = new Random(options.seed);
  const deadline = AbortSignal.timeout(options.seconds * 1000 + QUIET_MS);
  const world: ClientWorld = { azure, fleet, leaks: trail.leaks, inFlight: 0, deadline };
  const watch = new Watch(azure);
  const { asking, ...stormed } = await storm(world, watch, random, options.seconds);
  phase('storm over');
  const decisions: Resolved[] = [];
  const decide = async (): Promise<void> => {
    // Keys of unknown attempts are old by then, so that an operator may decide.
    await leap(azure, PROPAGATION_MS + TIMINGS.leaseMs);
    decisions.push(await resolveOpen(world, random));
  };
  const restless = await untilQuiet(world, asking, decide);
  const conversations = await asking.conversations;
  phase('quiet');
  const evidence = { azure, ...stormed, conversations, trail, watch };
  const afterStorm = [...restless, ...(await account(evidence))];
  await decide();
  const resolved = decisions.reduce(together);
  phase('resolved');
  const patient: ClientWorld = { ...world, inFlight: 0, deadline: AbortSignal.timeout(QUIET_MS) };
  const repeated = askAgain(patient, conversations, random);
  const restlessAgain = await untilQuiet(patient, repeated);
  const again = await repeated.conversations;
  phase('asked again');
  const atTheEnd = [
    ...restlessAgain,
    ...(await account({ ...evidence, conversations: [...conversations, ...again] })),
    ...(await leftToOperators(azure)),
    ...(await unexpected(azure, again)),
    ...(await bulksInTheEnd(patient, random)),
  ];
  phase('accounted for');
  const ledger = await readLedger(azure);
  return {
    ...stormed,
    phases,
    conversations,
    again,
    replies: repliesIn(azure).map(({ view }) => view.subject ?? 'none'),
    credentials: [...ledger.credentials.values()],
    attempts: ledger.of('attempt'),
    bulks: ledger.of('bulk'),
    keys: azure.arm.keys(),
    kills: fleet.kills,
    resolved,
    looks: watch.looks,
    deadLetters: deadLetters(azure).size,
    records: trail.records,
    events: eventsIn(azure).length,
    discrepancies: [...new Set([...stormed.idle, ...afterStorm, ...resolved.discrepancies, ...atTheEnd])],
  };
}

const together = (a: Resolved, b: Resolved): Resolved => ({
  orphans: a.orphans + b.orphans,
  none: a.none + b.none,
  looks: a.looks + b.looks,
  discrepancies: [...a.discrepancies, ...b.discrepancies],
});

/** In a world that is whole again each idempotency key gives what it gave, or vends at last. */
function askAgain(world: ClientWorld, asked: readonly Conversation[], random: Random): Asking {
  const questions = new Map(asked.map(({ question }) => [JSON.stringify(question), question]));
  const left = [...Map.groupBy(questions.values(), ({ asked: { id } }) => id).values()].values();
  let open = ASKED_AT_ONCE;
  // One after another for each credential: what was asked for first comes first.
  const lane = async (): Promise<Conversation[]> => {
    const again: Conversation[] = [];
    for (const each of left)
      for (const question of each)
        if (!world.deadline.aborted)
          again.push(await converse(world, patiently(question), random.fork(JSON.stringify(question))));
    open--;
    return again;
  };
  const lanes = Promise.all(Array.from({ length: ASKED_AT_ONCE }, lane));
  return { conversations: lanes.then((all) => all.flat()), open: () => open };
}

function patiently({ persists: _, ...question }: Question): Question {
  return { ...question, patienceMs: 30_000 };
}

/**
 * A vend is answered with the current key, or that it was revoked. It may expire after that. Two credentials cannot have the
 * same name.
 */
async function unexpected(azure: EmulatedAzure, again: readonly Conversation[]): Promise<string[]> {
  const { credentials } = await readLedger(azure);
  return again.flatMap(({ question: { asked }, answers }) => {
    if (asked.operation !== 'vend') return [];
    const { outcome = 'nothing', body } = answers.at(-1) ?? {};
    const row = credentials.get(asked.id);
    const answered = credentialAnswerSchema.safeParse(body).data;
    const hasKey = answered?.apiKey !== undefined;
    const { revocation } = row ?? {};
    const isRight =
      revocation === undefined
        ? outcome === 'secret-name-taken' || hasKey
        : outcome === 'revoked' || (revocation.by === 'expiry' && hasKey);
    return isRight ? [] : [`HTTP vend ${asked.id} is answered ${outcome} in the end`];
  });
}
