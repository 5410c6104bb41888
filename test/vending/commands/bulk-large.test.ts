import { beforeEach, expect, it } from 'vitest';
import type { World } from '../world/world.ts';
import { bulkSteps, idOfBulk, LEAKED, leakedWorld, plantLeaked, REVOKE } from './bulk-scene.ts';

let world: World;
beforeEach(async () => {
  world = await leakedWorld();
});
const { preview, progress, start } = bulkSteps(() => world);

function makeUnreadable(): void {
  const planted = world.ledger.keys('credential').filter((key) => key.startsWith('credential_z'));
  for (const key of planted) world.ledger.rows.set(key, { text: '{}', etag: 'later' });
}

it('a preview counts every credential, and names a thousand', async () => {
  plantLeaked(world, 1_000);
  const previewed = await preview(REVOKE);
  if (previewed.kind !== 'previewed') throw new Error('It was not previewed.');
  expect(previewed.preview.count).toBe(1_003);
  expect(previewed.preview.credentials).toHaveLength(1_000);
});

it('a preview names a thousand of those that cannot be read', async () => {
  plantLeaked(world, 1_001);
  makeUnreadable();
  const previewed = await preview(REVOKE);
  if (previewed.kind !== 'previewed') throw new Error('It was not previewed.');
  expect([previewed.preview.count, previewed.preview.unreadable.length]).toEqual([3, 1_000]);
});

it('progress counts every credential that is left over, and names a thousand', async () => {
  const id = idOfBulk(await start({ ...REVOKE, filter: LEAKED }));
  plantLeaked(world, 1_001);
  const { remaining, remainingCount } = await progress(id);
  expect([remaining.length, remainingCount]).toEqual([1_000, 1_001]);
});

it('every member is written, and progress names a thousand of those that failed', async () => {
  plantLeaked(world, 1_001);
  const id = idOfBulk(await start({ ...REVOKE, expect: 1_004 }));
  world.killAll();
  expect(world.ledger.keys('member')).toHaveLength(1_004);
  makeUnreadable();
  const { failed, failedCount, unreadable, left } = await progress(id);
  expect([failed.length, failedCount, unreadable.length, left]).toEqual([1_000, 1_001, 1_000, 3]);
});
