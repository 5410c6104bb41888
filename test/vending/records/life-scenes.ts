import { changeBulk, startBulk } from '../../../src/vending/commands/bulk.ts';
import { countOpen } from '../../../src/vending/commands/open.ts';
import { failAll, resolveIn, ticksIn } from '../commands/resolve-scenes.ts';
import { newestVersion, plant, tickIn } from '../review/scenes.ts';
import { AFTER_DOUBT, AFTER_LEASE, currentKeyIn, DAY, HOUR, ID, REQUEST, rowIn, SETTINGS } from '../world/steps.ts';
import {
  ask,
  EXPIRING,
  endOverlap,
  given,
  MINUTE,
  NOW,
  ROTATING,
  revoke,
  rotate,
  type Scene,
  VEND,
  vend,
} from './steps.ts';

/** What becomes of a credential. */
export const LIFE_SCENES: Readonly<Record<string, Scene>> = {
  'a rotation, and the end of its overlap': async (world) => {
    await given(world);
    await rotate(world);
    await tickIn(world, 26 * HOUR);
  },
  'a rotation without an overlap': async (world) => {
    await given(world);
    return ask(world, NOW);
  },
  'a rotation whose secret is refused': async (world) => {
    await given(world);
    world.vault.refuseStores = 'denied';
    return rotate(world);
  },
  'an overlap is ended by its caller': async (world) => {
    await given(world);
    const keyId = currentKeyIn(world);
    world.pass(DAY);
    await rotate(world);
    return ask(world, endOverlap(keyId));
  },
  'a rotation falls due, and policy no longer grants it': async (world) => {
    await given(world, ROTATING);
    await tickIn(world, 9 * DAY + 1, ROTATING);
    await tickIn(world, DAY + 1, { ...SETTINGS, policy: { rules: [] } });
  },
  'a secret expires': async (world) => {
    await ask(world, { ...VEND, request: { ...REQUEST, validFor: 'P20D' } }, EXPIRING);
    await tickIn(world, 20 * DAY + 1, EXPIRING);
    await tickIn(world, HOUR, EXPIRING);
  },
  'a revocation, twice': async (world) => {
    await given(world);
    await revoke(world);
    return revoke(world);
  },
  'a revocation that Confluent refuses, then not': async (world) => {
    await given(world);
    world.confluent.isLocked = true;
    await revoke(world);
    world.confluent.isLocked = false;
    await tickIn(world, HOUR);
  },
  'a revocation while Confluent says nothing and then 403, and an operator says that the key is gone': async (
    world,
  ) => {
    await given(world);
    failAll(world, 'lost', 'getKey', 'deleteKey');
    await revoke(world);
    await ticksIn(world, 5);
    await countOpen(world.ctx('reconciler'));
    const apiKeyId = currentKeyIn(world);
    await resolveIn(world, { decision: 'gone', apiKeyId });
    failAll(world, 'refused', 'getKey', 'deleteKey');
    return resolveIn(world, { decision: 'gone', apiKeyId });
  },
  'a revoked credential is forgotten': async (world) => {
    await given(world);
    await revoke(world);
    await tickIn(world, 400 * DAY);
  },
  'a version that nobody knows is swept': async (world) => {
    world.vault.refuseStores = 'denied';
    await vend(world);
    world.vault.refuseStores = undefined;
    const { vaultUrl, secretName } = rowIn(world);
    const tags = { 'vend-id': ID, 'vend-attempt': '1', 'vend-nonce': 'aaaaaa', 'vend-key': 'KEY404' };
    world.vault.add(world, { vaultUrl, name: secretName, tags });
    await tickIn(world, AFTER_DOUBT);
  },
  'the newest version was stored late during an overlap': async (world) => {
    await given(world);
    await rotate(world);
    const tags = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': 'KEY404' };
    world.vault.add(world, { ...newestVersion(world), tags });
    plant(world, { ...rowIn(world), sweepAt: world.now });
    await tickIn(world, AFTER_LEASE);
  },
  'the topic does not take an event': async (world) => {
    world.refusesEvents = true;
    await vend(world);
    world.refusesEvents = false;
    await tickIn(world, MINUTE);
  },
  'an operator revokes in bulk, pauses and cancels': async (world) => {
    await given(world);
    world.pass(HOUR);
    const request = { operation: 'revoke', filter: { cluster: 'lkc-1126wj' }, expect: 1 } as const;
    const started = await startBulk(world.ctx('operator'), { by: 'operator:entra:t:o', key: 'leak', request });
    if (started.kind !== 'started') return started;
    await changeBulk(world.ctx('operator'), started.bulk.id, 'paused');
    await changeBulk(world.ctx('operator'), started.bulk.id, 'running');
    await tickIn(world, MINUTE);
    await tickIn(world, MINUTE);
    return changeBulk(world.ctx('operator'), started.bulk.id, 'cancelled');
  },
};
