import { countOpen } from '../../../src/vending/commands/open.ts';
import { failAll, resolveIn } from '../commands/resolve-scenes.ts';
import { newestKey, tickIn } from '../review/scenes.ts';
import { AFTER_DOUBT, currentKeyIn, faultsAt, HOUR, REQUEST, SETTINGS, withoutFaults } from '../world/steps.ts';
import { ask, dies, endOverlap, given, MINUTE, REVOKE, ROTATE, type Scene, TRIAL, VEND, vend } from './steps.ts';

/** What becomes of a vend. */
export const VEND_SCENES: Readonly<Record<string, Scene>> = {
  'a vend': (world) => vend(world),
  'the same request again': async (world) => {
    await given(world);
    return vend(world);
  },
  'another request under the same idempotency key': async (world) => {
    await given(world);
    return ask(world, { ...VEND, request: { ...REQUEST, name: 'payments' } });
  },
  previews: async (world) => {
    await ask(world, { ...VEND, ...TRIAL });
    await given(world);
    await ask(world, { ...ROTATE, ...TRIAL });
    await ask(world, { ...endOverlap(currentKeyIn(world)), ...TRIAL });
    return ask(world, { ...REVOKE, ...TRIAL });
  },
  'policy refuses': (world) => vend(world, { ...SETTINGS, policy: { rules: [] } }),
  'ARM refuses the POST': async (world) => {
    world.fault = faultsAt({ mint: { 1: 'refused' } });
    return vend(world);
  },
  'the POST is not sent': async (world) => {
    world.fault = faultsAt({ mint: { 1: 'lost' } });
    return vend(world);
  },
  'the POST is not answered, and a review proves nothing': async (world) => {
    world.fault = faultsAt({ mint: { 1: 'unanswered' } });
    await vend(world);
    withoutFaults(world);
    await tickIn(world, AFTER_DOUBT);
    return countOpen(world.ctx('reconciler'));
  },
  'an operator says that the unanswered POST made no key': async (world) => {
    world.fault = faultsAt({ mint: { 1: 'unanswered' } });
    await vend(world);
    withoutFaults(world);
    world.pass(HOUR);
    return resolveIn(world, { decision: 'none' });
  },
  'an operator names the key of the unanswered POST': async (world) => {
    world.fault = faultsAt({ mint: { 1: 'unanswered' } });
    await vend(world);
    withoutFaults(world);
    world.pass(HOUR);
    const resolved = await resolveIn(world, { decision: 'key', apiKeyId: newestKey(world).record.id });
    await world.settled();
    return resolved;
  },
  'the vault refuses the secret': async (world) => {
    world.vault.refuseStores = 'denied';
    return vend(world);
  },
  'the vault is not proven writable': async (world) => {
    failAll(world, 'lost', 'proveWritable');
    world.pass(HOUR);
    return vend(world);
  },
  'the vault does not answer the store, which had an effect': async (world) => {
    world.fault = faultsAt({ store: { 1: 'unanswered' } });
    return vend(world);
  },
  'the vault does not answer the store, which had none': async (world) => {
    world.fault = faultsAt({ store: { 1: 'lost' }, listVersions: { 1: 'lost' } });
    await vend(world);
    withoutFaults(world);
    await tickIn(world, AFTER_DOUBT);
  },
  'the ledger does not answer the claim': async (world) => {
    failAll(world, 'lost', 'commit');
    return vend(world);
  },
  'the worker dies before the POST': async (world) => {
    await dies(world, { mint: { 1: 'crash-before' } });
    await tickIn(world, MINUTE);
  },
  'the worker dies after the POST': async (world) => {
    await dies(world, { store: { 1: 'crash-before' } });
    await tickIn(world, MINUTE);
  },
  'the worker dies after the store': async (world) => {
    await dies(world, { store: { 1: 'crash-after' } });
    await tickIn(world, MINUTE);
  },
};
