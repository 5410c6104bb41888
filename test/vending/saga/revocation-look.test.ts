import { beforeEach, describe, expect, it } from 'vitest';
import { rowOf } from '../../../src/vending/model/rows.ts';
import { expectInvariants } from '../world/invariants.ts';
import {
  currentKeyIn,
  endOverlapIn,
  HOUR,
  ID,
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

/** A credential that was rotated, with versions of keys that were deleted since. */
beforeEach(async () => {
  world = new World();
  world.hasTopic = false;
  await vendIn(world);
  for (let rotation = 0; rotation < 5; rotation++) {
    world.pass(HOUR);
    const old = currentKeyIn(world);
    await rotateIn(world, { key: `r${rotation}` });
    world.pass(HOUR);
    await endOverlapIn(world, old);
  }
  await world.settled();
  world.pass(HOUR);
});

describe('a revocation', () => {
  it('asks Confluent nothing about keys that the ledger has as deleted', async () => {
    world.calls = [];
    expect(typeOf(await revokeIn(world))).toBe('revoked');
    expect(world.vault.versions).toHaveLength(6);
    expect(world.calls.filter((call) => call === 'getKey')).toHaveLength(1);
  });

  it('is closed although Confluent answers 403 about deleted keys', async () => {
    world.confluent.goneAs = 'forbidden';
    expect(typeOf(await revokeIn(world))).toBe('revoked');
    expectInvariants(world);
  });

  it('is closed likewise where the proof stands behind a thousand other attempts', async () => {
    world.confluent.goneAs = 'forbidden';
    const { createdAt } = rowIn(world);
    for (let attempt = 1_001; attempt <= 2_002; attempt++) {
      const failed = { outcome: 'failed', problem: 'upstream-refused' } as const;
      const row = rowOf('attempt', {
        id: ID,
        attempt,
        nonce: 'aaaaaa',
        purpose: 'rotate',
        claimedAt: createdAt,
        ...failed,
      });
      world.ledger.rows.set(row.key, { text: JSON.stringify(row.value), etag: 'e' });
    }
    for (const { key, value } of [...world.ledger.rows].flatMap(([key, row]) =>
      key.startsWith('attempt_') ? [{ key, value: JSON.parse(row.text) }] : [],
    ))
      if (value.outcome === 'vended') {
        const late = rowOf('attempt', { ...value, attempt: value.attempt + 5_000 });
        world.ledger.rows.delete(key);
        world.ledger.rows.set(late.key, { text: JSON.stringify(late.value), etag: 'e' });
      }
    expect(typeOf(await revokeIn(world))).toBe('revoked');
  });

  it('deletes a living key of an attempt that the ledger forgot, or that an operator closed with "none"', async () => {
    const key = world.confluent.add(world, `vend:${ID}.9.aaaaaa`);
    const { vaultUrl, secretName, createdAt } = rowIn(world);
    const tags = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': key };
    world.vault.add(world, { vaultUrl, name: secretName, tags });
    const closed = { id: ID, attempt: 9, nonce: 'aaaaaa', purpose: 'rotate', claimedAt: createdAt } as const;
    const row = rowOf('attempt', { ...closed, outcome: 'failed', problem: 'outcome-unknown' });
    world.ledger.rows.set(row.key, { text: JSON.stringify(row.value), etag: 'e' });
    await revokeIn(world);
    await ticks(2);
    expect(rowIn(world).closed).toBeDefined();
    expect(world.confluent.live()).toEqual([]);
  });

  it('deletes living keys that only the vault names one after the other', async () => {
    for (const attempt of [8, 9]) {
      const key = world.confluent.add(world, `vend:${ID}.${attempt}.aaaaaa`);
      const { vaultUrl, secretName } = rowIn(world);
      const tags = { 'vend-id': ID, 'vend-attempt': `${attempt}`, 'vend-nonce': 'aaaaaa', 'vend-key': key };
      world.vault.add(world, { vaultUrl, name: secretName, tags });
    }
    await revokeIn(world);
    expect(world.confluent.live()).toHaveLength(1);
    await ticks(2);
    expect(world.confluent.live()).toEqual([]);
    expect(rowIn(world).closed).toBeDefined();
  });

  it('is not closed while the ledger does not tell which keys are deleted', async () => {
    world.fault = (call) => (call === 'list' ? 'lost' : undefined);
    expect(typeOf(await revokeIn(world))).toBe('revoking');
    withoutFaults(world);
    await ticks(1);
    expect(rowIn(world).closed).toBeDefined();
  });
});

async function ticks(count: number): Promise<void> {
  for (let run = 0; run < count; run++) {
    world.pass(HOUR);
    await tick(world);
    await world.settled();
  }
}
