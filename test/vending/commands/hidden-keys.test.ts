import { expect, it } from 'vitest';
import { resolveCredential } from '../../../src/vending/commands/resolve.ts';
import { findUnnamedKey } from '../../../src/vending/saga/unnamed-keys.ts';
import { DEAD, dead } from '../review/scenes.ts';
import { AFTER_DOUBT, currentKeyIn, HOUR, ID, revokeIn, rowIn, SETTINGS, vendIn } from '../world/steps.ts';
import { loseAll, outcomes, recoverIn } from './recover-scenes.ts';
import { effectOf, failAll, resolveIn, resultOf, ticksIn, vendedWorld } from './resolve-scenes.ts';

it('a failed attempt whose key the ledger proves gone stays "known" where Confluent answers 403 for deleted keys', async () => {
  const world = await dead(DEAD.stored);
  for (const key of world.confluent.keys) key.live = false; // by hand
  world.pass(AFTER_DOUBT);
  await ticksIn(world, 5);
  expect(world.ledger.all('attempt')).toMatchObject([{ outcome: 'failed', apiKeyId: expect.any(String) }]);
  expect(world.vault.versions.map(({ enabled }) => enabled)).toEqual([false]);
  world.confluent.goneAs = 'forbidden';
  expect(outcomes(await recoverIn(world))).toEqual(['known']);
});
async function sayGone(upstream: object) {
  const world = await vendedWorld();
  const apiKeyId = currentKeyIn(world);
  failAll(world, 'lost', 'getKey', 'deleteKey');
  await revokeIn(world);
  const ctx = world.ctx('operator');
  const getKey = async () => ({ kind: 'unclear', upstream: { service: 'arm', ...upstream } }) as const;
  const resolution = { decision: 'gone', apiKeyId } as const;
  return resultOf(
    await resolveCredential({ ...ctx, confluent: { ...ctx.confluent, getKey } } as typeof ctx, SETTINGS, {
      id: ID,
      resolution,
    }),
  );
}
it.each([401, 400, 410])('"gone" is taken where ARM answers %d for good', async (status) => {
  expect(await sayGone({ status, code: 'InvalidAuthenticationTokenTenant' })).toBe('resolved');
});
it('"gone" is refused where a proxy answers 404 without a code', async () => {
  expect(await sayGone({ status: 404 })).toBe('upstream-unreachable');
});
it('a row that was lost, and its request came again: the older key is not believed gone on a 403', async () => {
  const world = await vendedWorld();
  world.confluent.isLocked = true;
  await revokeIn(world); // the version is disabled, the key lives
  const [old = ''] = world.confluent.live();
  loseAll(world);
  world.pass(HOUR);
  await vendIn(world);
  await world.settled();
  const ctx = world.ctx('reconciler');
  const getKey: typeof ctx.confluent.getKey = async (target, keyId) =>
    keyId === old
      ? { kind: 'forbidden', upstream: { service: 'arm', status: 403 } }
      : ctx.confluent.getKey(target, keyId);
  const look = await findUnnamedKey({ ...ctx, confluent: { ...ctx.confluent, getKey } }, rowIn(world));
  expect([look.kind, world.confluent.live().includes(old)]).toEqual(['unclear', true]);
});
it('the trial of "nothing-left" and the word agree on a closed credential', async () => {
  const world = await vendedWorld();
  const { vaultUrl, secretName: name } = rowIn(world);
  await revokeIn(world);
  await ticksIn(world, 3, HOUR);
  const keyId = world.confluent.add(world, `vend:${ID}.9.aaaaaa`);
  const tags = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': keyId };
  world.vault.add(world, { vaultUrl, name, tags }).enabled = false;
  world.pass(HOUR);
  const trial = effectOf(await resolveIn(world, { decision: 'nothing-left', validateOnly: true }));
  await resolveIn(world, { decision: 'nothing-left' });
  expect(trial).toBe(world.confluent.deleted.includes(keyId) ? 'revoke' : 'close');
});
