import { describe, expect, it } from 'vitest';
import { expectInvariants } from '../world/invariants.ts';
import type { Fault } from '../world/network.ts';
import { failing, ID, rowIn, typeOf, vendIn } from '../world/steps.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';
import { World } from '../world/world.ts';

const phaseIn = (world: World): string | undefined => rowIn(world).work?.phase;
const liveness = (world: World): boolean[] => world.confluent.keys.map(({ live }) => live);

describe('the store', () => {
  it('that is refused has the key deleted, and the same idempotency key vends once the vault is back', async () => {
    const world = failing('store', 'refused');
    expect(typeOf(await vendIn(world))).toBe('vault-unavailable');
    expect(liveness(world)).toEqual([false]);
    expect(rowIn(world).sweepAt, 'a version that lands late will be disabled').toBeDefined();
    expect(typeOf(await vendIn(world))).toBe('vended');
  });

  it('without an answer is looked for, and vended if it is there', async () => {
    const world = failing('store', 'unanswered');
    expect(typeOf(await vendIn(world))).toBe('vended');
  });

  it.each<Fault>(['lost', 'late'])('that is %s and not to be seen deletes nothing; the row waits', async (fault) => {
    const world = failing('store', fault);
    const outcome = await vendIn(world);
    expect(typeOf(outcome)).toBe('not-yet-confirmed');
    expect(phaseIn(world)).toBe('minted');
    expect(world.calls).not.toContain('deleteKey');
    world.pass(DEFAULT_TIMINGS.settleMs);
    expectInvariants(world, [outcome]);
  });

  it.each([
    ['of its attempt and key', {}, true, 'vended'],
    ['that is disabled', {}, false, 'not-yet-confirmed'],
    ['of another key', { 'vend-key': 'OTHER' }, true, 'not-yet-confirmed'],
    ['of another attempt', { 'vend-nonce': 'zzzzzz' }, true, 'not-yet-confirmed'],
  ])('without an answer is proven by a version %s, or not', async (_, change, enabled, type) => {
    const world = failing('store', 'lost');
    world.turn = async (call) => {
      if (call !== 'listVersions' || world.vault.versions.length > 0) return;
      const { vaultUrl, secretName: name, work } = rowIn(world);
      const named = {
        'vend-id': ID,
        'vend-attempt': '1',
        'vend-nonce': work?.nonce ?? '',
        'vend-key': work?.keyId ?? '',
      };
      world.vault.add(world, { vaultUrl, name, tags: { ...named, ...change } }).enabled = enabled;
    };
    expect(typeOf(await vendIn(world))).toBe(type);
  });

  it('is not begun when the lease would not outlive it: the key is deleted', async () => {
    const world = new World();
    world.turn = async (call) => {
      if (call === 'mint') world.now += 115_000;
    };
    expect(typeOf(await vendIn(world))).toBe('out-of-time');
    expect(world.vault.versions).toEqual([]);
    expect(liveness(world)).toEqual([false]);
  });

  it('that a vault refuses for good pauses the next attempt, longer each time', async () => {
    const world = new World();
    world.vault.refuseStores = 'denied';
    const pauses: number[] = [];
    for (let attempts = 0; attempts < 8; attempts++) {
      expect(typeOf(await vendIn(world))).toBe('vault-refused');
      const pause = (rowIn(world).failure?.retryAt ?? 0) - world.now;
      expect(await vendIn(world)).toMatchObject({ problem: { type: 'vault-refused', retryAfterMs: pause } });
      pauses.push(pause / 60_000);
      world.pass(pause);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(world.confluent.posts).toHaveLength(8);
    expect(world.confluent.live()).toEqual([]);
  });
});
