import fc from 'fast-check';
import { expect, it } from 'vitest';
import { resolveCredential } from '../../../src/vending/commands/resolve.ts';
import { statusOf } from '../../../src/vending/model/credential.ts';
import { markerOf } from '../../../src/vending/model/idempotency.ts';
import { expectAnswered, expectInvariants, expectReadable, expectSettled } from '../world/invariants.ts';
import { FAULTS } from '../world/network.ts';
import {
  currentKeyIn,
  endOverlapIn,
  HOUR,
  ID,
  OPERATOR,
  orCrash,
  revokeIn,
  rotateIn,
  SETTINGS,
  tick,
  typeOf,
  vendIn,
  withoutFaults,
  withRule,
} from '../world/steps.ts';
import { World } from '../world/world.ts';

/** `npm run prove -- --runs N` sets it. */
const RUNS = Number(process.env.PROVE_RUNS ?? 300);

/** Most calls pass, so that runs get far enough for the rare combinations to matter. */
const fate = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(...FAULTS) },
);
const faults = fc.array(fate, { minLength: 10, maxLength: 80 });

/** Policy and request: without dates, with an expiry that revokes, or with a schedule. */
const TERMS = [
  { settings: SETTINGS, request: {} },
  { settings: withRule({ revokeAtExpiry: true }), request: { validFor: 'P2D' } },
  { settings: withRule({ rotateEvery: 'P2D' }), request: {} },
] as const;
type Terms = (typeof TERMS)[number];

const STEPS = {
  vend: (world: World, { settings, request }: Terms) => vendIn(world, { settings, request }),
  rotate: (world: World, { settings }: Terms) => rotateIn(world, { settings, key: 'r1' }),
  'rotate with another key': (world: World, { settings }: Terms) => rotateIn(world, { settings, key: 'r2' }),
  'rotate a stale key': (world: World) => rotateIn(world, { key: 'r3', replaces: 'KEY0' }),
  'rotate at once': (world: World) => rotateIn(world, { key: 'r4', authority: OPERATOR, overlapMs: 0 }),
  'end the overlap': (world: World) => endOverlapIn(world, world.ledger.get(ID)?.previous?.keyId ?? 'KEY0'),
  revoke: (world: World) => revokeIn(world),
  reconcile: (world: World, { settings }: Terms) => tick(world, settings),
  resolve: (world: World) => resolveTruly(world),
  look: (world: World) =>
    resolveCredential(world.ctx('operator'), SETTINGS, { id: ID, resolution: { decision: 'look' } }),
  'delete a key by hand': async (world: World) => deleteByHand(world),
  'forge a version': async (world: World) => forgeVersion(world),
} as const;
type Step = keyof typeof STEPS;

const OFTEN: readonly Step[] = ['vend', 'rotate', 'rotate with another key', 'reconcile'];
const SELDOM: readonly Step[] = ['rotate a stale key', 'rotate at once', 'end the overlap', 'resolve', 'look'];
const STRANGE: readonly Step[] = ['delete a key by hand', 'forge a version'];

const lapse = fc.constantFrom(0, 10_000, 60_000, 115_000, 211_000, 25 * HOUR + 1);

/** Steps that run beside and after one another, and time that passes under their feet. */
const rounds = (seldom: readonly Step[]) =>
  fc.array(
    fc.record({
      steps: fc.array(
        fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom(...OFTEN) },
          { weight: 1, arbitrary: fc.constantFrom(...seldom) },
        ),
        { maxLength: 4 },
      ),
      revokes: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      lapses: fc.array(fc.constantFrom(10_000, 60_000, 115_000), { maxLength: 2 }),
      sleepMs: lapse,
    }),
    { minLength: 1, maxLength: 5 },
  );

function deleteByHand({ confluent, strangers }: World): void {
  const key = confluent.keys.find(({ live }) => live);
  if (key === undefined) return;
  key.live = false;
  strangers.push(key.record.id);
}

/** Somebody copies the newest version's tags, and names another team's key. */
function forgeVersion(world: World): void {
  const newest = world.vault.versions.at(-1);
  if (newest === undefined) return;
  const foreign = world.confluent.add(world, 'key of another team');
  const tags = { ...newest.tags, 'vend-key': foreign };
  world.strangers.push(world.vault.add(world, { ...newest, tags }).version);
}

/** An operator who looks in Confluent, and says what there is. */
async function resolveTruly(world: World): Promise<undefined> {
  const row = world.ledger.get(ID);
  if (row?.work === undefined) return;
  const marker = markerOf(ID, row.work);
  const key = world.confluent.keys.find(({ live, description }) => live && description.endsWith(marker));
  const decision = key === undefined ? ({ decision: 'none' } as const) : ({ decision: 'key' } as const);
  const resolution = decision.decision === 'key' ? { ...decision, apiKeyId: key?.record.id ?? '' } : decision;
  await resolveCredential(world.ctx('operator'), SETTINGS, { id: ID, resolution });
}

it.each([
  ['faults, crashes, races and lapsed leases', SELDOM, RUNS],
  ['strangers who delete keys and forge versions as well', [...SELDOM, ...STRANGE], Math.ceil(RUNS / 2)],
] as const)(
  'holds every invariant under %s',
  async (_, seldom, runs) => {
    const ends = new Map<string, number>();
    const terms = fc.constantFrom(...TERMS);
    await fc.assert(
      fc.asyncProperty(faults, terms, rounds(seldom), fc.scheduler(), async (script, agreed, plan, scheduler) => {
        const world = new World();
        const left = script.values();
        world.fault = () => left.next().value;
        world.turn = (call) => scheduler.schedule(Promise.resolve(), call);
        for (const { steps, revokes, lapses, sleepMs } of plan) {
          const all: readonly Step[] = revokes ? [...steps, 'revoke'] : steps;
          const racing = [
            ...all.map((name) => run(world, agreed, name)),
            ...lapses.map((ms) => scheduler.schedule(Promise.resolve(), 'time').then(() => world.pass(ms))),
          ];
          await scheduler.waitFor(Promise.all(racing));
          expectInvariants(world, await Promise.all(racing));
          world.pass(sleepMs);
        }
        await quiesce(world, agreed);
        const row = world.ledger.get(ID);
        const end = row === undefined ? 'nothing' : statusOf(row);
        ends.set(end, (ends.get(end) ?? 0) + 1);
      }),
      { numRuns: runs },
    );
    for (const end of ['vended', 'unknown', 'revoked'])
      expect(ends.get(end) ?? 0, `runs that end ${end}`).toBeGreaterThan(runs / 100);
  },
  600_000,
);

type Done = Awaited<ReturnType<(typeof STEPS)[Step]>>;

async function run(world: World, terms: Terms, name: Step): Promise<unknown> {
  const step: (world: World, terms: Terms) => Promise<Done> = STEPS[name];
  const outcome = await orCrash(() => step(world, terms));
  if (typeof outcome === 'object') expectAnswered(world, outcome);
  return outcome;
}

/** No more faults, and time: whatever was begun comes to its end, and a repeated request must not break that. */
async function quiesce(world: World, { settings, request }: Terms): Promise<void> {
  withoutFaults(world);
  world.turn = async () => undefined;
  world.pass(300_000);
  for (let ticks = 0; ticks < 8; ticks++) {
    world.pass(ticks === 3 ? 26 * HOUR : 300_000);
    await tick(world, settings);
    await world.settled();
    expectInvariants(world);
  }
  world.pass(2 * HOUR);
  await tick(world, settings);
  await world.settled();
  expectSettled(world);
  const before = world.ledger.get(ID);
  const outcome = await vendIn(world, { settings, request });
  expectAnswered(world, outcome);
  expectInvariants(world, [outcome]);
  if (before?.revocation !== undefined) return expect(typeOf(outcome)).toBe('revoked');
  if (before?.current === undefined)
    return expect(['vended', 'outcome-unknown', 'request-in-progress']).toContain(typeOf(outcome));
  expect(outcome).toMatchObject({ kind: 'vended', replayed: true });
  if (world.strangers.length > 0) return;
  if (before.work === undefined) expectReadable(world);
  expect(world.confluent.live()).toContain(currentKeyIn(world));
}
