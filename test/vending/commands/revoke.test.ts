import { beforeEach, describe, expect, it } from 'vitest';
import type { Authority } from '../../../src/vending/model/caller.ts';
import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import { expectInvariants } from '../world/invariants.ts';
import {
  currentKeyIn,
  failing,
  faultsAt,
  HOUR,
  heldAt,
  ID,
  OPERATOR,
  revokeIn,
  rotateIn,
  rowIn,
  tick,
  typeOf,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
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

describe('a revocation', () => {
  it('disables the version, deletes the key, and records that nothing lives', async () => {
    expect(await revokeIn(world)).toMatchObject({ kind: 'revoked', credential: { id: ID } });
    expectNothingLeft();
    expect(world.calls.indexOf('disableVersion')).toBeLessThan(world.calls.indexOf('deleteKey'));
  });

  it('takes current and previous', async () => {
    await rotateIn(world);
    expect(world.confluent.live()).toHaveLength(2);
    expect(typeOf(await revokeIn(world))).toBe('revoked');
    expectNothingLeft();
    await world.settled();
    const revoked = world.published.filter(({ type }) => type.endsWith('.revoked.v1'));
    expect(revoked).toHaveLength(2);
  });

  it('again is answered alike and deletes nothing', async () => {
    await revokeIn(world);
    world.calls = [];
    expect(typeOf(await revokeIn(world))).toBe('revoked');
    expect(world.calls).toEqual(['read']);
  });

  it('refuses its request from then on, and mints nothing for it', async () => {
    await revokeIn(world);
    expect(typeOf(await vendIn(world))).toBe('revoked');
    expect(typeOf(await rotateIn(world))).toBe('revoked');
    expect(world.confluent.posts).toHaveLength(1);
  });

  it('by an operator needs no ownership; by a stranger it finds nothing', async () => {
    const stranger: Authority = { kind: 'caller', caller: { id: 'queue:other', roles: [] } };
    expect(typeOf(await revokeIn(world, ID, stranger))).toBe('not-found');
    expect(typeOf(await revokeIn(world, ID, OPERATOR))).toBe('revoked');
    expect(rowIn(world).revocation?.by).toBe('operator:entra:t:o');
  });

  it('goes through where somebody else writes the row meanwhile', async () => {
    const goOn = await heldAt(world, 'commit', 1, () => revokeIn(world));
    world.turn = async () => undefined;
    await rotateIn(world);
    expect(typeOf(await goOn())).toBe('revoked');
    expectNothingLeft();
  });

  it('of a credential whose attempt failed leaves nothing to come', async () => {
    world = failing('mint', 'refused');
    await vendIn(world);
    expect(typeOf(await revokeIn(world))).toBe('revoked');
    expect(typeOf(await vendIn(world))).toBe('revoked');
  });

  it('of an attempt whose outcome is unknown deletes what there is, and waits for an operator', async () => {
    world.fault = faultsAt({ mint: { 1: 'unanswered' } });
    await rotateIn(world);
    expect(typeOf(await revokeIn(world))).toBe('revoking');
    const row = rowIn(world);
    expect([row.current, row.work?.phase, row.closed]).toEqual([undefined, 'unknown', undefined]);
    expect(world.ledger.all('open')).toMatchObject([{ reason: 'unknown' }]);
    expectInvariants(world);
  });

  it('of a key that is being compensated deletes that too', async () => {
    world.vault.refuseStores = 'transient';
    world.fault = (call) => (call === 'deleteKey' ? 'lost' : undefined);
    await rotateIn(world);
    withoutFaults(world);
    expect(rowIn(world).work?.phase).toBe('compensating');
    expect(typeOf(await revokeIn(world))).toBe('revoked');
    expectNothingLeft();
  });
});

describe('a key that Confluent does not show', () => {
  const strangersDelete = (): void => {
    for (const key of world.confluent.keys) key.live = false;
  };

  it('is not proven gone while it is young, and is afterwards', async () => {
    strangersDelete();
    expect(await revokeIn(world)).toMatchObject({ kind: 'revoking', retryAfterMs: 15_000 });
    world.pass(ABSENCE_PROVES_MS - 1);
    expect(typeOf(await revokeIn(world))).toBe('revoking');
    world.pass(1);
    expect(typeOf(await revokeIn(world))).toBe('revoked');
  });

  it('is never proven gone by a 403; an operator sees it, and the pause grows to an hour', async () => {
    strangersDelete();
    world.confluent.goneAs = 'forbidden';
    expect(typeOf(await revokeIn(world))).toBe('revoking');
    await ticks(24 * 12);
    expect(rowIn(world).closed).toBeUndefined();
    expect(world.ledger.all('open')).toMatchObject([{ reason: 'undecided' }]);
    const { retry } = rowIn(world);
    expect((retry?.nextAt ?? 0) - (retry?.lookedAt ?? 0)).toBe(HOUR);
    expect(world.logs).toContainEqual(
      expect.objectContaining({ event: 'review-undecided', upstream: expect.objectContaining({ status: 403 }) }),
    );
    world.confluent.goneAs = 'absent';
    await ticks(13);
    expectNothingLeft();
    expect(world.ledger.all('open')).toEqual([]);
  });
});

it('a key that Confluent refuses to delete is reported, and deleted when the lock is lifted', async () => {
  world.confluent.isLocked = true;
  expect(typeOf(await revokeIn(world))).toBe('revoking');
  const upstream = expect.objectContaining({ status: 409, code: 'ScopeLocked' });
  expect(world.logs).toContainEqual(
    expect.objectContaining({ level: 'error', event: 'deletion-refused', apiKeyId: currentKeyIn(world), upstream }),
  );
  expect(world.vault.readable(), 'nobody reads a secret that is being revoked').toEqual([]);
  world.confluent.isLocked = false;
  await ticks(1);
  expectNothingLeft();
});
