import { beforeEach, describe, expect, it } from 'vitest';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import { CALLER, DAY, HOUR, ID, revokeIn, rotateIn, tick, vendIn } from '../world/steps.ts';
import { World } from '../world/world.ts';
import { entryOf, loseAll, outcomes, placesIn, recoverIn, setAlive, twoCredentials } from './recover-scenes.ts';

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

it('a credential that comes back is valid for as many minutes as before', async () => {
  const key = { kind: 'key', key: 'short' } as const;
  await vendIn(world, { key, request: { validFor: 'PT61M' } });
  const id = credentialIdOf(CALLER.id, key);
  expect(world.ledger.get(id)?.validForMs).toBe(61 * 60_000);
  loseAll(world);
  await recoverIn(world);
  expect(world.ledger.get(id)?.validForMs).toBe(61 * 60_000);
});
