import { describe, expect, it } from 'vitest';
import { expectInvariants } from '../world/invariants.ts';
import { currentKeyIn, DAY, failing, rowIn, typeOf, vendIn, withoutFaults, withRule } from '../world/steps.ts';
import { World } from '../world/world.ts';

describe('a later attempt', () => {
  const request = { secretName: 'orders-key', validFor: 'P30D' };

  /** Attempt 1 is throttled; ten days later the request comes again. */
  async function throttled(): Promise<World> {
    const world = failing('mint', 'refused');
    expect(typeOf(await vendIn(world, { request }))).toBe('upstream-throttled');
    world.pass(10 * DAY);
    return world;
  }

  it('stores where policy says today, and its time counts from its own claim', async () => {
    const world = await throttled();
    const vaultUrl = 'https://elsewhere.vault.azure.net';
    expect(typeOf(await vendIn(world, { request, settings: withRule({ vaultUrl }) }))).toBe('vended');
    expect(rowIn(world)).toMatchObject({ attempts: 2, vaultUrl, current: { expiresOn: world.now + 30 * DAY } });
    expect(world.vault.versions[0]?.tags.ValidityPeriodDays).toBe('30');
    expectInvariants(world);
  });

  it.each([
    ['/secretName', { secretNamePrefix: 'payments-' }],
    ['/validFor', { maxValidFor: 'P29D' }],
  ])('is refused where policy no longer allows its %s', async (pointer, change) => {
    const world = await throttled();
    const outcome = await vendIn(world, { request, settings: withRule(change) });
    expect(outcome).toMatchObject({ problem: { type: 'invalid-request', errors: [{ pointer }] } });
    expect(world.confluent.posts).toHaveLength(0);
  });

  it('waits for the sweep of another place, where a version may have landed late', async () => {
    const world = failing('store', 'refused');
    await vendIn(world, { request });
    withoutFaults(world);
    const settings = withRule({ vaultUrl: 'https://elsewhere.vault.azure.net' });
    const outcome = await vendIn(world, { request, settings });
    expect(outcome).toMatchObject({ problem: { type: 'request-in-progress' } });
    expect(typeOf(await vendIn(world, { request }))).toBe('vended');
  });

  it('takes up a key that an earlier one left to be deleted', async () => {
    const world = new World();
    world.vault.refuseStores = 'transient';
    world.fault = (call) => (call === 'deleteKey' ? 'lost' : undefined);
    await vendIn(world);
    expect(rowIn(world).work?.phase).toBe('compensating');
    withoutFaults(world);
    world.vault.refuseStores = undefined;
    expect(typeOf(await vendIn(world))).toBe('vended');
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
  });
});
