import { describe, expect, it } from 'vitest';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import { expectInvariants } from '../world/invariants.ts';
import {
  CALLER,
  faultsAt,
  HOUR,
  heldAt,
  ID,
  orCrash,
  revokeIn,
  rotateIn,
  tick,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';
import { World } from '../world/world.ts';
import { logged, tickIn, vended } from './scenes.ts';

const RETENTION = DEFAULT_TIMINGS.retentionMs;

/** A credential that was vended and rotated twice and revoked, and is swept. */
async function revokedWorld(): Promise<World> {
  const world = new World();
  await vended(world);
  for (const key of ['r1', 'r2']) {
    await rotateIn(world, { key });
    await tickIn(world, 25 * HOUR + 1);
  }
  await revokeIn(world);
  await world.settled();
  for (let run = 0; run < 3; run++) await tickIn(world, HOUR);
  return world;
}

/** A world in which the only attempt minted nothing. */
async function failedWorld(): Promise<World> {
  const world = new World();
  world.fault = faultsAt({ mint: { 1: 'refused' } });
  await vendIn(world);
  withoutFaults(world);
  await world.settled();
  return world;
}

const kinds = (world: World): Set<string> =>
  new Set([...world.ledger.rows.keys()].map((key) => key.split('_')[0] ?? ''));

describe('a credential of which nothing lives', () => {
  it('is kept for its retention, and then nothing is left of it', async () => {
    const world = await revokedWorld();
    expect(kinds(world)).toEqual(new Set(['credential', 'prune', 'caller', 'attempt', 'rotation', 'key']));
    await tickIn(world, RETENTION - 4 * HOUR);
    expect(world.ledger.get(ID)).toBeDefined();
    await tickIn(world, 5 * HOUR);
    expect([...world.ledger.rows.keys()]).toEqual([]);
  });

  it('is not looked at before', async () => {
    const world = await failedWorld();
    const { length } = world.calls;
    for (let day = 0; day < 29; day++) await tickIn(world, 24 * HOUR);
    expect(world.calls.slice(length)).not.toContain('read');
    await tickIn(world, 25 * HOUR);
    expect([...world.ledger.rows.keys()]).toEqual([]);
  });

  it('is forgotten row by row, the credential after what hangs on it', async () => {
    const world = await revokedWorld();
    world.pass(RETENTION);
    world.trace = [];
    await tick(world);
    const removed = world.trace.filter((call) => call.startsWith('COMMIT')).map((call) => call.replace('COMMIT ', ''));
    expect(removed).toEqual([
      'replace credential, remove attempt key attempt key attempt key',
      'replace credential, remove rotation rotation',
      'remove credential',
      'remove caller',
      'remove prune',
    ]);
  });

  it.each([...[1, 2, 3].map((nth) => ['commit', nth] as const), ...[1, 2].map((nth) => ['cleanUp', nth] as const)])(
    'is forgotten by the next run where the process dies at %s number %i',
    async (call, nth) => {
      for (const fault of ['crash-before', 'crash-after', 'lost', 'unanswered'] as const) {
        const world = await revokedWorld();
        world.pass(RETENTION);
        world.fault = faultsAt({ [call]: { [nth]: fault } });
        await orCrash(() => tick(world));
        world.killAll();
        withoutFaults(world);
        await tickIn(world, HOUR);
        expect([fault, ...world.ledger.rows.keys()].filter((key) => !key.startsWith('caller_'))).toEqual([fault]);
      }
    },
  );

  it('is forgotten alone: the rows of its neighbours stay', async () => {
    const world = await failedWorld();
    world.pass(RETENTION - HOUR);
    const neighbours = Array.from({ length: 8 }, (_, number) => `order-${number + 2}`);
    for (const key of neighbours) await vendIn(world, { key: { kind: 'key', key } });
    for (const key of neighbours) await rotateIn(world, { id: credentialIdOf(CALLER.id, { kind: 'key', key }) });
    await world.settled();
    const before = [...world.ledger.rows.keys()].filter((row) => !row.includes(ID));
    await tickIn(world, 2 * HOUR);
    expect([...world.ledger.rows.keys()]).toEqual(before);
    // It lay between them.
    const ids = [...world.ledger.keys('credential'), `credential_${ID}`].toSorted();
    expect([ids[0], ids.at(-1)]).not.toContain(`credential_${ID}`);
  });

  it('leaves the rows of a key that the same request got meanwhile', async () => {
    const world = await failedWorld();
    world.pass(RETENTION + 1);
    // Audit records, events, attempts: by then the run has decided to forget.
    const goOn = await heldAt(world, 'list', 3, () => tick(world));
    world.turn = async () => undefined;
    await vendIn(world);
    await rotateIn(world);
    await goOn();
    await world.settled();
    expectInvariants(world);
    expect(await rotateIn(world)).toMatchObject({ kind: 'vended', replayed: true });
    expect(world.confluent.posts).toHaveLength(2);
  });

  it('leaves the rows of a key that the same request got after another run had forgotten it', async () => {
    const world = await failedWorld();
    world.pass(RETENTION + 1);
    const goOn = await heldAt(world, 'list', 3, () => tick(world));
    world.turn = async () => undefined;
    await tick(world);
    expect([...world.ledger.rows.keys()]).toEqual([]);
    await vendIn(world);
    await goOn();
    await world.settled();
    expectInvariants(world);
    expect(world.ledger.all('attempt')).toMatchObject([{ id: ID, attempt: 1, outcome: 'vended' }]);
  });

  it('is not forgotten where it came to life meanwhile', async () => {
    const world = await failedWorld();
    world.pass(RETENTION + 1);
    let isFirst = true;
    world.turn = async (call) => {
      if (call !== 'list' || !isFirst) return;
      isFirst = false;
      world.turn = async () => undefined;
      await vendIn(world);
    };
    await tick(world);
    expect(world.ledger.get(ID)).toHaveProperty('current');
    expect(logged(world)).not.toContain('review-undecided');
  });

  it('costs no commit for what it does not have, and one list of each kind', async () => {
    const world = await failedWorld();
    world.pass(RETENTION + 1);
    world.trace = [];
    await tick(world);
    expect(world.trace.filter((call) => /^COMMIT|LIST (attempt|rotation)/.test(call))).toEqual([
      'LIST attempt',
      'COMMIT replace credential, remove attempt',
      'LIST rotation',
      'COMMIT remove credential',
      'COMMIT remove caller',
      'COMMIT remove prune',
    ]);
  });

  it('stays in the list of its caller where it came to life at the last moment', async () => {
    const world = await failedWorld();
    world.pass(RETENTION + 1);
    const goOn = await heldAt(world, 'commit', 2, () => tick(world));
    world.turn = async () => undefined;
    await vendIn(world);
    await goOn();
    expect(world.ledger.all('caller')).toMatchObject([{ id: ID }]);
  });

  it('is forgotten with all its attempts, however many they are, and with rows that nobody can read', async () => {
    const world = await revokedWorld();
    const [row] = world.ledger.all('attempt');
    for (let n = 0; n < 60; n++)
      world.ledger.rows.set(`attempt_${ID}_9${n}`, { text: JSON.stringify({ ...row, apiKeyId: `K${n}` }), etag: 'e' });
    world.ledger.rows.set(`attempt_${ID}_later`, { text: '{}', etag: 'e' });
    await tickIn(world, RETENTION);
    expect([...world.ledger.rows.keys()]).toEqual([]);
  });
});
