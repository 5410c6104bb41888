import { describe, expect, it } from 'vitest';
import { expectInvariants, expectReadable } from '../world/invariants.ts';
import {
  currentKeyIn,
  faultsAt,
  HOUR,
  orCrash,
  revokeIn,
  rotateIn,
  rowIn,
  typeOf,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';
import { World } from '../world/world.ts';
import {
  detailOf,
  effectOf,
  failAll,
  lastKeyIn,
  loseVault,
  resolveIn,
  resultOf,
  ticksIn,
  unansweredWorld,
  vendedWorld,
} from './resolve-scenes.ts';

const phaseIn = (world: World): string | undefined => rowIn(world).work?.phase;
const sayGone = (world: World, apiKeyId: string, validateOnly = false) =>
  resolveIn(world, { decision: 'gone', apiKeyId, validateOnly });

describe('a key that an operator says is gone', () => {
  it('and that does not have to go is refused, and nothing is disabled: readers may have it', async () => {
    const world = await vendedWorld();
    const key = currentKeyIn(world);
    const { length } = world.calls;
    expect(resultOf(await sayGone(world, key))).toBe('not-resolvable');
    expect(world.calls.slice(length)).toEqual(['read']);
    expectReadable(world);
    expectInvariants(world);
  });

  it('is tried by the rule by which it is done', async () => {
    const world = await vendedWorld();
    const key = currentKeyIn(world);
    expect(resultOf(await sayGone(world, key, true))).toBe('not-resolvable');
    failAll(world, 'refused', 'getKey', 'deleteKey');
    await revokeIn(world);
    const before = [...world.ledger.rows];
    expect(effectOf(await sayGone(world, key, true))).toBe('close');
    expect([...world.ledger.rows]).toEqual(before);
  });

  it('leaves a revoked credential, whose version is disabled', async () => {
    const world = await vendedWorld();
    const key = currentKeyIn(world);
    failAll(world, 'refused', 'getKey', 'deleteKey', 'disableVersion');
    expect(typeOf(await revokeIn(world))).toBe('revoking');
    failAll(world, 'refused', 'getKey', 'deleteKey');
    expect(resultOf(await sayGone(world, key))).toBe('resolved');
    expect(rowIn(world)).toMatchObject({ closed: { since: world.now } });
    expect(world.vault.enabled()).toEqual([]);
  });

  it('leaves the overlap once its date is past, and not before', async () => {
    const world = await vendedWorld();
    const old = currentKeyIn(world);
    await rotateIn(world);
    expect(resultOf(await sayGone(world, old))).toBe('not-resolvable');
    failAll(world, 'refused', 'getKey', 'deleteKey');
    world.pass(26 * HOUR);
    expect(resultOf(await sayGone(world, old))).toBe('resolved');
    expect(rowIn(world)).not.toHaveProperty('previous');
    expect(world.vault.enabled()).toEqual([currentKeyIn(world)]);
  });
});

it.each([true, false])(
  'a key that Confluent shows alive is not gone, whatever an operator says (validateOnly %s)',
  async (validateOnly) => {
    const world = await vendedWorld();
    world.confluent.isLocked = true;
    await revokeIn(world);
    const said = await sayGone(world, currentKeyIn(world), validateOnly);
    expect([resultOf(said), detailOf(said)]).toEqual(['not-resolvable', expect.stringContaining('alive')]);
    world.confluent.isLocked = false;
    await ticksIn(world, 5, HOUR);
    expect([world.confluent.live(), rowIn(world).closed !== undefined]).toEqual([[], true]);
  },
);

it('a key that somebody else marked as theirs may be called gone: it is not ours to delete', async () => {
  const world = await vendedWorld();
  const key = world.confluent.find(currentKeyIn(world));
  if (key !== undefined) key.record.spec.description = 'of somebody else';
  await revokeIn(world);
  expect(resultOf(await sayGone(world, currentKeyIn(world)))).toBe('resolved');
});

describe('"none"', () => {
  it('ends an attempt whose POST minted nothing, and the next one may begin', async () => {
    const world = new World();
    world.fault = faultsAt({ mint: { 1: 'lost' } });
    await vendIn(world);
    withoutFaults(world);
    world.pass(HOUR);
    expect(resultOf(await resolveIn(world, { decision: 'none' }))).toBe('resolved');
    expect(rowIn(world).failure).toMatchObject({ problem: { type: 'outcome-unknown' } });
    expect(typeOf(await vendIn(world))).toBe('vended');
    expectInvariants(world);
  });

  it.each([{}, { vaultIsGone: true } as const])(
    'is not believed where the tags in the vault name a key, with %j',
    async (of) => {
      const world = new World();
      world.fault = faultsAt({ commit: { 2: 'lost', 3: 'crash-before' } });
      await orCrash(() => vendIn(world));
      world.killAll();
      failAll(world, 'lost', 'getKey');
      await ticksIn(world, 4);
      withoutFaults(world);
      const said = await resolveIn(world, { decision: 'none', ...of });
      expect(resultOf(said)).toBe('not-resolvable');
      expect(detailOf(said)).toContain(lastKeyIn(world));
      expect(world.confluent.live()).toHaveLength(1);
      expect(phaseIn(world)).toBe('minting');
    },
  );

  it('is believed without the vault only where that does not answer and is said to be gone', async () => {
    const world = await unansweredWorld();
    loseVault(world);
    expect(resultOf(await resolveIn(world, { decision: 'none' }))).toBe('vault-unavailable');
    expect(resultOf(await resolveIn(world, { decision: 'none', vaultIsGone: true }))).toBe('resolved');
    expect(phaseIn(world)).toBeUndefined();
  });

  it('is refused before lease, settling time and propagation are over', async () => {
    const world = new World();
    world.fault = faultsAt({ mint: { 1: 'unanswered' } });
    await vendIn(world);
    withoutFaults(world);
    world.pass(DEFAULT_TIMINGS.leaseMs + DEFAULT_TIMINGS.settleMs);
    expect(resultOf(await resolveIn(world, { decision: 'none' }))).toBe('not-resolvable');
  });
});

it('an operator’s look writes the date of a credential whose due row was lost', async () => {
  const world = new World();
  await vendIn(world, { request: { validFor: 'P30D' } });
  const due = world.ledger.keys('due');
  expect(due).toHaveLength(1);
  for (const key of due) world.ledger.lose(key);
  await resolveIn(world, { decision: 'look' });
  expect(world.ledger.keys('due')).toEqual(due);
  expectInvariants(world);
});
