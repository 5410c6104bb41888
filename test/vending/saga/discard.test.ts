import { describe, expect, it } from 'vitest';
import type { Credential, Work } from '../../../src/vending/model/credential.ts';
import { UNCONFIRMED } from '../../../src/vending/model/problems.ts';
import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import type { Stored } from '../../../src/vending/ports/ledger.ts';
import { readCredential } from '../../../src/vending/saga/commit.ts';
import { compensate, discardKey } from '../../../src/vending/saga/compensate.ts';
import { ID, NOW, PROBLEM, rows, secretOf } from '../model/credentials.ts';
import type { Call } from '../world/network.ts';
import { faultsAt, rowIn } from '../world/steps.ts';
import { World } from '../world/world.ts';

async function kept(world: World, row: Credential): Promise<{ row: Stored; work: Work }> {
  world.ledger.rows.set(`credential_${ID}`, { text: JSON.stringify(row), etag: 'e' });
  const read = await readCredential(world.ctx(), ID);
  const work = row.work;
  if (read.kind !== 'found' || work === undefined) throw new Error('The ledger has no attempt.');
  return { row: read.row, work };
}

describe('a key to delete', () => {
  it('is as old as the lease of its attempt, however late somebody decided to delete it', async () => {
    const world = new World();
    const { row } = await kept(world, rows.compensating({}, { since: NOW, leaseUntil: NOW - ABSENCE_PROVES_MS }));
    expect(await compensate(world.ctx('reconciler'), row)).toMatchObject({ kind: 'closed' });
    const { row: young } = await kept(world, rows.compensating({}, { since: NOW, leaseUntil: NOW - 1 }));
    expect(await compensate(world.ctx('reconciler'), young)).toMatchObject({ kind: 'open', upstream: { status: 404 } });
  });

  it.each<[Call, object]>([
    ['getKey', { service: 'arm', code: 'ECONNRESET' }],
    ['listVersions', { service: 'vault' }],
  ])('stays while %s gets no answer, and it is said who is silent', async (call, upstream) => {
    const world = new World();
    world.pass(ABSENCE_PROVES_MS);
    const { row } = await kept(world, rows.compensating({}, { leaseUntil: NOW }));
    world.fault = faultsAt({ [call]: { 1: 'lost' } });
    expect(await compensate(world.ctx(), row)).toEqual({ kind: 'open', upstream: expect.objectContaining(upstream) });
  });
});

describe('a key that is discarded', () => {
  const problem = PROBLEM;

  it('is named in the row with the version that holds its secret, before it is deleted', async () => {
    const world = new World();
    const { row, work } = await kept(world, rows.minted());
    world.fault = faultsAt({ deleteKey: { 1: 'lost' } });
    await discardKey(world.ctx(), row, work, { keyId: 'KEY1', secret: secretOf('v7'), problem });
    expect(rowIn(world, ID).work).toMatchObject({ phase: 'compensating', keyId: 'KEY1', secret: secretOf('v7') });
  });

  it('beside another one that is being deleted is left to a person', async () => {
    const world = new World();
    const { row, work } = await kept(world, rows.compensating({}, { keyId: 'KEY2' }));
    world.calls = [];
    const discard = { keyId: 'KEY1', problem };
    expect(await discardKey(world.ctx(), row, work, discard)).toEqual({ kind: 'problem', attempt: 1, problem });
    expect(world.logs).toMatchObject([{ event: 'key-not-discarded', apiKeyId: 'KEY1' }]);
    expect(world.calls).toEqual([]);
    const discarded = await discardKey(world.ctx(), row, work, { ...discard, answer: UNCONFIRMED });
    expect(discarded).toEqual({ kind: 'problem', attempt: 1, problem: UNCONFIRMED });
  });

  it('by the worker that minted it is not looked at: Confluent may not show it yet', async () => {
    const world = new World();
    const keyId = world.confluent.add(world, `vend:${ID}.1.aaaaaa`);
    const { row, work } = await kept(world, rows.minted({}, { keyId }));
    world.calls = [];
    const result = await discardKey(world.ctx(), row, work, { keyId, problem });
    expect(result).toEqual({ kind: 'problem', attempt: 1, problem });
    expect(world.calls).toEqual(['commit', 'deleteKey', 'listVersions', 'commit']);
  });
});
