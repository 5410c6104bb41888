import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultEffect } from '../../../src/sandbox/kit/faults.ts';
import type { Commit, CommitOutcome, Ledger } from '../../../src/vending/ports/ledger.ts';
import { COMMITTED, commitsAbout, keysAbout, NO_ETAG, STALE, unreachable } from './commits.ts';
import { credentialOf, etagOf, startTableWorld, TABLE, type TableWorld } from './emulated-table.ts';

let world: TableWorld;
let ledger: Ledger;
let id: string;
beforeAll(async () => {
  world = await startTableWorld();
  ledger = world.open();
});
beforeEach(() => {
  world.faults.clear();
  id = randomUUID();
});
afterAll(() => world.emulator.close());

const { inserting, replacing, dueRow, nameRow, keyRow } = commitsAbout(() => id);
const keysOf = () => keysAbout(id, world);

describe('a commit', () => {
  it('writes a credential and the rows beside it, and gives the credential’s new ETag', async () => {
    const first = etagOf(await ledger.commit(inserting(id, { insert: [nameRow()], put: [dueRow(1), keyRow(1)] })));
    expect(await ledger.read('credential', id)).toEqual({ kind: 'found', value: credentialOf(id), etag: first });
    const change = replacing(first, 'second', { put: [dueRow(2), keyRow(2)], remove: [dueRow(1).key, nameRow().key] });
    const second = etagOf(await ledger.commit(change));
    expect(second).not.toBe(first);
    expect(await ledger.read('credential', id)).toMatchObject({ value: { writeId: 'second' }, etag: second });
    expect(await ledger.read('key', `KEY-${id}`)).toMatchObject({ value: { attempt: 2 } });
    expect(await keysOf()).toEqual([`credential_${id}`, dueRow(2).key, `key_KEY-${id}`]);
  });

  it('of nothing is no call', async () => {
    world.faults.add({ service: 'table', fault: { status: 500 } });
    expect(await ledger.commit({})).toEqual(NO_ETAG);
  });

  it('shows operators a credential in columns of its own', async () => {
    await ledger.commit(inserting());
    const rows = await world.emulator.rows(TABLE);
    expect(rows.find(({ rowKey }) => rowKey === `credential_${id}`)).toMatchObject({
      partitionKey: 'ledger',
      status: 'pending',
      caller: 'entra:tenant:oid',
      organization: 'myOrganization',
      environment: 'env-12132',
      cluster: 'lkc-1126wj',
      vaultUrl: 'https://teams.vault.azure.net',
      secretName: 'ck-lkc-1126wj-orders',
      rule: 'orders',
      createdAt: '2026-09-21T14:13:20.000Z',
      dueAt: '2026-09-21T14:16:50.000Z',
    });
  });

  it('takes keys that mean something in a URL or in OData', async () => {
    const odd = `o'brien''s & +1 = 100% (é) ${id}`;
    const etag = etagOf(await ledger.commit(inserting(odd, { put: [dueRow(1, odd)] })));
    expect(await ledger.read('credential', odd)).toMatchObject({ value: { id: odd }, etag });
    expect(await ledger.commit({ remove: [dueRow(1, odd).key] })).toEqual(NO_ETAG);
    expect(await ledger.commit({ credential: { action: 'remove', id: odd, etag } })).toEqual(NO_ETAG);
    expect(await keysOf()).toEqual([]);
  });
});

describe('a conflict writes nothing, and names the row', () => {
  it.each<[string, string, (etag: string) => Commit]>([
    ['credential', 'that exists', () => inserting(id, { put: [dueRow(2)] })],
    ['credential', 'that changed', () => replacing(STALE, 'late', { put: [dueRow(2)], remove: [dueRow(1).key] })],
    ['credential', 'that changed, before its taken name', () => replacing(STALE, 'late', { insert: [nameRow()] })],
    ['name', 'that is taken', (etag) => replacing(etag, 'late', { insert: [nameRow()], put: [dueRow(2)] })],
    ['due', 'that exists', (etag) => replacing(etag, 'late', { insert: [dueRow(1)], remove: [nameRow().key] })],
    ['name', 'that is taken, in a commit without a credential', () => ({ insert: [nameRow()], put: [dueRow(2)] })],
  ])('%s %s', async (row, _why, change) => {
    const etag = etagOf(await ledger.commit(inserting(id, { insert: [nameRow()], put: [dueRow(1)] })));
    expect(await ledger.commit(change(etag))).toEqual({ kind: 'conflict', row });
    expect(await ledger.read('credential', id)).toEqual({ kind: 'found', value: credentialOf(id), etag });
    expect(await keysOf()).toHaveLength(3);
  });

  it.each([9, 10, 98])('due that exists, wherever it stands: at place %i', async (place) => {
    await ledger.commit({ put: [dueRow(0)] });
    const insert = Array.from({ length: 99 }, (_none, at) => dueRow(at + 1)).with(place, dueRow(0));
    expect(await ledger.commit({ insert })).toEqual({ kind: 'conflict', row: 'due' });
    expect(await keysOf()).toHaveLength(1);
  });

  it('credential that is gone', async () => {
    expect(await ledger.commit(replacing(STALE, 'late', { put: [dueRow(1)] }))).toEqual({
      kind: 'conflict',
      row: 'credential',
    });
    expect(await keysOf()).toEqual([]);
  });

  it('and one of ten that insert, and one of ten that replace, at once, wins', async () => {
    const racers = Array.from({ length: 10 }, (_none, racer) => racer);
    const winner = (outcomes: readonly CommitOutcome[]): number => {
      expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(9);
      return outcomes.findIndex(({ kind }) => kind === 'committed');
    };
    const inserted = await Promise.all(racers.map((racer) => ledger.commit(inserting(id, { put: [dueRow(racer)] }))));
    const first = winner(inserted);
    expect(await keysOf()).toEqual(expect.arrayContaining([dueRow(first).key, `credential_${id}`]));
    const etag = inserted.map((each) => (each.kind === 'committed' ? each.etag : '')).join('');
    const replaced = await Promise.all(
      racers.map((racer) =>
        ledger.commit(replacing(etag, `racer ${racer}`, { put: [dueRow(100 + racer)], remove: [dueRow(first).key] })),
      ),
    );
    const second = winner(replaced);
    expect(await ledger.read('credential', id)).toMatchObject({ value: { writeId: `racer ${second}` } });
    expect(await keysOf()).toEqual([`credential_${id}`, dueRow(100 + second).key]);
  });
});

describe('a row that is to be removed and is missing', () => {
  const gone = (count: number): string[] => Array.from({ length: count }, (_none, place) => dueRow(1_000 + place).key);

  it.each([1, 2, 5])('does not stop the rest: %i of them', async (count) => {
    const [before, ...after] = gone(count);
    const remove = [...(before === undefined ? [] : [before]), dueRow(1).key, ...after];
    const etag = etagOf(await ledger.commit(inserting(id, { put: [dueRow(1)] })));
    expect(await ledger.commit(replacing(etag, 'second', { put: [dueRow(2)], remove }))).toEqual(COMMITTED);
    expect(await ledger.read('credential', id)).toMatchObject({ value: { writeId: 'second' } });
    expect(await keysOf()).toEqual([`credential_${id}`, dueRow(2).key]);
  });

  it.each([0, 10, 99])('does not stop the rest, wherever it stands: at place %i of a hundred', async (place) => {
    const present = Array.from({ length: 99 }, (_none, at) => dueRow(at));
    await ledger.commit({ put: present });
    const remove = present.map(({ key }) => key).toSpliced(place, 0, ...gone(1));
    expect(await ledger.commit({ remove })).toEqual(NO_ETAG);
    expect(await keysOf()).toEqual([]);
  });

  it('may be all that there is to do', async () => {
    expect(await ledger.commit({ remove: gone(3) })).toEqual(NO_ETAG);
  });

  it('does not hide a conflict', async () => {
    await ledger.commit(inserting());
    expect(await ledger.commit(replacing(STALE, 'late', { remove: gone(2) }))).toEqual({
      kind: 'conflict',
      row: 'credential',
    });
  });
});

describe('the removal of a credential', () => {
  const removing = (etag: string): Commit => ({ credential: { action: 'remove', id, etag } });

  it('needs its latest ETag', async () => {
    const first = etagOf(await ledger.commit(inserting()));
    const second = etagOf(await ledger.commit(replacing(first, 'second')));
    expect(await ledger.commit(removing(first))).toEqual({ kind: 'conflict', row: 'credential' });
    expect(await ledger.read('credential', id)).toMatchObject({ kind: 'found' });
    expect(await ledger.commit(removing(second))).toEqual(NO_ETAG);
    expect(await ledger.read('credential', id)).toEqual({ kind: 'absent' });
  });

  it('is done where the credential is gone, or where the first answer was lost', async () => {
    expect(await ledger.commit(removing(STALE))).toEqual(NO_ETAG);
    const etag = etagOf(await ledger.commit(inserting()));
    world.faults.add({ service: 'table', operation: 'delete', times: 1, fault: { drop: 'after' } });
    expect(await ledger.commit(removing(etag))).toEqual(NO_ETAG);
    expect(await ledger.read('credential', id)).toEqual({ kind: 'absent' });
  });

  it.each<[FaultEffect, object]>([
    [{ status: 200 }, { status: 200 }],
    [{ status: 404 }, { status: 404 }],
    [{ status: 403 }, { status: 403 }],
    [{ drop: 'before' }, { code: 'ECONNRESET' }],
  ])('is not proven by %j', async (fault, upstream) => {
    const etag = etagOf(await ledger.commit(inserting()));
    world.faults.add({ service: 'table', operation: 'delete', fault });
    expect(await ledger.commit(removing(etag))).toEqual(unreachable(upstream));
    expect(await ledger.read('credential', id)).toMatchObject({ kind: 'found', etag });
  });
});
