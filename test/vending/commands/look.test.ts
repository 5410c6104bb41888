import { describe, expect, it } from 'vitest';
import { resolveCredential } from '../../../src/vending/commands/resolve.ts';
import { reviewSecret } from '../../../src/vending/review/review.ts';
import { expectInvariants } from '../world/invariants.ts';
import {
  AFTER_LEASE,
  DAY,
  failing,
  ID,
  orCrash,
  revokeIn,
  rowIn,
  SETTINGS,
  tick,
  vendIn,
  withoutFaults,
  withRule,
} from '../world/steps.ts';
import { VAULT, World } from '../world/world.ts';

const look = (world: World) =>
  resolveCredential(world.ctx('operator'), SETTINGS, { id: ID, resolution: { decision: 'look' } });

describe('an operator’s look', () => {
  it('does not wait for the date that a review put off, and leaves nothing open that is settled', async () => {
    const world = new World();
    await vendIn(world);
    world.fault = (call) => (call === 'deleteKey' ? 'lost' : undefined);
    await revokeIn(world);
    for (let ticks = 0; ticks < 6; ticks++) {
      world.pass(300_000);
      await tick(world);
    }
    const { retry } = rowIn(world);
    expect(world.ledger.all('open')).toMatchObject([{ reason: 'undecided' }]);
    world.pass(1_000);
    await look(world);
    expect(rowIn(world).retry?.since, 'what is undecided stays so since then').toBe(retry?.since);
    expect(rowIn(world).retry?.nextAt).toBeGreaterThan(retry?.nextAt ?? 0);
    expectInvariants(world);
    withoutFaults(world);
    await look(world);
    expect(rowIn(world).closed).toBeDefined();
    expect(world.ledger.all('open')).toEqual([]);
    expectInvariants(world);
  });

  it('does the work of the reconciler under the operator’s name', async () => {
    const world = failing('store', 'crash-after');
    await orCrash(() => vendIn(world));
    withoutFaults(world);
    world.pass(AFTER_LEASE);
    await look(world);
    expect(rowIn(world).current).toBeDefined();
    expect(world.audit.at(-1)).toMatchObject({ change: 'recoverVended', actor: 'operator:entra:t:o' });
  });

  it('does nothing before its time', async () => {
    const world = failing('store', 'crash-after');
    await orCrash(() => vendIn(world));
    withoutFaults(world);
    await look(world);
    expect(rowIn(world).work?.phase).toBe('minted');
  });
});

describe('an event of Key Vault', () => {
  const settings = withRule({ revokeAtExpiry: true });

  async function expiring(): Promise<{ readonly world: World; readonly version: string }> {
    const world = new World();
    await vendIn(world, { settings, request: { validFor: 'P1D' } });
    return { world, version: rowIn(world).current?.secret.version ?? '' };
  }

  const lookAt = (world: World, version: string, secretName = rowIn(world).secretName) =>
    reviewSecret(world.ctx(), settings, { vaultUrl: VAULT, secretName, version });

  it('means "look now": what is due is done', async () => {
    const { world, version } = await expiring();
    world.pass(DAY);
    expect(await lookAt(world, version)).toEqual({ kind: 'looked' });
    expect(rowIn(world)).toMatchObject({ revocation: { by: 'expiry' } });
    expectInvariants(world);
  });

  it('before its time does nothing', async () => {
    const { world, version } = await expiring();
    expect(await lookAt(world, version)).toEqual({ kind: 'looked' });
    expect([rowIn(world).revocation, world.rotationsAsked]).toEqual([undefined, []]);
  });

  it('about another version, or a secret that is not ours, is ignored', async () => {
    const { world, version } = await expiring();
    expect(await lookAt(world, 'another')).toEqual({ kind: 'ignored', reason: 'not-current' });
    expect(await lookAt(world, version, 'not-ours')).toEqual({ kind: 'ignored', reason: 'not-ours' });
  });

  it('is to come again where the ledger does not answer', async () => {
    const { world, version } = await expiring();
    world.fault = () => 'lost';
    expect(await lookAt(world, version)).toMatchObject({ kind: 'unclear' });
  });
});
