import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultEffect } from '../../../src/sandbox/kit/faults.ts';
import type { Ledger } from '../../../src/vending/ports/ledger.ts';
import { intentOf, rowOf, startTableWorld, type TableWorld } from './emulated-table.ts';

const VAULT = 'https://teams.vault.azure.net';
const GONE = { kind: 'unreachable', upstream: expect.objectContaining({ status: 404, code: 'TableNotFound' }) };

describe.each(['azurite', 'memory'] as const)('on tables in %s', (engine) => {
  let world: TableWorld;
  let ledger: Ledger;
  let id: string;
  beforeAll(async () => {
    world = await startTableWorld({ engine });
    ledger = world.open();
  });
  beforeEach(() => {
    world.faults.clear();
    id = randomUUID();
  });
  afterAll(() => world.emulator.close());

  const rowsOf = async (partition: string) =>
    (await world.emulator.rows('intents')).filter(({ partitionKey }) => partitionKey === partition);

  describe('an intent', () => {
    it('is absent, then inserted once, then replaced by whoever holds its latest ETag', async () => {
      expect(await ledger.read(id)).toEqual({ kind: 'absent' });
      const first = rowOf(await ledger.insert(intentOf(id)));
      expect(await ledger.insert(intentOf(id, { writeId: 'other' }))).toEqual({ kind: 'conflict' });
      expect(await ledger.read(id)).toEqual({ kind: 'found', row: first });
      const second = rowOf(await ledger.replace(intentOf(id, { attempt: 2, writeId: 'second' }), first.etag));
      expect(second.etag).not.toBe(first.etag);
      expect(await ledger.replace(intentOf(id, { writeId: 'late' }), first.etag)).toEqual({ kind: 'conflict' });
      expect(await ledger.read(id)).toEqual({ kind: 'found', row: second });
    });

    it('cannot be replaced where it was never inserted', async () => {
      const { etag } = rowOf(await ledger.insert(intentOf(id)));
      expect(await ledger.replace(intentOf(randomUUID()), etag)).toEqual({ kind: 'conflict' });
    });

    it('is won by exactly one of twenty who insert, and one of twenty who replace, at once', async () => {
      const racers = Array.from({ length: 20 }, (_none, index) => intentOf(id, { writeId: `writer-${index}` }));
      const inserted = await Promise.all(racers.map((intent) => ledger.insert(intent)));
      const [row, ...others] = inserted.filter(({ kind }) => kind === 'written').map(rowOf);
      expect(others).toEqual([]);
      const replaced = await Promise.all(racers.map((intent) => ledger.replace(intent, row?.etag ?? '')));
      const winners = replaced.filter(({ kind }) => kind === 'written').map(rowOf);
      expect(replaced.filter(({ kind }) => kind === 'conflict')).toHaveLength(19);
      expect(await ledger.read(id)).toEqual({ kind: 'found', row: winners[0] });
    });

    it('may have an id that means something in a URL, or in OData', async () => {
      const odd = `o'brien''s & +1 = 100% (é) ${id}`;
      const row = rowOf(await ledger.insert(intentOf(odd)));
      expect(await ledger.read(odd)).toEqual({ kind: 'found', row });
      expect((await ledger.replace(intentOf(odd, { writeId: 'second' }), row.etag)).kind).toBe('written');
    });

    it('shows operators what they look for in columns of their own', async () => {
      const state = { kind: 'unknown' as const, leaseUntil: 1, keyId: 'KEY1' };
      await ledger.insert(intentOf(id, { state }));
      expect(await rowsOf(id)).toMatchObject([
        {
          rowKey: 'intent',
          state: 'unknown',
          apiKeyId: 'KEY1',
          caller: 'entra:tenant:oid',
          attempt: 1,
          cluster: 'lkc-1126wj',
          secretName: 'ck-lkc-1126wj-orders',
          dueAt: '2026-09-21T14:16:50.000Z',
          writeId: `first-of-${id}`,
        },
      ]);
    });
  });

  describe('when the table is in trouble', () => {
    it('a lost answer to an insert is a conflict or unreachable, and the row read again carries our writeId', async () => {
      world.faults.add({ service: 'table', operation: 'insert', times: 1, fault: { drop: 'after' } });
      expect((await ledger.insert(intentOf(id))).kind).toBe('conflict');
      expect(await ledger.read(id)).toMatchObject({ row: { intent: { writeId: `first-of-${id}` } } });
    });

    it('a lost answer to a replace is a conflict, and the row read again carries our writeId', async () => {
      const { etag } = rowOf(await ledger.insert(intentOf(id)));
      world.faults.add({ service: 'table', operation: 'replace', times: 1, fault: { drop: 'after' } });
      expect((await ledger.replace(intentOf(id, { writeId: 'mine' }), etag)).kind).toBe('conflict');
      expect(await ledger.read(id)).toMatchObject({ row: { intent: { writeId: 'mine' } } });
    });

    it.each<FaultEffect>([{ drop: 'after' }, { drop: 'before' }, { status: 500 }, { status: 403 }])(
      'nothing is told but that it could not be reached: %j',
      async (fault) => {
        const { etag } = rowOf(await ledger.insert(intentOf(id)));
        world.faults.add({ service: 'table', fault });
        const outcomes = [
          await ledger.read(id),
          await ledger.insert(intentOf(`${id}-new`)),
          await ledger.replace(intentOf(id, { writeId: 'faulty' }), etag),
          await ledger.noteDue({ intentId: id, at: new Date() }),
          await ledger.claimName({ vaultUrl: 'https://v.vault.azure.net', secretName: `n-${id}` }, id),
          await ledger.ping(),
        ];
        expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'unreachable'));
      },
    );

    it('a read that is cut short is unreachable', async () => {
      await ledger.insert(intentOf(id));
      world.faults.add({ service: 'table', operation: 'get', fault: { truncate: true } });
      expect((await ledger.read(id)).kind).toBe('unreachable');
    });

    it('a call ends at its deadline', async () => {
      world.faults.add({ service: 'table', operation: 'get', fault: { delayMs: 60_000 } });
      const read = await ledger.read(id);
      expect(read).toEqual({ kind: 'unreachable', upstream: { service: 'ledger', code: 'TimeoutError' } });
    });

    it.each<[string, FaultEffect, () => Promise<{ kind: string }>]>([
      ['get', { status: 404 }, () => ledger.read(id)],
      ['insert', { status: 409 }, () => ledger.insert(intentOf(id))],
      ['replace', { status: 404 }, () => ledger.replace(intentOf(id), 'W/"1"')],
      ['delete', { status: 404 }, () => ledger.clearDue(id, new Date())],
      ['get', { status: 404 }, () => ledger.ping()],
      ['replace', { status: 200 }, () => ledger.noteDue({ intentId: id, at: new Date() })],
      ['delete', { status: 200 }, () => ledger.clearDue(id, new Date())],
      [
        'insert',
        { status: 202 },
        () => ledger.claimName({ vaultUrl: 'https://v.vault.azure.net', secretName: 'n' }, id),
      ],
      ['insert', { status: 200, headers: { etag: 'W/"1"' } }, () => ledger.insert(intentOf(id))],
      ['insert', { status: 204 }, () => ledger.insert(intentOf(id))],
      ['replace', { status: 204 }, () => ledger.replace(intentOf(id), 'W/"1"')],
    ])('an answer that is not the table service’s own proves nothing: %s %j', async (operation, fault, call) => {
      world.faults.add({ service: 'table', operation, fault });
      expect((await call()).kind).toBe('unreachable');
    });

    it('never throws, whatever it is given', async () => {
      expect((await ledger.claimName({ vaultUrl: 'not a url', secretName: 'n' }, id)).kind).toBe('unreachable');
      expect((await ledger.noteDue({ intentId: id, at: new Date(Number.NaN) })).kind).toBe('unreachable');
      expect((await ledger.clearDue(id, new Date(Number.NaN))).kind).toBe('unreachable');
      expect((await ledger.insert(intentOf(id, { dueAt: Number.NaN }))).kind).toBe('unreachable');
    });
  });

  describe('due rows', () => {
    it('sort by time, may be written twice, and cleared where there are none', async () => {
      const [early, late] = [new Date('2026-01-02T03:04:05.006Z'), new Date('2026-11-02T03:04:05.006Z')];
      for (const at of [late, early, early])
        expect(await ledger.noteDue({ intentId: id, at })).toEqual({ kind: 'noted' });
      const mine = async () =>
        (await rowsOf('due')).filter(({ intentId }) => intentId === id).map(({ rowKey }) => rowKey);
      expect(await mine()).toEqual([`2026-01-02T03:04:05.006Z_${id}`, `2026-11-02T03:04:05.006Z_${id}`]);
      expect(await ledger.clearDue(id, early)).toEqual({ kind: 'noted' });
      expect(await ledger.clearDue(id, early)).toEqual({ kind: 'noted' });
      expect(await mine()).toEqual([`2026-11-02T03:04:05.006Z_${id}`]);
    });
  });

  it('as many due rows may be asked for as the batch of a reconciler has', async () => {
    const [first, end] = [new Date('2020-01-01'), new Date('2021-01-01')];
    await ledger.noteDue({ intentId: id, at: first });
    const keyOf = (at: Date) => ({ partitionKey: 'due', rowKey: `${at.toISOString()}_${id}` });
    const later = Array.from({ length: 1_000 }, (_none, i) => keyOf(new Date(first.getTime() + i + 1)));
    world.emulator.copyRow('intents', keyOf(first), later);
    const listed = await ledger.listDue({ limit: 9_999, before: end });
    expect(listed.kind === 'listed' && listed.rows).toHaveLength(1_001);
  });

  describe('names', () => {
    it('belong to the first who claims them, in any spelling, in one vault', async () => {
      expect(await ledger.claimName({ vaultUrl: VAULT, secretName: `Name-${id}` }, 'one')).toEqual({ kind: 'claimed' });
      expect(await ledger.claimName({ vaultUrl: VAULT, secretName: `nAME-${id}` }, 'one')).toEqual({ kind: 'claimed' });
      expect(await ledger.claimName({ vaultUrl: `${VAULT}/`, secretName: `name-${id}` }, 'two')).toEqual({
        kind: 'held',
        intentId: 'one',
      });
      expect(
        await ledger.claimName({ vaultUrl: 'https://others.vault.azure.net', secretName: `name-${id}` }, 'two'),
      ).toEqual({ kind: 'claimed' });
    });

    it('go to exactly one of many who claim at once, who all learn the same', async () => {
      const claimers = Array.from({ length: 10 }, (_none, index) => `claimer-${index}`);
      const outcomes = await Promise.all(
        claimers.map((claimer) => ledger.claimName({ vaultUrl: VAULT, secretName: `race-${id}` }, claimer)),
      );
      const winner = claimers.filter((_claimer, index) => outcomes[index]?.kind === 'claimed');
      expect(winner).toHaveLength(1);
      const held = outcomes.filter(({ kind }) => kind === 'held');
      expect(held).toEqual(Array(9).fill({ kind: 'held', intentId: winner[0] }));
    });

    it('are neither claimed nor held while their holder cannot be read', async () => {
      await ledger.claimName({ vaultUrl: VAULT, secretName: `blind-${id}` }, 'one');
      world.faults.add({ service: 'table', operation: 'get', fault: { status: 500 } });
      expect((await ledger.claimName({ vaultUrl: VAULT, secretName: `blind-${id}` }, 'one')).kind).toBe('unreachable');
    });

    it('are claimed by whose first answer was lost', async () => {
      world.faults.add({ service: 'table', operation: 'insert', times: 1, fault: { drop: 'after' } });
      expect(await ledger.claimName({ vaultUrl: VAULT, secretName: `lost-${id}` }, 'one')).toEqual({ kind: 'claimed' });
    });
  });

  describe('a table that is not there', () => {
    it.each<[string, (gone: Ledger) => Promise<unknown>, unknown]>([
      ['read', (gone) => gone.read(id), GONE],
      ['insert', (gone) => gone.insert(intentOf(id)), GONE],
      ['noteDue', (gone) => gone.noteDue({ intentId: id, at: new Date() }), GONE],
      ['clearDue', (gone) => gone.clearDue(id, new Date()), GONE],
      ['listDue', (gone) => gone.listDue({ limit: 1 }), GONE],
      ['claimName', (gone) => gone.claimName({ vaultUrl: VAULT, secretName: 'n' }, id), GONE],
      ['remove', (gone) => gone.remove(id, 'W/"datetime\'2026\'"'), 'unreachable'],
      ['ping', (gone) => gone.ping(), GONE],
    ])('is no empty ledger, and none is made: %s', async (operation, call, expected) => {
      expect(await call(world.open(`gone${operation}`))).toEqual(expected);
      await expect(world.emulator.rows(`gone${operation}`)).rejects.toThrow('TableNotFound');
    });
  });
});
