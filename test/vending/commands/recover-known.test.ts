import { beforeEach, describe, expect, it } from 'vitest';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import { DEAD, dead, newestVersion, plant } from '../review/scenes.ts';
import { CALLER, DAY, HOUR, ID, revokeIn, rotateIn, rowIn, tick, vendIn } from '../world/steps.ts';
import { VAULT, World } from '../world/world.ts';
import {
  CHOSEN_ID,
  entryOf,
  loseAll,
  outcomes,
  placesIn,
  recoverIn,
  setAlive,
  twoCredentials,
} from './recover-scenes.ts';

let world: World;
beforeEach(async () => {
  world = await twoCredentials();
});

describe('a row that is there', () => {
  it('is never replaced', async () => {
    const before = world.ledger.get(ID);
    expect(outcomes(await recoverIn(world))).toEqual(['known', 'known']);
    expect(world.ledger.get(ID)).toEqual(before);
    expect(world.confluent.deleted).toEqual([]);
  });

  it('has living keys deleted that it does not name and that are older than its current one', async () => {
    const [forgotten = ''] = world.confluent.live();
    loseAll(world);
    setAlive(world, forgotten, false);
    await recoverIn(world);
    setAlive(world, forgotten, true);
    // Readers may still have it.
    expect(placesIn(entryOf(await recoverIn(world)))).toEqual(['current', 'overlapping']);
    expect(world.confluent.deleted).toEqual([]);
    const { current, grant } = world.ledger.get(ID) ?? {};
    world.pass((current?.vendedAt ?? 0) + (grant?.overlapMs ?? 0) - world.now);
    expect(placesIn(entryOf(await recoverIn(world, { validateOnly: true })))).toEqual(['current', 'superseded']);
    expect(placesIn(entryOf(await recoverIn(world)))).toEqual(['current', 'deleted']);
    expect(world.confluent.deleted).toEqual([forgotten]);
    // Readers have what they had, so no rotation is asked for.
    expect(world.ledger.get(ID)?.failure?.urgent).toBeUndefined();
  });

  it('that says its attempt failed, while a later one made a key, is named: a repeated request would make a second key', async () => {
    const restored = new World();
    restored.fault = (call) => (call === 'mint' ? 'refused' : undefined);
    await vendIn(restored);
    const copy = new Map(restored.ledger.rows);
    restored.fault = () => undefined;
    restored.pass(HOUR);
    await vendIn(restored);
    await restored.settled();
    restored.ledger.rows = copy;
    const entry = entryOf(await recoverIn(restored));
    expect(entry).toMatchObject({ outcome: 'not-inserted', reason: 'row-without-key' });
    expect(restored.ledger.get(ID)?.current).toBeUndefined();
    await revokeIn(restored);
    await restored.settled();
    expect(restored.confluent.live()).toEqual([]);
  });

  it('keeps its current key where readers get a newer one: that is reported', async () => {
    const old = new Map(world.ledger.rows);
    world.pass(2 * DAY);
    await tick(world);
    await rotateIn(world, { key: 'r2' });
    await world.settled();
    world.ledger.rows = old;
    const entry = entryOf(await recoverIn(world));
    expect(entry).toMatchObject({ outcome: 'known', newestIsAnother: true });
    expect(placesIn(entry)).toEqual(['left', 'current', 'previous']);
    expect(world.confluent.deleted).toHaveLength(1);
  });
});

describe('a row that is there stays as it is, and no rotation is asked for,', () => {
  it('where it is being revoked: readers are to lose what they have', async () => {
    world.confluent.isLocked = true;
    await revokeIn(world);
    const { secretName = '' } = world.ledger.get(ID) ?? {};
    world.vault.add(world, { vaultUrl: VAULT, name: secretName });
    const entry = entryOf(await recoverIn(world));
    expect(entry.outcome).toBe('known');
    expect(entry).not.toHaveProperty('newestIsAnother');
  });

  it('where it is being revoked and names no key any more, although Confluent is silent', async () => {
    const { current: _, previous: __, ...row } = rowIn(world);
    const unnamed = { ...newestVersion(world).tags, 'vend-attempt': '9', 'vend-key': 'KEY404' };
    world.vault.add(world, { ...newestVersion(world), tags: unnamed });
    plant(world, { ...row, revocation: { since: world.now, by: 'o' } });
    world.fault = (call) => (call === 'getKey' ? 'lost' : undefined);
    expect(entryOf(await recoverIn(world))).toMatchObject({ outcome: 'known' });
  });

  it('where its only attempt is under way: its review decides about the key', async () => {
    const early = await dead(DEAD.storedBlindly);
    expect(outcomes(await recoverIn(early))).toEqual(['known']);
  });
});

it('a credential whose name another one has by now is refused with its caller', async () => {
  world.ledger.lose(`credential_${CHOSEN_ID}`);
  const [key = ''] = world.ledger.keys('name').filter((each) => each.includes('orders-chosen'));
  const { text = '' } = world.ledger.rows.get(key) ?? {};
  world.ledger.rows.set(key, { etag: 'e', text: text.replace(CHOSEN_ID, 'a'.repeat(26)) });
  expect(entryOf(await recoverIn(world), CHOSEN_ID)).toMatchObject({ reason: 'name-taken', caller: CALLER.id });
});

it('a credential that comes back is valid for as many minutes as before', async () => {
  const key = { kind: 'key', key: 'short' } as const;
  await vendIn(world, { key, request: { validFor: 'PT61M' } });
  const id = credentialIdOf(CALLER.id, key);
  expect(world.ledger.get(id)?.validForMs).toBe(61 * 60_000);
  loseAll(world);
  await recoverIn(world);
  expect(world.ledger.get(id)?.validForMs).toBe(61 * 60_000);
});
