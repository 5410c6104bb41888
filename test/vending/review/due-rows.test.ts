import { beforeEach, describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import { DAY, HOUR, ID, rowIn, withRule } from '../world/steps.ts';
import { World } from '../world/world.ts';
import { DEAD, dead, dueIn, logged, plant, stateOf, tickIn, vended } from './scenes.ts';

const MINUTE = 60_000;
const openIn = (world: World): string[] => world.ledger.all('open').map(({ reason }) => reason);

/** Another version of this service wrote the row. */
function makeUnreadable(world: World, row: Credential): () => void {
  const { key } = rowOf('credential', row);
  const kept = world.ledger.rows.get(key);
  if (kept === undefined) throw new Error('The ledger has no such row.');
  world.ledger.rows.set(key, { ...kept, text: JSON.stringify({ ...row, later: true }) });
  return () => void world.ledger.rows.set(key, kept);
}

describe('a row that this version cannot read', () => {
  let world: World;
  let repair: () => void;
  beforeEach(async () => {
    world = await dead(DEAD.stored);
    repair = makeUnreadable(world, rowIn(world));
  });

  it('is put aside for an hour, listed once for operators, and left as it is', async () => {
    for (let run = 0; run < 180; run++) await tickIn(world, MINUTE);
    expect(openIn(world)).toEqual(['unreadable']);
    expect(dueIn(world)).toHaveLength(1);
    expect(world.calls.filter((call) => call === 'read')).toHaveLength(3);
    expect(logged(world)).toContain('row-unreadable');
    repair();
    expect(stateOf(world)).toBe('minted');
  });

  it('for an impossible date holds up nobody else', async () => {
    const rotating = withRule({ rotateEvery: 'P10D' });
    const { id } = await vended(world, { key: { kind: 'key', key: 'order-2' }, settings: rotating });
    repair();
    await tickIn(world, 0);
    const row = rowIn(world);
    plant(world, { ...row, sweepAt: 9e15 });
    const due = rowOf('due', { id: row.id, at: world.now });
    world.ledger.rows.set(due.key, { text: JSON.stringify(due.value), etag: 'e' });
    await tickIn(world, 10 * DAY + 1, rotating);
    expect(openIn(world)).toEqual(['unreadable']);
    expect(world.rotationsAsked).toMatchObject([{ credentialId: id }]);
    expect(logged(world)).not.toContain('defect');
  });

  it('is reviewed again by a version that can read it, and listed no more', async () => {
    await tickIn(world, 0);
    repair();
    await tickIn(world, HOUR + 1);
    await tickIn(world, 1);
    expect(stateOf(world)).toBe('vended');
    expect(openIn(world)).toEqual([]);
    expect(dueIn(world)).toEqual([]);
  });
});

describe('a due row', () => {
  it('that goes with no date of its credential is removed, without a look at Confluent or the vault', async () => {
    const world = new World();
    await vended(world);
    const stale = rowOf('due', { id: ID, at: world.now - 1 });
    world.ledger.rows.set(stale.key, { text: JSON.stringify(stale.value), etag: 'e' });
    const { length } = world.calls;
    await tickIn(world, 0);
    expect(world.ledger.keys('due')).toEqual([]);
    expect(world.calls.slice(length)).not.toContain('listVersions');
  });

  it('of a credential that is gone is removed', async () => {
    const world = new World();
    const stale = rowOf('due', { id: 'z'.repeat(26), at: world.now - 1 });
    world.ledger.rows.set(stale.key, { text: JSON.stringify(stale.value), etag: 'e' });
    await tickIn(world, 0);
    expect(world.ledger.keys('due')).toEqual([]);
    expect(world.trace).not.toContain('READ bulk');
  });

  it('costs one read of its credential', async () => {
    const world = await dead(DEAD.stored);
    world.trace = [];
    await tickIn(world, 0);
    expect(stateOf(world)).toBe('vended');
    expect(world.trace.filter((call) => call === 'READ credential')).toHaveLength(1);
  });

  it('stays where the ledger does not tell what it is about', async () => {
    const world = await dead(DEAD.stored);
    world.fault = (call) => (call === 'read' ? 'lost' : undefined);
    await tickIn(world, 0);
    expect(dueIn(world)).toHaveLength(1);
    expect(logged(world)).toContain('ledger-unreachable');
  });
});
