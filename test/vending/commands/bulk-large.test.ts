import { beforeEach, expect, it } from 'vitest';
import type { World } from '../world/world.ts';
import { bulkSteps, idOf, idOfBulk, LEAKED, leakedWorld, REVOKE } from './bulk-scene.ts';

let world: World;
beforeEach(async () => {
  world = await leakedWorld();
});
const { preview, progress, start } = bulkSteps(() => world);

/** So many more credentials like `a`. */
function plant(count: number): void {
  const text = JSON.stringify(world.ledger.get(idOf('a')));
  for (let n = 0; n < count; n++) {
    const id = `z${String(n).padStart(25, '0')}`;
    world.ledger.rows.set(`credential_${id}`, { text: text.replaceAll(idOf('a'), id), etag: `e${n}` });
  }
}

it('a preview counts every credential, and names a thousand', async () => {
  plant(1_000);
  const previewed = await preview(REVOKE);
  if (previewed.kind !== 'previewed') throw new Error('It was not previewed.');
  expect(previewed.preview.count).toBe(1_003);
  expect(previewed.preview.credentials).toHaveLength(1_000);
});

it('progress counts every credential that is left over, and names a thousand', async () => {
  const id = idOfBulk(await start({ ...REVOKE, filter: LEAKED }));
  plant(1_001);
  const { remaining, remainingCount } = await progress(id);
  expect([remaining.length, remainingCount]).toEqual([1_000, 1_001]);
});
