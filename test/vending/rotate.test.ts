import { beforeEach, describe, expect, it } from 'vitest';
import { rotationIdOf } from '../../src/vending/model/idempotency.ts';
import { reconcile } from '../../src/vending/reconcile/reconcile.ts';
import type { VendedIntent } from '../../src/vending/saga/outcome.ts';
import { vend } from '../../src/vending/vend.ts';
import {
  expectReadable,
  HOUR,
  intentIn,
  kindIn,
  liveIn,
  OPERATOR,
  revokeIn,
  rotateIn,
  rotationIn,
  vendedIn,
  vendedOf,
} from './lifecycle.ts';
import { AFTER_LEASE, faultsAt, heldAt, refuseMints, tick, typeOf } from './saga/steps.ts';
import { ask, COMMAND, orCrash, SETTINGS } from './saga/vending.ts';
import { World } from './saga/world.ts';

let world: World;
let old: VendedIntent;
beforeEach(async () => {
  world = new World();
  old = await vendedIn(world);
});

const successorId = (): string => rotationIdOf(old);
const [RULE] = SETTINGS.policy.rules;
const settingsWith = (rule: object): typeof SETTINGS => ({
  ...SETTINGS,
  policy: { rules: RULE === undefined ? [] : [{ ...RULE, ...rule }] },
});

describe('a rotation', () => {
  it('puts another key into a new version of the same secret, and says which key it replaces', async () => {
    const successor = vendedOf(await rotateIn(world, old.id));
    expect(successor).toMatchObject({
      id: successorId(),
      secretName: old.secretName,
      vaultUrl: old.vaultUrl,
      target: old.target,
      caller: old.caller,
      supersedes: { intentId: old.id, overlapMs: 25 * HOUR },
    });
    expect(successor.state.key.id).not.toBe(old.state.key.id);
    expect(world.readable()).toEqual([successor.state.key.id]);
    expect(liveIn(world)).toHaveLength(2);
    expect(kindIn(world, old.id)).toBe('superseded');
  });

  it('keeps the old key for the overlap, to the millisecond, then revokes it', async () => {
    const { state } = vendedOf(await rotateIn(world, old.id));
    world.now += 25 * HOUR;
    await tick(world);
    expect(liveIn(world)).toContain(old.state.key.id);
    world.now += 1;
    await tick(world);
    expect(liveIn(world)).toEqual([state.key.id]);
    expect(intentIn(world, old.id)).toMatchObject({ state: { kind: 'revoked', successor: successorId() } });
    expect(world.versions.map(({ enabled }) => enabled)).toEqual([false, true]);
    expectReadable(world);
  });

  it('is one, however often and by whomever it is asked for', async () => {
    const first = vendedOf(await rotateIn(world, old.id));
    const again = await rotateIn(world, old.id, { authority: OPERATOR });
    expect(again).toMatchObject({ kind: 'vended', replayed: true, intent: { id: first.id } });
    expect(world.keys).toHaveLength(2);
  });

  it('asked for twice at once mints one key', async () => {
    const outcomes = await Promise.all([rotateIn(world, old.id), rotateIn(world, old.id)]);
    expect(outcomes.map(typeOf).toSorted()).toEqual(['request-in-progress', 'vended']);
    expect(world.keys).toHaveLength(2);
  });

  it('answers the original request with its key from then on, however many follow', async () => {
    let current = old.id;
    for (let rotations = 0; rotations < 3; rotations++) {
      ({ id: current } = vendedOf(await rotateIn(world, current)));
      world.now += 26 * HOUR;
      await tick(world);
    }
    expect(await ask(world)).toMatchObject({ kind: 'vended', replayed: true, intent: { id: current } });
    expect(await rotateIn(world, old.id)).toMatchObject({ kind: 'vended', replayed: true, intent: { id: current } });
    expect(liveIn(world)).toHaveLength(1);
  });

  it('gives the new secret as long a life as the old one had, from now', async () => {
    world = new World();
    old = vendedOf(await ask(world, { validFor: 'P60D' }));
    world.now += 40 * 24 * HOUR;
    const { expiresOn } = vendedOf(await rotateIn(world, old.id));
    expect(Date.parse(expiresOn ?? '')).toBe(world.now + 60 * 24 * HOUR);
  });
});

describe('a rotation is refused', () => {
  it('while the key before the old one still lives: two at most', async () => {
    const successor = vendedOf(await rotateIn(world, old.id));
    const refused = await rotateIn(world, successor.id);
    expect(refused).toMatchObject({ problem: { type: 'rotation-too-soon', retryAfterMs: 25 * HOUR } });
    world.now += 25 * HOUR + 1;
    await tick(world);
    expect(typeOf(await rotateIn(world, successor.id))).toBe('vended');
    expect(liveIn(world)).toHaveLength(2);
  });

  it('to anybody but its caller and operators: to them the request does not exist', async () => {
    const stranger = { kind: 'caller', caller: { id: 'queue:other', roles: [] } } as const;
    expect(typeOf(await rotateIn(world, old.id, { authority: stranger }))).toBe('not-found');
    expect(typeOf(await rotateIn(world, 'a'.repeat(26)))).toBe('not-found');
  });

  it('when the rule that granted the key is gone, or covers its target no more', async () => {
    const without = { ...SETTINGS, policy: { rules: [] } };
    expect(typeOf(await rotateIn(world, old.id, { settings: without }))).toBe('forbidden');
    expect(typeOf(await rotateIn(world, old.id, { settings: settingsWith({ clusters: ['lkc-9'] }) }))).toBe(
      'forbidden',
    );
  });

  it('to its caller who could not have a new key either: the role was taken away', async () => {
    const settings = settingsWith({ callers: { queues: ['elsewhere'], roles: ['Keys'] } });
    const holder = { id: 'queue:orders', roles: ['Keys'] };
    expect(typeOf(await rotateIn(world, old.id, { settings }))).toBe('forbidden');
    expect(typeOf(await rotateIn(world, old.id, { settings, authority: { kind: 'caller', caller: holder } }))).toBe(
      'vended',
    );
  });

  it.each(['paused', 'revoke-only'] as const)('in mode %s', async (mode) => {
    expect(typeOf(await rotateIn(world, old.id, { settings: { ...SETTINGS, mode } }))).toBe('paused');
    expect(world.keys).toHaveLength(1);
  });

  it('with an overlap under a day, unless the rule says so outright', async () => {
    expect(await rotateIn(world, old.id, { overlapMs: 24 * HOUR - 1 })).toMatchObject({
      problem: { type: 'invalid-request', errors: [{ pointer: '/overlap' }] },
    });
    const short = { settings: settingsWith({ allowShortOverlap: true }), overlapMs: HOUR };
    expect(vendedOf(await rotateIn(world, old.id, short)).supersedes?.overlapMs).toBe(HOUR);
  });

  it('with an overlap that would outlast the time until the next rotation', async () => {
    const settings = settingsWith({ rotateEvery: 'P30D' });
    expect(await rotateIn(world, old.id, { settings, overlapMs: 30 * 24 * HOUR })).toMatchObject({
      problem: { type: 'invalid-request', errors: [{ pointer: '/overlap' }] },
    });
    expect(typeOf(await rotateIn(world, old.id, { settings, overlapMs: 30 * 24 * HOUR - 1 }))).toBe('vended');
  });

  it('after the key was revoked', async () => {
    await revokeIn(world, old.id);
    world.now += 61_000;
    await tick(world);
    expect(typeOf(await rotateIn(world, old.id))).toBe('revoked');
  });

  it('where there is no key', async () => {
    world = new World();
    refuseMints(world);
    const failed = await ask(world);
    const id = failed.kind === 'problem' ? failed.requestId : '';
    expect(typeOf(await rotateIn(world, id))).toBe('not-rotatable');
  });
});

describe('a rotation that fails', () => {
  it('leaves the old key and secret in force, and may be tried again', async () => {
    world.fault = faultsAt({ store: { 1: 'refused' } });
    expect(typeOf(await rotateIn(world, old.id))).toBe('vault-unavailable');
    expect(kindIn(world, old.id)).toBe('vended');
    expectReadable(world);
    expect(liveIn(world)).toEqual([old.state.key.id]);
    expect(vendedOf(await rotateIn(world, old.id)).attempt).toBe(2);
  });

  it('for want of quota says so', async () => {
    world.mintAs = () => {
      world.keys.pop();
      return { kind: 'refused', reason: 'quota-exhausted', upstream: { service: 'arm', status: 402 } };
    };
    expect(typeOf(await rotateIn(world, old.id))).toBe('quota-exhausted');
    expect(await ask(world)).toMatchObject({ kind: 'vended', intent: { id: old.id } });
  });

  it('ambiguously is unknown, for an operator to look at; no second POST is sent', async () => {
    world.fault = faultsAt({ mint: { 1: 'unanswered' } });
    expect(typeOf(await rotateIn(world, old.id))).toBe('outcome-unknown');
    expect(typeOf(await rotateIn(world, old.id))).toBe('outcome-unknown');
    expect(world.posts).toHaveLength(2);
    expect(kindIn(world, old.id)).toBe('vended');
  });
});

describe('a crash', () => {
  it('after the rotation is vended and before the old key is marked heals by itself', async () => {
    world.fault = faultsAt({ replace: { 3: 'crash-before' } });
    await orCrash(() => rotateIn(world, old.id));
    world.fault = () => undefined;
    expect(rotationIn(world, old)?.state.kind).toBe('vended');
    expect(kindIn(world, old.id)).toBe('vended');
    world.now += AFTER_LEASE;
    await tick(world);
    expect(kindIn(world, old.id)).toBe('superseded');
    expect([...world.due.values()].every(({ intentId }) => intentId === old.id)).toBe(true);
  });

  it('after the store is followed by the reconciler, which marks the old key too', async () => {
    world.fault = faultsAt({ store: { 1: 'crash-after' } });
    await orCrash(() => rotateIn(world, old.id));
    world.fault = () => undefined;
    world.now += AFTER_LEASE;
    await tick(world);
    expect(rotationIn(world, old)?.state.kind).toBe('vended');
    expect(kindIn(world, old.id)).toBe('superseded');
    expectReadable(world);
  });

  it('is finished by whoever asks again', async () => {
    world.fault = faultsAt({ replace: { 3: 'crash-before' } });
    await orCrash(() => rotateIn(world, old.id));
    world.fault = () => undefined;
    expect(typeOf(await rotateIn(world, old.id))).toBe('vended');
    expect(kindIn(world, old.id)).toBe('superseded');
  });
});

it('a key revoked between the claim and the POST of its rotation is not rotated', async () => {
  // Reads: the old row, the rotation's, then the old one again.
  const go = await heldAt(world, 'read', 3, () => rotateIn(world, old.id));
  world.turn = async () => undefined;
  world.now += 61_000;
  const revoked = await revokeIn(world, old.id);
  expect(typeOf(await go())).toBe('revoked');
  expect(world.posts).toHaveLength(1);
  expect(revoked).toMatchObject({ kind: 'revoked', successor: successorId() });
});

describe('on a schedule', () => {
  const scheduled = settingsWith({ rotateEvery: 'P30D' });

  it('the rotation is asked for when it is due, and again a day later if it did not come', async () => {
    world = new World();
    old = vendedOf(await ask(world, {}, scheduled));
    world.now += 30 * 24 * HOUR;
    await tick(world);
    expect(world.rotationsAsked).toEqual([]);
    world.now += 1;
    await tick(world);
    await tick(world);
    expect(world.rotationsAsked).toEqual([old.id]);
    world.now += 24 * HOUR + 1;
    await tick(world);
    expect(world.rotationsAsked).toEqual([old.id, old.id]);
  });

  it('a run asks for no more than fit into the time until the next, five a second', async () => {
    world = new World();
    for (let keys = 0; keys < 260; keys++)
      vendedOf(await vend(world.ports(), scheduled, { ...COMMAND, key: { kind: 'key', key: `k${keys}` } }));
    world.now += 30 * 24 * HOUR + 1;
    await reconcile(world.ports('reconciler'), { batch: 1_000, concurrency: 4 });
    expect(world.rotationsAsked).toHaveLength(250);
    await reconcile(world.ports('reconciler'), { batch: 1_000, concurrency: 4 });
    expect(new Set(world.rotationsAsked).size).toBe(260);
  });

  it('it is not asked for any more once it came, and the new key has a day of its own', async () => {
    world = new World();
    old = vendedOf(await ask(world, {}, scheduled));
    world.now += 29 * 24 * HOUR;
    const successor = vendedOf(await rotateIn(world, old.id, { settings: scheduled }));
    world.now += 2 * 24 * HOUR;
    await tick(world);
    expect(world.rotationsAsked).toEqual([]);
    world.now += 28 * 24 * HOUR + 1;
    await tick(world);
    expect(world.rotationsAsked).toEqual([successor.id]);
  });
});

it('the first request is answered with the key in force however often it was rotated, by few look-ups', async () => {
  const world = new World();
  let last = await vendedIn(world);
  for (let rotations = 0; rotations < 800; rotations++) {
    last = vendedOf(await rotateIn(world, last.id));
    world.now += 26 * HOUR;
    await tick(world);
    await tick(world);
  }
  world.calls = [];
  const answered = vendedOf(await ask(world));
  expect(answered.id).toBe(last.id);
  expect(world.calls.length).toBeLessThan(40);
});

it('a way to the key in force that is too long to follow is not taken for a revocation', async () => {
  const world = new World();
  const { id, state } = await vendedIn(world);
  const [first] = world.rows.values();
  if (first === undefined) throw new Error('There is no row.');
  const { key, secret } = state;
  for (let n = 0; n < 800; n++) {
    const superseded = { kind: 'superseded', key, secret, successor: `later-${n}`, revokeAt: world.now } as const;
    const at = n === 0 ? id : `later-${n - 1}`;
    world.rows.set(at, { intent: { ...first.intent, id: at, state: superseded }, etag: `etag-${n}` });
  }
  world.rows.set('later-799', { intent: { ...first.intent, id: 'later-799' }, etag: 'last' });
  expect(typeOf(await ask(world))).toBe('ledger-unavailable');
});
