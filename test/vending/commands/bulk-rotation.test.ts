import { beforeEach, describe, expect, it } from 'vitest';
import { changeBulk } from '../../../src/vending/commands/bulk.ts';
import { rowKey } from '../../../src/vending/model/rows.ts';
import { HOUR, rotateIn } from '../world/steps.ts';
import type { World } from '../world/world.ts';
import { bulkSteps, idOf, idOfBulk, leakedWorld, ROTATE, sorted } from './bulk-scene.ts';

let world: World;
beforeEach(async () => {
  world = await leakedWorld();
});
const { progress, start, tick } = bulkSteps(() => world);

describe('a bulk rotation', () => {
  it('asks for one rotation of each key, however often it is marked', async () => {
    const id = idOfBulk(await start(ROTATE));
    await tick();
    await changeBulk(world.ctx('operator'), id, 'running');
    await tick();
    expect(sorted(world.rotationsAsked.map((asked) => asked.credentialId))).toEqual(sorted(['a', 'b', 'c'].map(idOf)));
    expect(await progress(id)).toMatchObject({ left: 3 });
  });

  it.each([0, 90_000])('says why a rotation failed, by an instance whose clock is %d ms behind', async (behind) => {
    const id = idOfBulk(await start(ROTATE));
    await tick();
    world.now -= behind;
    world.confluent.mintAs = () => ({ kind: 'refused', reason: 'upstream-forbidden', upstream: { service: 'arm' } });
    for (const key of ['a', 'b', 'c']) await rotateIn(world, { id: idOf(key), authority: { kind: 'service' } });
    world.now += behind;
    expect(await progress(id)).toMatchObject({ left: 0, failedCount: 3 });
  });

  it('says that a member was not marked which could not be read when its turn came', async () => {
    const id = idOfBulk(await start(ROTATE));
    const key = rowKey('credential', idOf('b'));
    const kept = world.ledger.rows.get(key);
    if (kept === undefined) throw new Error('There is no member b.');
    world.ledger.rows.set(key, {
      text: JSON.stringify({ ...JSON.parse(kept.text), ofTheNextVersion: 1 }),
      etag: 'new',
    });
    await tick();
    world.ledger.rows.set(key, kept);
    expect(await progress(id)).toMatchObject({ left: 2, failed: [{ id: idOf('b'), reason: 'not-marked' }] });
  });

  it('whose start writes its members yet says of none that it was not marked', async () => {
    const id = idOfBulk(await start(ROTATE));
    const key = rowKey('bulk', id);
    const bulk = JSON.parse(world.ledger.rows.get(key)?.text ?? '{}');
    world.ledger.rows.set(key, { text: JSON.stringify({ ...bulk, preparing: true }), etag: 'early' });
    world.ledger.rows.delete(rowKey('marking', id));
    expect(await progress(id)).toMatchObject({ state: 'preparing', left: 3, failedCount: 0 });
  });

  it('that is cancelled leaves what it did not mark, without a reproach', async () => {
    const id = idOfBulk(await start(ROTATE));
    world.killAll();
    await changeBulk(world.ctx('operator'), id, 'cancelled');
    await tick();
    expect(world.ledger.all('marking')).toEqual([]);
    expect(await progress(id)).toMatchObject({ state: 'cancelled', left: 3, failedCount: 0 });
  });

  it('says nothing of a failure from before it asked', async () => {
    world.confluent.mintAs = () => ({ kind: 'refused', reason: 'upstream-forbidden', upstream: { service: 'arm' } });
    await rotateIn(world, { id: idOf('a') });
    world.pass(HOUR);
    const id = idOfBulk(await start(ROTATE));
    await tick();
    expect(await progress(id)).toMatchObject({ left: 3, failedCount: 0 });
  });
});
