import { beforeEach, describe, expect, it } from 'vitest';
import { changeBulk } from '../../../src/vending/commands/bulk.ts';
import { rowKey } from '../../../src/vending/model/rows.ts';
import { CLOCK_SKEW_MS } from '../../../src/vending/model/timings.ts';
import { continueBulks } from '../../../src/vending/review/bulk.ts';
import { DAY, HOUR, revokeIn, rotateIn, vendIn, withRule } from '../world/steps.ts';
import type { World } from '../world/world.ts';
import { bulkSteps, idOf, idOfBulk, leaked, leakedWorld, ROTATE, sorted } from './bulk-scene.ts';

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

  it.each([0, 90_000, CLOCK_SKEW_MS])(
    'says why a rotation failed, by an instance whose clock is %d ms behind',
    async (behind) => {
      const id = idOfBulk(await start(ROTATE));
      await tick();
      world.now -= behind;
      world.confluent.mintAs = () => ({ kind: 'refused', reason: 'upstream-forbidden', upstream: { service: 'arm' } });
      for (const key of ['a', 'b', 'c']) await rotateIn(world, { id: idOf(key), authority: { kind: 'service' } });
      world.now += behind;
      expect(await progress(id)).toMatchObject({ left: 0, failedCount: 3 });
    },
  );

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

  it('says which keys are rotated, and which were revoked meanwhile', async () => {
    const id = idOfBulk(await start(ROTATE));
    await tick();
    await rotateIn(world, { id: idOf('a') });
    world.fault = (call) => (call === 'deleteKey' ? 'lost' : undefined);
    await revokeIn(world, idOf('b'));
    expect(await progress(id)).toMatchObject({ done: 1, left: 1, failed: [{ id: idOf('b'), reason: 'revoked' }] });
  });

  it('does not take the date that policy gave a member for its mark', async () => {
    await vendIn(world, { ...leaked('monthly'), settings: withRule({ rotateEvery: 'P30D' }) });
    const id = idOfBulk(await start({ ...ROTATE, expect: 4 }));
    world.killAll();
    world.ledger.lose(rowKey('marking', id));
    world.pass(DAY);
    expect(await progress(id)).toMatchObject({ left: 0, failedCount: 4 });
  });

  it.each([-CLOCK_SKEW_MS, CLOCK_SKEW_MS])('knows a mark by a clock that differs by %d ms', async (differs) => {
    const id = idOfBulk(await start(ROTATE));
    world.killAll();
    world.now += differs;
    await continueBulks(world.ctx('reconciler'));
    world.now -= differs;
    expect(world.ledger.all('marking')).toEqual([]);
    expect(await progress(id)).toMatchObject({ left: 3, failedCount: 0 });
  });

  it('that is marked twice leaves nothing to mark', async () => {
    await start(ROTATE);
    world.killAll();
    const marking = new Map(world.ledger.keys('marking').map((key) => [key, world.ledger.rows.get(key)]));
    await continueBulks(world.ctx('reconciler'));
    for (const [key, row] of marking) if (row !== undefined) world.ledger.rows.set(key, row);
    await continueBulks(world.ctx('reconciler'));
    expect(world.ledger.all('marking')).toEqual([]);
  });
});
