import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_TIMINGS } from '../../src/vending/model/timings.ts';
import type { VendedIntent } from '../../src/vending/saga/outcome.ts';
import { HOUR, intentIn, kindIn, liveIn, OPERATOR, revokeIn, rotateIn, vendedIn, vendedOf } from './lifecycle.ts';
import { failing, faultsAt, heldAt, tick, typeOf } from './saga/steps.ts';
import { ask, orCrash } from './saga/vending.ts';
import { type Call, type Fault, World } from './saga/world.ts';

let world: World;
let vended: VendedIntent;
beforeEach(async () => {
  world = new World();
  vended = await vendedIn(world);
});

const revoke = () => revokeIn(world, vended.id);
const problemOf = async (): Promise<string> => {
  const outcome = await revoke();
  return outcome.kind === 'problem' ? outcome.problem.type : outcome.kind;
};

describe('a revocation', () => {
  it('deletes the key, takes its secret out of force before, and records it', async () => {
    const order: Call[] = [];
    world.turn = async (call) => void order.push(call);
    expect(await revoke()).toMatchObject({ kind: 'revoked', intent: { id: vended.id } });
    expect(liveIn(world)).toEqual([]);
    expect(world.versions.map(({ enabled }) => enabled)).toEqual([false]);
    expect(intentIn(world, vended.id)?.earlierKeys).toEqual([vended.state.key.id]);
    expect(order.indexOf('disableVersion')).toBeLessThan(order.indexOf('deleteKey'));
    expect(order.indexOf('replace')).toBeLessThan(order.indexOf('disableVersion'));
    expect(world.deletions).toEqual([{ keyId: vended.state.key.id, read: [] }]);
  });

  it('again is a success and deletes nothing', async () => {
    await revoke();
    const { length } = world.calls;
    expect((await revoke()).kind).toBe('revoked');
    expect(world.calls.slice(length)).not.toContain('deleteKey');
  });

  it('answers the request with 410 from then on, and mints nothing for it', async () => {
    await revoke();
    expect(typeOf(await ask(world))).toBe('revoked');
    expect(world.posts).toHaveLength(1);
  });

  it('of a key that somebody deleted in Confluent succeeds', async () => {
    for (const key of world.keys) key.live = false;
    world.now += 61_000;
    expect(await problemOf()).toBe('not-yet-revoked');
    world.now += 60_000;
    expect(await problemOf()).toBe('revoked');
  });

  it('by an operator needs no ownership; by anybody else it finds nothing', async () => {
    const stranger = { kind: 'caller', caller: { id: 'queue:other', roles: [] } } as const;
    expect(await revokeIn(world, vended.id, stranger)).toMatchObject({ problem: { type: 'not-found' } });
    expect((await revokeIn(world, vended.id, OPERATOR)).kind).toBe('revoked');
  });

  it('goes through where somebody else writes the row meanwhile', async () => {
    const go = await heldAt(world, 'replace', 1, revoke);
    world.turn = async () => undefined;
    await rotateIn(world, vended.id);
    expect(await go()).toMatchObject({ kind: 'revoked' });
    expect(kindIn(world, vended.id)).toBe('revoked');
  });
});

describe('what cannot be revoked', () => {
  it('is unknown, or failed', async () => {
    world = failing('mint', 'unanswered');
    const unknown = await ask(world);
    const id = unknown.kind === 'problem' ? unknown.requestId : '';
    expect(await revokeIn(world, id)).toMatchObject({ problem: { type: 'not-revocable' } });
    world = failing('mint', 'refused');
    await ask(world);
    expect(await revokeIn(world, id)).toMatchObject({ problem: { type: 'not-revocable' } });
  });

  it('is still being made', async () => {
    world = new World();
    await heldAt(world, 'store', 1, () => ask(world));
    world.turn = async () => undefined;
    expect(await revokeIn(world, vended.id)).toMatchObject({ problem: { type: 'request-in-progress' } });
  });
});

describe('a revocation that is cut short', () => {
  it.each<[Call, Fault, number]>([
    ['replace', 'crash-after', 1],
    ['findVersions', 'crash-before', 1],
    ['deleteKey', 'crash-before', 1],
    ['deleteKey', 'crash-after', 1],
    ['deleteKey', 'lost', 1],
    ['disableVersion', 'crash-after', 1],
    ['replace', 'crash-before', 2],
    ['noteDue', 'crash-after', 2],
  ])('at %s, %s (%i.), is finished by the reconciler', async (call, fault, nth) => {
    world.fault = faultsAt({ [call]: { [nth]: fault } });
    await orCrash(revoke);
    world.fault = () => undefined;
    for (let ticks = 0; ticks < 3; ticks++) {
      world.now += 120_000;
      await tick(world);
    }
    expect(kindIn(world, vended.id)).toBe('revoked');
    expect(liveIn(world)).toEqual([]);
    expect(world.versions.map(({ enabled }) => enabled)).toEqual([false]);
  });

  it('by a silent vault deletes the key all the same, and is recorded only when the secret is out of force', async () => {
    world.fault = (call) => (call === 'findVersions' ? 'lost' : undefined);
    expect(await problemOf()).toBe('not-yet-revoked');
    expect(liveIn(world)).toEqual([]);
    expect(kindIn(world, vended.id)).toBe('revoking');
    world.fault = () => undefined;
    world.now += 130_000;
    await tick(world);
    expect(kindIn(world, vended.id)).toBe('revoked');
    expect(world.versions.map(({ enabled }) => enabled)).toEqual([false]);
  });

  it('by a refusal of Confluent stays open, is told of, and is tried again in an hour', async () => {
    world.fault = (call) => (call === 'deleteKey' ? 'refused' : undefined);
    expect(await problemOf()).toBe('upstream-forbidden');
    expect(world.logs).toContainEqual(expect.objectContaining({ event: 'revocation-refused', level: 'error' }));
    world.fault = () => undefined;
    world.now += HOUR - 60_000;
    await tick(world);
    expect(kindIn(world, vended.id)).toBe('revoking');
    world.now += 60_001;
    await tick(world);
    expect(kindIn(world, vended.id)).toBe('revoked');
  });
});

it('a version that lands after the revocation goes out of force', async () => {
  await revoke();
  const [stored] = world.versions;
  if (stored !== undefined) world.versions.push({ ...stored, version: 'late', enabled: true });
  world.now += DEFAULT_TIMINGS.leaseMs + DEFAULT_TIMINGS.settleMs + 1;
  await tick(world);
  expect(world.versions.map(({ enabled }) => enabled)).toEqual([false, false]);
});

describe('what was revoked is forgotten', () => {
  const afterRetention = DEFAULT_TIMINGS.retentionMs + 1;

  it('after the time that failures are kept', async () => {
    await revoke();
    world.now += HOUR;
    await tick(world);
    world.now += afterRetention;
    await tick(world);
    expect(kindIn(world, vended.id)).toBeUndefined();
    expect(world.due.size).toBe(0);
  });

  it('but not while a rotation that was under way then has a key in force under the same secret name', async () => {
    const go = await heldAt(world, 'store', 1, () => rotateIn(world, vended.id));
    world.turn = async () => undefined;
    await revoke();
    vendedOf(await go());
    for (let months = 0; months < 3; months++) {
      world.now += afterRetention;
      await tick(world);
    }
    expect(kindIn(world, vended.id)).toBe('revoked');
    expect(typeOf(await ask(world))).toBe('revoked');
  });

  it('but not while it leads to a key in force: the request must never mint a second one', async () => {
    const successor = vendedOf(await rotateIn(world, vended.id));
    for (let months = 0; months < 4; months++) {
      world.now += afterRetention;
      await tick(world);
    }
    expect(kindIn(world, vended.id)).toBe('revoked');
    expect(await ask(world)).toMatchObject({ kind: 'vended', intent: { id: successor.id } });
    await revokeIn(world, successor.id);
    for (let months = 0; months < 4; months++) {
      world.now += afterRetention;
      await tick(world);
    }
    expect([...world.rows.keys()]).toEqual([]);
  });

  it('nor while a rotation lives that came between the revocation and its mark', async () => {
    const go = await heldAt(world, 'mint', 1, () => rotateIn(world, vended.id));
    world.turn = async () => undefined;
    world.now += 61_000;
    await revoke();
    const successor = vendedOf(await go());
    for (let months = 0; months < 4; months++) {
      world.now += afterRetention;
      await tick(world);
    }
    expect(typeOf(await ask(world))).toBe('revoked');
    expect(world.readable()).toEqual([successor.state.key.id]);
    await revokeIn(world, successor.id);
    for (let months = 0; months < 4; months++) {
      world.now += afterRetention;
      await tick(world);
    }
    expect([...world.rows.keys()]).toEqual([]);
  });
});
