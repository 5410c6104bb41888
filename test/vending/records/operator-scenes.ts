import { startBulk } from '../../../src/vending/commands/bulk.ts';
import { readBulk } from '../../../src/vending/commands/bulk-progress.ts';
import { recover } from '../../../src/vending/commands/recovery/recover.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import { failAll, resolveIn } from '../commands/resolve-scenes.ts';
import { newestKey, newestVersion, tickIn } from '../review/scenes.ts';
import {
  AFTER_DOUBT,
  currentKeyIn,
  DAY,
  faultsAt,
  HOUR,
  ID,
  OPERATOR,
  REQUEST,
  rowIn,
  SETTINGS,
  withoutFaults,
} from '../world/steps.ts';
import { VAULT } from '../world/world.ts';
import { ask, given, MINUTE, REVOKE, ROTATE, revoke, rotate, type Scene, VEND, vend } from './steps.ts';
import type { WatchedWorld } from './watched-world.ts';

const BY = 'operator:entra:t:o';
const FILTER = { cluster: REQUEST.clusterId };

const recoverIn = (world: WatchedWorld, request = {}) => recover(world.ctx('operator'), SETTINGS, request);

/** A day ago the POST of a rotation was not answered. */
async function unanswered(world: WatchedWorld): Promise<void> {
  await given(world);
  world.fault = faultsAt({ mint: { 1: 'unanswered' } });
  await rotate(world);
  withoutFaults(world);
  world.pass(HOUR);
  world.forget();
}

/** What people do who look after many credentials, and what callers do at a bad moment. */
export const OPERATOR_SCENES: Readonly<Record<string, Scene>> = {
  'the ledger lost its rows, and is recovered': async (world) => {
    await given(world);
    await rotate(world);
    world.ledger.rows.clear();
    world.forget();
    await recoverIn(world, { validateOnly: true });
    return recoverIn(world);
  },
  'a recovery while the vault lists no names': (world) => {
    failAll(world, 'lost', 'listNames');
    return recoverIn(world);
  },
  'a recovery while the vault lists no versions': async (world) => {
    await given(world);
    failAll(world, 'lost', 'listVersions');
    return recoverIn(world);
  },
  'an operator says that a rotation made no key, and then names it, twice': async (world) => {
    await unanswered(world);
    await resolveIn(world, { decision: 'none' });
    const named = { decision: 'key', apiKeyId: newestKey(world).record.id } as const;
    await resolveIn(world, { ...named, validateOnly: true });
    await resolveIn(world, named);
    await world.settled();
    return resolveIn(world, named);
  },
  'an operator says that nothing is left, and something is': async (world) => {
    await given(world);
    failAll(world, 'lost', 'deleteKey', 'getKey');
    await revoke(world);
    withoutFaults(world);
    const resolved = await resolveIn(world, { decision: 'nothing-left' });
    await world.settled();
    return resolved;
  },
  'an operator says that a living key is gone': async (world) => {
    await given(world);
    failAll(world, 'lost', 'deleteKey');
    await revoke(world);
    withoutFaults(world);
    return resolveIn(world, { decision: 'gone', apiKeyId: currentKeyIn(world) });
  },
  'an operator has a credential looked at': async (world) => {
    await given(world);
    return resolveIn(world, { decision: 'look' });
  },
  'an operator rotates in bulk': async (world) => {
    await given(world);
    const request = { operation: 'rotate', filter: FILTER, expect: 1 } as const;
    const started = await startBulk(world.ctx('operator'), { by: BY, key: 'leak', request });
    if (started.kind !== 'started') return started;
    await tickIn(world, MINUTE);
    await tickIn(world, MINUTE);
    await rotate(world);
    return readBulk(world.ctx('operator'), started.bulk.id);
  },
  'an operator expects another number of credentials': async (world) => {
    await given(world);
    const request = { operation: 'revoke', filter: FILTER, expect: 2 } as const;
    return startBulk(world.ctx('operator'), { by: BY, key: 'leak', request });
  },
  'an operator revokes the credential of a caller': async (world) => {
    await given(world);
    return ask(world, { ...REVOKE, authority: OPERATOR });
  },
  'an operator rotates the credential of a caller at once': async (world) => {
    await given(world);
    return ask(world, { ...ROTATE, authority: OPERATOR, overlapMs: 0 });
  },
  'a vend again after a failure': async (world) => {
    world.vault.refuseStores = 'transient';
    await vend(world);
    world.vault.refuseStores = undefined;
    world.pass(HOUR);
    world.forget();
    return vend(world);
  },
  'a vend again after a revocation': async (world) => {
    await given(world);
    await revoke(world);
    return vend(world);
  },
  'a vend whose chosen name another credential has': async (world) => {
    const { key, text } = nameRow();
    world.ledger.rows.set(key, { text, etag: 'theirs' });
    return ask(world, { ...VEND, request: { ...REQUEST, secretName: 'orders-main' } });
  },
  'a vend whose chosen name is in use in the vault': async (world) => {
    world.vault.add(world, { vaultUrl: VAULT, name: 'orders-main', tags: {} });
    return ask(world, { ...VEND, request: { ...REQUEST, secretName: 'orders-main' } });
  },
  'a rotation while another is under way': async (world) => {
    await unanswered(world);
    return ask(world, { ...ROTATE, requestKey: 'r2' });
  },
  'a rotation right after another': async (world) => {
    await given(world);
    await rotate(world);
    return ask(world, { ...ROTATE, requestKey: 'r2' });
  },
  'a rotation of a key that was replaced before': async (world) => {
    await given(world);
    const keyId = currentKeyIn(world);
    await rotate(world);
    await tickIn(world, 26 * HOUR);
    return ask(world, { ...ROTATE, requestKey: 'r2', replaces: keyId });
  },
  'a rotation of a credential that nobody has': (world) => rotate(world),
  'a revocation while the outcome of a rotation is unknown': async (world) => {
    await unanswered(world);
    await revoke(world);
    const resolved = await resolveIn(world, { decision: 'key', apiKeyId: newestKey(world).record.id });
    await world.settled();
    await tickIn(world, AFTER_DOUBT);
    return resolved;
  },
  'a revocation while versions cannot be disabled': async (world) => {
    await given(world);
    failAll(world, 'refused', 'disableVersion');
    await revoke(world);
    withoutFaults(world);
    await tickIn(world, HOUR);
  },
  'a key without our marker': async (world) => {
    await given(world);
    newestKey(world).record.spec.description = 'of somebody else';
    await revoke(world);
    await tickIn(world, HOUR);
  },
  'a key that the ledger forgot and whose version is enabled': async (world) => {
    await given(world);
    const keyId = world.confluent.add(world, `vend:${ID}.9.aaaaaa`);
    const tags = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': keyId };
    world.vault.add(world, { ...newestVersion(world), tags });
    await revoke(world);
    await tickIn(world, DAY);
    return rowIn(world).closed;
  },
};

function nameRow(): { readonly key: string; readonly text: string } {
  const { key, value } = rowOf('name', { vaultUrl: VAULT, secretName: 'orders-main', id: 'another' });
  return { key, text: JSON.stringify(value) };
}
