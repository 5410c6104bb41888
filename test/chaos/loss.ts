import type { EmulatedAzure } from '../../src/sandbox/azure/azure.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { credentialAnswerSchema } from '../../src/vending/answers/credential.ts';
import { accountForLoss } from './account/loss.ts';
import { type ChaosOptions, withFleet } from './chaos.ts';
import { type LedgerView, readLedger } from './evidence.ts';
import type { Fleet } from './fleet.ts';
import { type ClientWorld, converse } from './http-client.ts';
import { kill } from './mischief.ts';
import type { Order } from './orders.ts';
import { vendOf } from './questions.ts';
import { untilQuiet } from './quiet.ts';
import { Random } from './random.ts';
import { recoverVaults } from './recovery.ts';
import { storm } from './storm.ts';
import type { Trail } from './trail.ts';
import { Watch } from './watch.ts';
import { LONGEST_HOLD_MS, Weather } from './weather.ts';

/** The recovery runs at least so long while services misbehave and instances are killed. */
const RECOVERY_STORM_MS = 20_000;
const QUIET_MS = 180_000;
const NOBODY = { open: () => 0 };

export interface Loss {
  readonly credentials: number;
  readonly lost: number;
  readonly inserted: number;
  readonly refused: number;
  readonly kills: number;
  readonly repeated: number;
  readonly discrepancies: readonly string[];
}

/** In the middle of a storm the ledger loses rows, and every instance dies. The rows are recovered in another storm. */
export const runLoss = (options: ChaosOptions): Promise<Loss> =>
  withFleet(options, (azure, fleet, trail) => loses(azure, fleet, trail, options));

async function loses(azure: EmulatedAzure, fleet: Fleet, trail: Trail, options: ChaosOptions): Promise<Loss> {
  const random = new Random(options.seed);
  const { leaks } = trail;
  const over = new AbortController();
  const world: ClientWorld = { azure, fleet, leaks, inFlight: 0, deadline: over.signal };
  const stormed = await storm(world, new Watch(azure), random, options.seconds);
  const before = { ledger: await readLedger(azure), lost: new Set<string>() };
  await fleet.restart({ MODE: 'paused' }, async () => {
    over.abort();
    await stormed.asking.conversations;
    // A recovery begins when nothing that was sent can land any more.
    await azure.clock.advance(LONGEST_HOLD_MS);
    before.ledger = await readLedger(azure);
    before.lost = lostIn(before.ledger, random.fork('loss'));
    const isLost = (rowKey: string): boolean => rowKey.split('_').some((part) => before.lost.has(part));
    await azure.tables.removeRows(WORLD.ledgerTable, isLost);
  });
  const recovered = await recoverInStorm({ ...world, deadline: AbortSignal.timeout(QUIET_MS) }, random);
  const afterRecovery = await accountForLoss(azure, before, trail);
  // An answer that says what was inserted may be lost with its instance.
  const { credentials: back } = await readLedger(azure);
  await fleet.restart({ MODE: 'normal' });
  const quiet: ClientWorld = { ...world, inFlight: 0, deadline: AbortSignal.timeout(QUIET_MS) };
  const restless = await untilQuiet(quiet, NOBODY);
  const repeated = await askAgain(quiet, stormed.orders, random);
  return {
    credentials: before.ledger.credentials.size,
    lost: before.lost.size,
    inserted: [...before.lost].filter((id) => back.has(id)).length,
    refused: recovered.filter(({ outcome }) => outcome === 'not-inserted').length,
    kills: fleet.kills,
    repeated: repeated.asked,
    discrepancies: [
      ...new Set([
        ...afterRecovery,
        ...restless,
        ...repeated.discrepancies,
        ...(await accountForLoss(azure, before, trail)),
      ]),
    ],
  };
}

/** All credentials, or a half of them. Rows that are only beside a credential stay where the key of the row does not name it. */
function lostIn({ credentials }: LedgerView, random: Random): Set<string> {
  const isWhole = random.chance(0.5);
  return new Set([...credentials.keys()].filter(() => isWhole || random.chance(0.5)));
}

async function recoverInStorm(world: ClientWorld, random: Random) {
  const signal = AbortSignal.timeout(RECOVERY_STORM_MS);
  const weather = new Weather(world.azure.faults, random.fork('weather of the recovery'));
  const stormy = recoverVaults(world, random.fork('recovery'));
  await Promise.all([stormy.catch(() => []), weather.rage(signal, () => undefined), kill(world.fleet, random, signal)]);
  world.azure.faults.clear();
  await world.fleet.startMissing();
  return [...(await stormy.catch(() => [])), ...(await recoverVaults(world, random))];
}

/** Who repeats a request gets what the row says, and nothing is minted for it. */
async function askAgain(world: ClientWorld, orders: readonly Order[], random: Random) {
  const { credentials } = await readLedger(world.azure);
  const discrepancies: string[] = [];
  let asked = 0;
  for (const order of orders) {
    const row = credentials.get(order.id);
    if (order.kind !== 'http' || row?.current === undefined || row.revocation !== undefined) continue;
    asked++;
    const { answers } = await converse(world, { ...vendOf(order), patienceMs: 30_000 }, random.fork(order.key));
    const { outcome, body } = answers.at(-1) ?? {};
    const keyId = credentialAnswerSchema.safeParse(body).data?.apiKey?.id;
    if (keyId !== row.current.key.id)
      discrepancies.push(
        `HTTP vend ${order.id} is answered ${outcome} with ${keyId}, and the row has ${row.current.key.id}`,
      );
  }
  return { asked, discrepancies };
}

export const lossText = (loss: Loss): string =>
  [
    `chaos: of ${loss.credentials} credentials the ledger lost ${loss.lost}, and the recovery inserted ${loss.inserted}`,
    `${loss.refused} not inserted, ${loss.kills} kills, ${loss.repeated} requests repeated`,
    `${loss.discrepancies.length} discrepancies`,
  ].join(', ');
