import { describe, expect, it } from 'vitest';
import type { IdempotencyKey } from '../../../src/vending/model/idempotency.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import { expectInvariants } from '../world/invariants.ts';
import type { Fault } from '../world/network.ts';
import { failing, ID, revokeIn, rotateIn, rowIn, typeOf, vendIn, withoutFaults } from '../world/steps.ts';
import { VAULT, World } from '../world/world.ts';

const CHOSEN = { secretName: 'orders-main' };
const OTHER: IdempotencyKey = { kind: 'key', key: 'another' };
const another = (world: World) => vendIn(world, { key: OTHER, request: CHOSEN });
const nameRow = (secretName = 'orders-main', id = ID) => rowOf('name', { vaultUrl: VAULT, secretName, id });

describe('a chosen name', () => {
  it('outside the prefix of the rule is refused, and inside it claimed whatever its letters', async () => {
    const world = new World();
    expect(typeOf(await vendIn(world, { request: { secretName: 'payments-key' } }))).toBe('invalid-request');
    expect(typeOf(await vendIn(world, { request: { secretName: 'ORDERS-Main' } }))).toBe('vended');
    expect(world.ledger.keys('name')).toEqual([nameRow().key]);
    expect(world.vault.versions[0]?.name).toBe('ORDERS-Main');
    expect(typeOf(await another(world))).toBe('secret-name-taken');
  });

  it.each<[string, (world: World) => void, string]>([
    ['soft-deleted', (world) => world.vault.softDeleted.add('orders-main'), 'secret-name-soft-deleted'],
    [
      'in use by a stranger',
      (world) => world.vault.add(world, { vaultUrl: VAULT, name: 'orders-main' }),
      'secret-name-taken',
    ],
  ])('that is %s is refused before anything is minted', async (_, arrange, problem) => {
    const world = new World();
    arrange(world);
    expect(typeOf(await vendIn(world, { request: CHOSEN }))).toBe(problem);
    expect([world.confluent.posts, world.ledger.keys('credential')]).toEqual([[], []]);
  });

  it('is free where every version of it is disabled', async () => {
    const world = new World();
    world.vault.add(world, { vaultUrl: VAULT, name: 'orders-main' }).enabled = false;
    expect(typeOf(await vendIn(world, { request: CHOSEN }))).toBe('vended');
  });

  it('of a credential that has nothing any more is free for another', async () => {
    const world = new World();
    await vendIn(world, { request: CHOSEN });
    await revokeIn(world);
    expect(world.ledger.keys('name')).toEqual([]);
    expect(typeOf(await another(world))).toBe('vended');
  });

  it('is free for another as soon as the attempt has failed, and its own retry then finds it taken', async () => {
    const world = failing('mint', 'refused');
    expect(typeOf(await vendIn(world, { request: CHOSEN }))).toBe('upstream-throttled');
    expect(world.ledger.keys('name')).toEqual([]);
    expect(typeOf(await another(world))).toBe('vended');
    world.pass(7_000);
    expect(typeOf(await vendIn(world, { request: CHOSEN }))).toBe('secret-name-taken');
    expectInvariants(world);
  });

  it('stays claimed while nobody knows whether there is a key', async () => {
    const world = failing('mint', 'unanswered');
    await vendIn(world, { request: CHOSEN });
    expect(typeOf(await another(world))).toBe('secret-name-taken');
  });

  it('that two requests claim at once goes to one of them', async () => {
    const world = new World();
    const outcomes = await Promise.all([vendIn(world, { request: CHOSEN }), another(world)]);
    expect(outcomes.map(typeOf).toSorted()).toEqual(['secret-name-taken', 'vended']);
    expect(world.confluent.posts).toHaveLength(1);
  });

  it('is not said to be free by a vault that does not answer', async () => {
    const world = failing('lookUpName', 'lost');
    expect(typeOf(await vendIn(world, { request: CHOSEN }))).toBe('vault-unavailable');
    expect(world.confluent.posts).toEqual([]);
  });

  it('whose late version is not swept yet gives its own retry a time to come back', async () => {
    const world = failing('store', 'refused');
    await vendIn(world, { request: CHOSEN });
    const { sweepAt = 0 } = rowIn(world);
    world.vault.add(world, { vaultUrl: VAULT, name: 'orders-main' });
    const outcome = await vendIn(world, { request: CHOSEN });
    expect(outcome).toMatchObject({ problem: { type: 'request-in-progress', retryAfterMs: sweepAt - world.now } });
    // The review comes with the next run of the timer, a minute later at most.
    world.now = sweepAt - 1;
    const last = await vendIn(world, { request: CHOSEN });
    expect(last).toMatchObject({ problem: { type: 'request-in-progress', retryAfterMs: 60_000 } });
  });
});

describe('a derived name', () => {
  it('that a deleted secret holds is refused in words, and not minted for again until it is free', async () => {
    const world = new World();
    world.vault.refuseStores = 'soft-deleted';
    expect(typeOf(await vendIn(world))).toBe('secret-name-soft-deleted');
    expect(world.confluent.live()).toEqual([]);
    world.vault.softDeleted.add(rowIn(world).secretName);
    expect(typeOf(await vendIn(world))).toBe('secret-name-soft-deleted');
    expect(world.confluent.posts).toHaveLength(1);
    world.vault.softDeleted.clear();
    world.vault.refuseStores = undefined;
    expect(typeOf(await vendIn(world))).toBe('vended');
  });
});

describe('a name row', () => {
  it('of our own id, left by a ledger that lost the row beside it, does not stop the vend', async () => {
    const world = new World();
    const { key, value } = nameRow(`ck-lkc-1126wj-orders-${ID}`);
    world.ledger.rows.set(key, { text: JSON.stringify(value), etag: 'old' });
    expect(typeOf(await vendIn(world))).toBe('vended');
    expectInvariants(world);
  });

  it.each<Fault>(['lost', 'unanswered'])('whose holder cannot be read (%s) is not taken over', async (fault) => {
    const world = failing('read', fault, 2);
    const { key, value } = nameRow();
    world.ledger.rows.set(key, { text: JSON.stringify(value), etag: 'old' });
    expect(typeOf(await vendIn(world, { request: CHOSEN }))).toBe('secret-name-taken');
    expect(world.confluent.posts).toEqual([]);
  });
});

describe('a row that is missing', () => {
  it.each(['due', 'name', 'open', 'audit', 'event', 'caller', 'key', 'attempt'] as const)(
    'of kind %s does not stop its credential',
    async (kind) => {
      const world = failing('store', 'lost');
      await vendIn(world);
      withoutFaults(world);
      for (const key of world.ledger.keys(kind)) world.ledger.lose(key);
      world.pass(300_000);
      expect(typeOf(await revokeIn(world))).toBe('revoking');
      await world.settled();
      expect(rowIn(world).revocation).toBeDefined();
    },
  );

  it('of a rotation that fails does not stop its end', async () => {
    const world = new World();
    await vendIn(world);
    world.vault.refuseStores = 'transient';
    world.turn = async (call) => {
      if (call === 'store') for (const key of world.ledger.keys('rotation')) world.ledger.lose(key);
    };
    expect(typeOf(await rotateIn(world))).toBe('vault-unavailable');
    expect(rowIn(world).work).toBeUndefined();
  });
});
