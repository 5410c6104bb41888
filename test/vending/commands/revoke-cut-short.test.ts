import { beforeEach, describe, expect, it } from 'vitest';
import { expectInvariants, expectSettled } from '../world/invariants.ts';
import type { Call, Fault } from '../world/network.ts';
import {
  AFTER_LEASE,
  currentKeyIn,
  DAY,
  faultsAt,
  HOUR,
  ID,
  orCrash,
  revokeIn,
  rotateIn,
  rowIn,
  tick,
  typeOf,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';
import { World } from '../world/world.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await vendIn(world);
});

async function ticks(count: number, pause = 300_000): Promise<void> {
  for (let ticked = 0; ticked < count; ticked++) {
    world.pass(pause);
    await tick(world);
    await world.settled();
  }
}

/** Nothing of the credential lives, and readers get nothing. */
function expectNothingLeft(): void {
  expect(world.confluent.live()).toEqual([]);
  expect(world.vault.versions.map(({ enabled }) => enabled)).not.toContain(true);
  expect(rowIn(world).closed).toBeDefined();
  expectInvariants(world);
}

describe('a revocation that is cut short', () => {
  it.each<[Call, Fault, number]>([
    ['commit', 'crash-after', 1],
    ['disableVersion', 'crash-before', 1],
    ['disableVersion', 'crash-after', 1],
    ['getKey', 'crash-before', 1],
    ['deleteKey', 'crash-before', 1],
    ['deleteKey', 'crash-after', 1],
    ['deleteKey', 'lost', 1],
    ['deleteKey', 'late', 1],
    ['deleteKey', 'young', 1],
    ['listVersions', 'crash-before', 1],
    ['listVersions', 'lost', 1],
    ['commit', 'crash-before', 2],
    ['commit', 'crash-after', 2],
    ['commit', 'late', 2],
  ])('at %s, %s (%i.), is finished by the reconciler', async (call, fault, nth) => {
    await rotateIn(world);
    world.fault = faultsAt({ [call]: { [nth]: fault } });
    await orCrash(() => revokeIn(world));
    withoutFaults(world);
    await ticks(4);
    expectNothingLeft();
    expectSettled(world);
  });

  it('by a silent vault deletes the key all the same, and is closed only when the secret is disabled', async () => {
    world.fault = (call) => (call === 'disableVersion' ? 'lost' : undefined);
    expect(typeOf(await revokeIn(world))).toBe('revoking');
    expect(world.confluent.live()).toEqual([]);
    expect(rowIn(world).current).toBeDefined();
    withoutFaults(world);
    await ticks(1);
    expectNothingLeft();
  });

  it.each<Fault>(['lost', 'refused'])('before its first commit (%s) is not answered as begun', async (fault) => {
    world.fault = faultsAt({ commit: { 1: fault, 2: fault, 3: fault, 4: fault } });
    expect(typeOf(await revokeIn(world))).toBe('ledger-unavailable');
    expect(world.confluent.live()).toHaveLength(1);
  });
});

it('a version that lands after the revocation is disabled', async () => {
  const [stored] = world.vault.versions;
  await revokeIn(world);
  if (stored !== undefined) world.vault.versions.push({ ...stored, version: 'late', enabled: true });
  await ticks(1, AFTER_LEASE);
  expectNothingLeft();
});

it('a key that only the vault still names is found and deleted before the credential is closed', async () => {
  const lost = currentKeyIn(world);
  const row = rowIn(world);
  world.ledger.lose(`credential_${ID}`);
  for (const kind of ['caller', 'name', 'key'] as const)
    for (const key of world.ledger.keys(kind)) world.ledger.lose(key);
  world.pass(HOUR);
  expect(typeOf(await vendIn(world))).toBe('vended');
  expect(world.confluent.live()).toEqual([lost, currentKeyIn(world)]);
  expect(rowIn(world).current?.nonce).not.toBe(row.current?.nonce);
  await revokeIn(world);
  await ticks(3);
  expectNothingLeft();
});

describe('what was revoked is forgotten', () => {
  it('after its retention, with everything that hangs on it', async () => {
    await rotateIn(world);
    await revokeIn(world);
    await ticks(2, HOUR);
    world.pass(DEFAULT_TIMINGS.retentionMs - DAY);
    await ticks(1);
    expect(world.ledger.get(ID)).toBeDefined();
    await ticks(2, DAY);
    expect([...world.ledger.rows.keys()]).toEqual([]);
  });
});
