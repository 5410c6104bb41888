import { beforeEach, describe, expect, it } from 'vitest';
import { changeBulk } from '../../../src/vending/commands/bulk.ts';
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

  it('says nothing of a failure from before it asked', async () => {
    world.confluent.mintAs = () => ({ kind: 'refused', reason: 'upstream-forbidden', upstream: { service: 'arm' } });
    await rotateIn(world, { id: idOf('a') });
    world.pass(HOUR);
    const id = idOfBulk(await start(ROTATE));
    await tick();
    expect(await progress(id)).toMatchObject({ left: 3, failedCount: 0 });
  });
});
