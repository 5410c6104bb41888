import { describe, expect, it } from 'vitest';
import { DEFAULT_TIMINGS } from '../../../src/vending/model/timings.ts';
import { resolveUnknown } from '../../../src/vending/operate/resolve.ts';
import { revokeIn, vendedIn } from '../lifecycle.ts';
import { AFTER_LEASE, dueTimes, failing, faultsAt, heldAt, intentOf, stateOf, tick } from '../saga/steps.ts';
import { ask, orCrash } from '../saga/vending.ts';
import { World } from '../saga/world.ts';

const PATIENCE_MS = 3 * (DEFAULT_TIMINGS.leaseMs + DEFAULT_TIMINGS.settleMs);

/** Attempt 2 announced itself with its due row and has not come yet, its lease long over. */
async function slowClaim() {
  const world = failing('mint', 'refused');
  await ask(world);
  world.pass(AFTER_LEASE);
  await tick(world);
  const goOn = await heldAt(world, 'replace', 1, () => ask(world));
  const announced = Math.min(...dueTimes(world));
  world.pass(AFTER_LEASE);
  return { world, goOn, announced };
}

describe('a due row that announces nothing yet', () => {
  it('is left to a slow claim for three times lease and settling time', async () => {
    const { world, goOn, announced } = await slowClaim();
    world.now = announced + PATIENCE_MS - 1;
    await tick(world);
    expect(dueTimes(world)).toContain(announced);
    await goOn();
    expect(intentOf(world)).toMatchObject({ attempt: 2, dueAt: announced });
  });

  it('is cleared after that, and whoever meets the row overdue notes it anew', async () => {
    const { world, goOn, announced } = await slowClaim();
    world.now = announced + PATIENCE_MS;
    await tick(world);
    expect(dueTimes(world)).not.toContain(announced);
    world.fault = (call) => (call === 'replace' ? 'crash-after' : undefined);
    await expect(goOn()).rejects.toThrow();
    world.fault = () => undefined;
    await ask(world);
    expect(dueTimes(world)).toContain(announced);
    await tick(world);
    expect(stateOf(world)).toBe('unknown');
  });

  it('is left to an operator whose decision is slow to land', async () => {
    const world = failing('mint', 'unanswered');
    await ask(world);
    world.pass(AFTER_LEASE);
    await tick(world);
    const command = { intentId: intentOf(world)?.id ?? '', apiKeyId: world.keys[0]?.record.id ?? '' };
    const goOn = await heldAt(world, 'replace', 1, () => resolveUnknown(world.ports('operator'), command));
    world.now += DEFAULT_TIMINGS.settleMs + 1;
    await tick(world);
    world.fault = faultsAt({ deleteKey: { 1: 'lost' } });
    await goOn();
    expect(stateOf(world)).toBe('compensating');
    await tick(world);
    expect([stateOf(world), world.keys[0]?.live]).toEqual(['failed', false]);
  });

  it('is left to a revocation that is slow to land, though the key is vended', async () => {
    const world = new World();
    const { id } = await vendedIn(world);
    const goOn = await heldAt(world, 'replace', 1, () => revokeIn(world, id));
    world.turn = async () => undefined;
    world.now += DEFAULT_TIMINGS.settleMs + 1;
    await tick(world);
    world.fault = (call) => (call === 'deleteKey' ? 'crash-before' : undefined);
    await orCrash(goOn);
    world.fault = () => undefined;
    expect([stateOf(world), world.keys[0]?.live]).toEqual(['revoking', true]);
    await tick(world);
    expect([stateOf(world), world.keys[0]?.live]).toEqual(['revoked', false]);
  });
});
