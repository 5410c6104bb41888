import { expect, it } from 'vitest';
import { readValue } from '../../../src/azure/ledger/table.ts';
import { ticksIn, vendedWorld } from '../commands/resolve-scenes.ts';
import { currentKeyIn, DAY, HOUR, ID, revokeIn, rotateIn, rowIn } from '../world/steps.ts';
import type { World } from '../world/world.ts';

/* Rows that 0.3.0 wrote. */
function asOf030(world: World): void {
  for (const [key, row] of [...world.ledger.rows]) {
    const { nonce: _, ...value } = JSON.parse(row.text);
    if (key.startsWith('rotation_')) world.ledger.rows.set(key, { ...row, text: JSON.stringify(value) });
    if (key.startsWith('attempt_')) {
      world.ledger.rows.delete(key);
      world.ledger.rows.set(key.replace(/_[^_]+$/, ''), row);
    }
  }
}
it('a rotation that 0.3.0 made is answered with its key when it is repeated', async () => {
  const world = await vendedWorld();
  await rotateIn(world, { key: 'mine' });
  await world.settled();
  asOf030(world);
  const rotation = { status: 'vended', apiKeyId: currentKeyIn(world) };
  expect(await rotateIn(world, { key: 'mine' })).toMatchObject({ kind: 'vended', replayed: true, rotation });
});
it('a credential that 0.3.0 rotated is revoked to its end where Confluent answers 403 for deleted keys', async () => {
  const world = await vendedWorld();
  await rotateIn(world);
  await world.settled();
  await ticksIn(world, 3, 26 * HOUR);
  asOf030(world);
  world.confluent.goneAs = 'forbidden';
  await revokeIn(world);
  await ticksIn(world, 30, HOUR);
  expect([rowIn(world).closed !== undefined, world.ledger.all('open')]).toEqual([true, []]);
});
it('an attempt row of 0.3.0 can be read', () => {
  const value = {
    id: ID,
    attempt: 1,
    nonce: 'aaaaaa',
    purpose: 'vend',
    claimedAt: 1,
    outcome: 'vended',
    apiKeyId: 'KEY1',
  };
  expect(readValue('attempt', `attempt_${ID}_000000001`, JSON.stringify(value))).toBeDefined();
});
it('nothing is left of a credential of 0.3.0 when it is forgotten', async () => {
  const world = await vendedWorld();
  asOf030(world);
  await revokeIn(world);
  await ticksIn(world, 40, DAY);
  expect([...world.ledger.rows.keys()]).toEqual([]);
});
