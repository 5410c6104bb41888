import { describe, expect, it } from 'vitest';
import { vend } from '../../../src/vending/commands/vend.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import { PROPAGATION_MS } from '../../../src/vending/model/timings.ts';
import { deleteKey } from '../../../src/vending/saga/deletion.ts';
import { TARGET } from '../model/credentials.ts';
import { expectInvariants } from '../world/invariants.ts';
import { CALLER, HOUR, ID, KEY, REQUEST, rowIn, SETTINGS, tick, vendIn, withoutFaults } from '../world/steps.ts';
import { World } from '../world/world.ts';

const MINUTE = 60_000;

describe('a key that Confluent does not show', () => {
  const resultAt = async (age: number, isOwn: boolean): Promise<string> => {
    const world = new World();
    const keyId = world.confluent.add(world, `vend:${ID}.1.aaaaaa`);
    for (const key of world.confluent.keys) key.live = false;
    const mintedBefore = world.now - age;
    return (await deleteKey(world.ctx(), { id: ID, target: TARGET, keyId, mintedBefore, isOwn })).kind;
  };

  it.each([
    ['this worker minted it, by its own clock', true, 2 * MINUTE],
    ['another instance minted it: the clocks of two may differ by two minutes', false, 4 * MINUTE],
  ])('is gone after its time, where %s', async (_, isOwn, age) => {
    expect(await resultAt(age - 1, isOwn)).toBe('unproven');
    expect(await resultAt(age, isOwn)).toBe('gone');
  });
});

it('a key that Confluent does not let us delete, and then does not show, is gone', async () => {
  const world = new World();
  const keyId = world.confluent.add(world, `vend:${ID}.1.aaaaaa`);
  world.confluent.isLocked = true;
  world.fault = (call) => {
    // Somebody deletes it by hand between the refusal and the look.
    if (call === 'deleteKey') world.confluent.isLocked = true;
    if (call === 'getKey' && world.calls.includes('deleteKey'))
      for (const key of world.confluent.keys) key.live = false;
    return undefined;
  };
  const deleted = await deleteKey(world.ctx(), { id: ID, target: TARGET, keyId, mintedBefore: world.now - HOUR });
  expect(deleted.kind).toBe('gone');
});

it.each([
  ['that it is gone', ID, true, 'gone'],
  ['that it is gone, of another credential', 'b'.repeat(26), true, 'unproven'],
  ['that only says whose it is', ID, false, 'unproven'],
])('a key that Confluent answers 403 about is, by a note %s (%s, %s), %s', async (_, id, isGone, kind) => {
  const world = new World();
  world.confluent.goneAs = 'forbidden';
  const keyId = world.confluent.add(world, `vend:${ID}.1.aaaaaa`);
  for (const key of world.confluent.keys) key.live = false;
  const { key, value } = rowOf('key', { apiKeyId: keyId, id, attempt: 1, ...(isGone && { goneAt: world.now }) });
  world.ledger.rows.set(key, { text: JSON.stringify(value), etag: 'e' });
  const deleted = await deleteKey(world.ctx(), { id: ID, target: TARGET, keyId, mintedBefore: world.now - HOUR });
  expect(deleted.kind).toBe(kind);
});

it('a young key is deleted at last, where the clock of its worker is two minutes behind', async () => {
  const world = new World();
  world.vault.refuseStores = 'transient';
  const ctx = world.ctx();
  const behind = { ...ctx, clock: { ...ctx.clock, now: () => world.now - PROPAGATION_MS } };
  world.fault = (call) => (call === 'deleteKey' ? 'lost' : undefined);
  await vend(behind, SETTINGS, { caller: CALLER, key: KEY, request: REQUEST });
  world.fault = (call) => (call === 'getKey' ? 'young' : undefined);
  world.pass(5_000);
  await tick(world);
  expect(rowIn(world).work?.phase).toBe('compensating');
  withoutFaults(world);
  world.vault.refuseStores = undefined;
  world.pass(HOUR);
  await tick(world);
  expect(world.confluent.live()).toEqual([]);
  await vendIn(world);
  expect(world.confluent.live()).toHaveLength(1);
  expectInvariants(world);
});
