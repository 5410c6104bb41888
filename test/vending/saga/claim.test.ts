import { describe, expect, it } from 'vitest';
import { DEFAULT_TIMINGS } from '../../../src/vending/model/timings.ts';
import { type VendSettings, vend } from '../../../src/vending/vend.ts';
import { dueTimes, failing, heldAt, intentOf, refuseMints, stateOf, typeOf } from './steps.ts';
import { ask, askOrCrash, COMMAND, SETTINGS } from './vending.ts';
import { type Fault, World } from './world.ts';

const CHOSEN = { secretName: 'orders-key' };

describe('the claim of an attempt', () => {
  it.each<Fault>(['lost', 'unanswered', 'late'])(
    'is not made, and nothing minted, while the name’s is %s',
    async (fault) => {
      const world = failing('claimName', fault);
      expect(typeOf(await ask(world, CHOSEN))).toBe('ledger-unavailable');
      expect([world.posts, world.rows.size]).toEqual([[], 0]);
    },
  );

  it('comes due when its lease is over and whatever it sent has settled', async () => {
    const world = failing('mint', 'crash-before');
    await askOrCrash(world);
    const dueAt = world.now + DEFAULT_TIMINGS.leaseMs + DEFAULT_TIMINGS.settleMs;
    expect(intentOf(world)?.dueAt).toBe(dueAt);
    expect(dueTimes(world)).toEqual([dueAt]);
  });

  it('that is lost leaves the due row, which is the winner’s too', async () => {
    const world = failing('mint', 'crash-before');
    const goOn = await heldAt(world, 'insert', 1, () => ask(world));
    await askOrCrash(world);
    expect(typeOf(await goOn())).toBe('request-in-progress');
    expect(stateOf(world)).toBe('minting');
    expect(dueTimes(world)).toEqual([intentOf(world)?.dueAt]);
  });
});

describe('a chosen name', () => {
  it('is free again at once when the request was refused for good', async () => {
    const world = new World();
    refuseMints(world);
    expect(typeOf(await ask(world, CHOSEN))).toBe('target-not-found');
    expect(world.names.size).toBe(0);
  });

  it('stays claimed by a request that was throttled', async () => {
    const world = failing('mint', 'refused');
    expect(typeOf(await ask(world, CHOSEN))).toBe('upstream-throttled');
    expect(world.names.size).toBe(1);
  });

  it('that the next attempt claimed meanwhile is not given up', async () => {
    const world = new World();
    const { mintAs } = world;
    refuseMints(world);
    const goOn = await heldAt(world, 'releaseName', 1, () => ask(world, CHOSEN));
    world.mintAs = mintAs;
    expect(typeOf(await ask(world, CHOSEN))).toBe('vended');
    await goOn();
    expect(world.names.size).toBe(1);
  });
});

describe('a later attempt', () => {
  const [rule] = SETTINGS.policy.rules;
  if (rule === undefined) throw new Error('There is no rule to change.');
  const withRule = (change: Partial<typeof rule>): VendSettings => ({
    ...SETTINGS,
    policy: { rules: [{ ...rule, ...change }] },
  });
  const command = { ...COMMAND, request: { ...COMMAND.request, ...CHOSEN, validFor: 'P30D' } };

  /** Attempt 1 is throttled; ten days later the request comes again. */
  async function throttled(): Promise<World> {
    const world = failing('mint', 'refused');
    expect(typeOf(await vend(world.ports(), SETTINGS, command))).toBe('upstream-throttled');
    world.now += 10 * 86_400_000;
    return world;
  }

  it('stores where policy says today, and its time counts from its own claim', async () => {
    const world = await throttled();
    const vaultUrl = 'https://elsewhere.vault.azure.net';
    expect(typeOf(await vend(world.ports(), withRule({ vaultUrl }), command))).toBe('vended');
    const expiresOn = new Date(world.now + 30 * 86_400_000).toISOString();
    expect(intentOf(world)).toMatchObject({ attempt: 2, vaultUrl, expiresOn });
    expect(world.versions[0]?.tags.ValidityPeriodDays).toBe('30');
  });

  it.each([
    ['/secretName', { secretNamePrefix: 'payments-' }],
    ['/validFor', { maxValidFor: 'P29D' }],
  ])('is refused where policy no longer allows its %s', async (pointer, change) => {
    const world = await throttled();
    const outcome = await vend(world.ports(), withRule(change), command);
    expect(outcome).toMatchObject({ problem: { type: 'invalid-request', errors: [{ pointer }] } });
    expect(world.posts).toHaveLength(1);
  });
});
