import { describe, expect, it } from 'vitest';
import { vend } from '../../../src/vending/commands/vend.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import type { Commit, Ledger } from '../../../src/vending/ports/ledger.ts';
import { PROBLEM } from '../model/credentials.ts';
import {
  AFTER_LEASE,
  CALLER,
  faultsAt,
  HOUR,
  heldAt,
  ID,
  KEY,
  REQUEST,
  revokeIn,
  rowIn,
  SETTINGS,
  tick,
  typeOf,
  vendIn,
} from '../world/steps.ts';
import { World } from '../world/world.ts';

/* Somebody else writes about the key of a worker before the worker can. */

const othersGoOn = (world: World): void => {
  world.turn = async () => undefined;
};

const SILENT = { kind: 'unreachable', upstream: { service: 'ledger' } } as const;

/** The ledger says nothing to "minted", and has this instead of it. */
async function vendedBeside(world: World, change: (row: Credential) => object): Promise<string> {
  const ctx = world.ctx();
  let isFirst = true;
  const commit = (wanted: Commit) => {
    const { credential } = wanted;
    if (!isFirst || credential?.action !== 'replace') return ctx.ledger.commit(wanted);
    isFirst = false;
    const text = JSON.stringify({ ...credential.value, writeId: 'other', ...change(credential.value) });
    world.ledger.rows.set(`credential_${ID}`, { text, etag: 'other' });
    return Promise.resolve(SILENT);
  };
  const ledger: Ledger = { ...ctx.ledger, commit };
  return typeOf(await vend({ ...ctx, ledger }, SETTINGS, { caller: CALLER, key: KEY, request: REQUEST }));
}

describe('a key whose "minted" got no answer', () => {
  it('is stored where it took effect, and another wrote after it', async () => {
    const world = new World();
    expect(await vendedBeside(world, () => ({}))).toBe('vended');
    expect(world.confluent.live()).toHaveLength(1);
  });

  it.each<[string, (row: Credential) => object, number]>([
    [
      'somebody decided to delete it',
      ({ work }) => ({ work: { ...work, phase: 'compensating', problem: PROBLEM } }),
      0,
    ],
    ['the row has another key', ({ work }) => ({ work: { ...work, keyId: 'OTHER' } }), 1],
  ])('is not stored where %s', async (_, change, living) => {
    const world = new World();
    expect(await vendedBeside(world, change)).toBe('ledger-unavailable');
    expect(world.calls).not.toContain('store');
    expect(world.confluent.live()).toHaveLength(living);
  });
});

it('a key that was minted beside a revocation is deleted, and never stored', async () => {
  const world = new World();
  const goOn = await heldAt(world, 'commit', 2, () => vendIn(world));
  othersGoOn(world);
  await revokeIn(world);
  await goOn();
  expect(world.calls).not.toContain('store');
  expect(world.confluent.live()).toEqual([]);
});

it('a key that the reconciler vended and somebody revoked is not answered as vended', async () => {
  const world = new World();
  const goOn = await heldAt(world, 'commit', 3, () => vendIn(world));
  othersGoOn(world);
  world.pass(AFTER_LEASE);
  await tick(world);
  world.confluent.isLocked = true;
  await revokeIn(world);
  expect(typeOf(await goOn())).toBe('not-yet-confirmed');
});

it('a key that was stored beside a revocation is deleted with the version that the row then names', async () => {
  const world = new World();
  const goOn = await heldAt(world, 'commit', 3, () => vendIn(world));
  othersGoOn(world);
  await revokeIn(world);
  world.confluent.isLocked = true;
  await goOn();
  const [stored] = world.vault.versions;
  expect(rowIn(world).work).toMatchObject({ phase: 'compensating', secret: { version: stored?.version } });
});

it('a proof that a key is gone is recorded once, where the reconciler recorded it first', async () => {
  const world = new World();
  await vendIn(world);
  const goOn = await heldAt(world, 'commit', 2, () => revokeIn(world));
  othersGoOn(world);
  world.pass(HOUR);
  await tick(world);
  await goOn();
  const recorded = world.audit.filter((record) => 'change' in record && record.change === 'recordRevoked');
  expect(recorded).toHaveLength(1);
});

it('a version whose key is deleted is disabled at the second try, and the revocation is over', async () => {
  const world = new World();
  await vendIn(world);
  world.fault = faultsAt({ disableVersion: { 1: 'lost' } });
  expect(typeOf(await revokeIn(world))).toBe('revoked');
  expect(world.vault.enabled()).toEqual([]);
});
