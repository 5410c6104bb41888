import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Resolution } from '../../../src/vending/commands/resolution.ts';
import { rowKey } from '../../../src/vending/model/rows.ts';
import { currentKeyIn, HOUR, heldAt, ID, revokeIn, rowIn, withoutFaults } from '../world/steps.ts';
import { World } from '../world/world.ts';
import { detailOf, failAll, loseVault, resolveIn, resultOf, unansweredWorld, vendedWorld } from './resolve-scenes.ts';

/** A revoked credential whose key Confluent neither deletes nor shows. */
async function hiddenWorld(): Promise<World> {
  const world = await vendedWorld();
  failAll(world, 'refused', 'getKey', 'deleteKey');
  await revokeIn(world);
  return world;
}

/** The same after the operator's word on the key, while the vault is silent: nothing closes the credential. */
async function silentVaultWorld(): Promise<World> {
  const world = await vendedWorld();
  const apiKeyId = currentKeyIn(world);
  loseVault(world);
  await revokeIn(world);
  world.pass(HOUR);
  await resolveIn(world, { decision: 'gone', apiKeyId });
  return world;
}

const none = (): Resolution => ({ decision: 'none' });
const gone = (world: World): Resolution => ({ decision: 'gone', apiKeyId: currentKeyIn(world) });
const nothingLeft = (): Resolution => ({ decision: 'nothing-left' });

const WORDS: readonly [string, () => Promise<World>, (world: World) => Resolution][] = [
  ['none', unansweredWorld, none],
  ['gone', hiddenWorld, gone],
  ['nothing-left', silentVaultWorld, nothingLeft],
];

const commitsSince = (world: World, length: number): number =>
  world.calls.slice(length).filter((call) => call === 'commit').length;

describe.each(WORDS)('an operator’s "%s"', (_, scene, wordIn) => {
  it('is tried three times where others write the row meanwhile, and then asks the operator to read it', async () => {
    const world = await scene();
    const word = wordIn(world);
    const key = rowKey('credential', ID);
    const { text = '' } = world.ledger.rows.get(key) ?? {};
    world.turn = async (call) => {
      if (call === 'commit') world.ledger.rows.set(key, { text, etag: world.id('theirs') });
    };
    const { length } = world.calls;
    const said = await resolveIn(world, word);
    expect([resultOf(said), detailOf(said)]).toEqual(['ledger-unavailable', expect.stringContaining('meanwhile')]);
    expect(commitsSince(world, length)).toBe(3);
  });

  it('is not tried again where the ledger falls silent: the first try may have been recorded', async () => {
    const world = await scene();
    const word = wordIn(world);
    const { fault } = world;
    const silent = ['commit', 'read'];
    world.fault = (call) => {
      if (call !== silent[0]) return fault(call);
      silent.shift();
      return 'lost';
    };
    const { length } = world.calls;
    const said = await resolveIn(world, word);
    expect([resultOf(said), detailOf(said)]).toEqual(['ledger-unavailable', expect.not.stringContaining('meanwhile')]);
    expect(commitsSince(world, length)).toBe(1);
  });
});

it('an operator’s word about a credential that the ledger does not have, or does not show, is refused', async () => {
  const world = new World();
  expect(resultOf(await resolveIn(world, none()))).toBe('not-found');
  failAll(world, 'lost', 'read');
  expect(resultOf(await resolveIn(world, none()))).toBe('ledger-unavailable');
});

it('an operator’s look answers after it has written the due row', async () => {
  const world = await vendedWorld();
  let isAnswered = false;
  const goOn = await heldAt(world, 'commit', 1, async () => {
    await resolveIn(world, { decision: 'look' });
    isAnswered = true;
  });
  await setImmediate();
  expect(isAnswered).toBe(false);
  await goOn();
});

describe('"gone"', () => {
  it('is recorded after the version of the key is disabled', async () => {
    const world = await hiddenWorld();
    const word = gone(world);
    const goOn = await heldAt(world, 'disableVersion', 1, () => resolveIn(world, word));
    await setImmediate();
    expect(rowIn(world).current).toBeDefined();
    await goOn();
    expect(rowIn(world)).not.toHaveProperty('current');
  });
});

describe('"nothing is left"', () => {
  const changes = (world: World) => world.audit.map((record) => 'change' in record && record.change);

  it('leaves the sweep of a vault that is silent, unless the operator says that it is gone', async () => {
    const world = await silentVaultWorld();
    await resolveIn(world, nothingLeft());
    expect(rowIn(world)).toMatchObject({ closed: expect.anything(), sweepAt: expect.any(Number) });
  });

  it('said again records nothing', async () => {
    const world = await silentVaultWorld();
    const word: Resolution = { decision: 'nothing-left', vaultIsGone: true };
    await resolveIn(world, word);
    const before = rowIn(world);
    world.pass(HOUR);
    expect(resultOf(await resolveIn(world, word))).toBe('resolved');
    expect(rowIn(world)).toEqual(before);
  });

  it('is not needed where vault and Confluent answer and close the credential themselves', async () => {
    const world = await silentVaultWorld();
    withoutFaults(world);
    expect(resultOf(await resolveIn(world, nothingLeft()))).toBe('resolved');
    expect(rowIn(world)).toHaveProperty('closed');
    expect(changes(world)).not.toContain('wordNothingLeft');
  });
});
