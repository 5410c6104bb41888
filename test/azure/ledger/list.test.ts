import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultEffect } from '../../../src/sandbox/kit/faults.ts';
import { callerHash, type Row, rowOf } from '../../../src/vending/model/rows.ts';
import { iso } from '../../../src/vending/model/timings.ts';
import type { Ledger } from '../../../src/vending/ports/ledger.ts';
import { unreachable } from './commits.ts';
import { startTableWorld, TABLE, type TableWorld } from './emulated-table.ts';

let world: TableWorld;
let ledger: Ledger;
let id: string;
/** How many rows the table answered with, by its answers. */
let given: number[];
beforeAll(async () => {
  world = await startTableWorld({
    observe: (client) => ({
      sendRequest: async (request) => {
        const response = await client.sendRequest(request);
        const rows = response.bodyAsText?.match(/"RowKey":/g);
        if (rows) given.push(rows.length);
        return response;
      },
    }),
  });
  ledger = world.open();
});
beforeEach(() => {
  world.faults.clear();
  id = randomUUID();
  given = [];
});
afterAll(() => world.emulator.close());

const put = async (rows: readonly Row[]): Promise<void> => {
  for (let from = 0; from < rows.length; from += 100)
    expect(await ledger.commit({ put: rows.slice(from, from + 100) })).toEqual({ kind: 'committed', etag: '' });
};
/** A caller of this test alone, with so many credentials. */
const callerRows = (count: number): readonly Row[] =>
  Array.from({ length: count }, (_none, at) => rowOf('caller', { caller: id, createdAt: at, id: `c${at}` }));
const rotation = (of: string): Row =>
  rowOf('rotation', { id: of, requestKey: 'r', attempt: 1, nonce: 'n', requestHash: 'h' });
const ofCaller = () => ({ kind: 'caller' as const, within: [callerHash(id)] });

describe('a list', () => {
  it('has the rows of a kind that go on with the given parts, in the order of their keys', async () => {
    const rows = callerRows(3);
    await put([
      ...rows.toReversed(),
      rowOf('caller', { caller: `${id}x`, createdAt: 1, id }),
      rowOf('key', { apiKeyId: id, id, attempt: 1 }),
    ]);
    expect(await ledger.list({ ...ofCaller(), limit: 10 })).toEqual({
      kind: 'listed',
      rows: rows.map(({ key, value }) => ({ key, value })),
      unreadable: [],
    });
    await put([rowOf('attempt', { id, attempt: 1, nonce: 'n', purpose: 'vend', claimedAt: 1, outcome: 'open' })]);
    for (const part of [id, `${id.slice(0, -1)}`])
      expect(await ledger.list({ kind: 'attempt', within: [part], limit: 10 })).toMatchObject({
        rows: part === id ? [{ value: { attempt: 1 } }] : [],
      });
  });

  it('goes on where the page before it ended, and costs the rows that it gives and one', async () => {
    await put(callerRows(5));
    const pages: (readonly string[])[] = [];
    let from: string | undefined;
    do {
      const page = await ledger.list({ ...ofCaller(), limit: 2, from });
      if (page.kind !== 'listed') expect.fail(page.kind);
      pages.push(page.rows.map(({ key }) => key));
      from = page.next;
    } while (from !== undefined);
    expect(pages.flat()).toEqual(callerRows(5).map(({ key }) => key));
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(given).toEqual([3, 3, 1]);
  });

  it('has no next page where there is nothing more', async () => {
    await put(callerRows(2));
    expect(await ledger.list({ ...ofCaller(), limit: 2 })).not.toHaveProperty('next');
    expect(await ledger.list({ kind: 'caller', within: [callerHash(`${id}y`)], limit: 2 })).toEqual({
      ...{ kind: 'listed', rows: [], unreadable: [] },
    });
  });

  it('may be longer than a page of the service', async () => {
    await put(callerRows(1_200));
    const list = await ledger.list({ ...ofCaller(), limit: 1_100 });
    const expected = callerRows(1_200).map(({ key }) => key);
    expect(list).toMatchObject({ next: expected[1_100]?.slice('caller_'.length) });
    expect(list.kind === 'listed' && list.rows.map(({ key }) => key)).toEqual(expected.slice(0, 1_100));
    expect(given).toEqual([1_000, 101]);
  });

  it('begins at a key, and ends before one', async () => {
    await put(callerRows(4));
    const caller = callerHash(id);
    const numbers = async (query: { readonly before?: string; readonly from?: string }): Promise<unknown> => {
      const list = await ledger.list({ ...ofCaller(), ...query, limit: 10 });
      return list.kind === 'listed' && list.rows.map(({ value }) => value.createdAt);
    };
    expect(await numbers({ before: `${caller}_${iso(2)}_c2` })).toEqual([0, 1]);
    expect(await numbers({ from: `${caller}_${iso(1)}_c1`, before: `${caller}_${iso(3)}` })).toEqual([1, 2]);
    expect(await numbers({ from: `${caller}_${iso(2)}`, before: `${caller}_${iso(1)}` })).toEqual([]);
  });

  it('stays among the given parts, whatever the keys it begins and ends at', async () => {
    await put([`${id}a`, `${id}b`, `${id}bc`, `${id}d`].map(rotation));
    await world.plant(`rotation_${id}b_x`, { partitionKey: 'another', document: '{}' });
    for (const range of [{}, { from: `${id}a`, before: `${id}e` }])
      expect(await ledger.list({ kind: 'rotation', within: [`${id}b`], ...range, limit: 10 })).toEqual({
        ...{ kind: 'listed', unreadable: [] },
        rows: [{ key: `rotation_${id}b_r`, value: rotation(`${id}b`).value }],
      });
  });

  it('takes parts and keys that mean something in OData', async () => {
    for (const part of ["o'hara", "''", "x' or RowKey ge 'a", 'a+b c&d%27']) {
      await put([rotation(`${part} ${id}`)]);
      const expected = { rows: [{ value: { id: `${part} ${id}` } }] };
      expect(await ledger.list({ kind: 'rotation', within: [`${part} ${id}`], limit: 10 })).toMatchObject(expected);
      const from = `${part} ${id}_r`;
      expect(await ledger.list({ kind: 'rotation', from, before: `${from}~`, limit: 10 })).toMatchObject(expected);
    }
  });

  it('puts rows that it cannot read aside, and goes on', async () => {
    const [first, second, third] = callerRows(3);
    if (first === undefined || second === undefined || third === undefined) expect.fail('no rows');
    await put([first, third]);
    await world.plant(second.key, { document: '{"later":true}' });
    const page = await ledger.list({ ...ofCaller(), limit: 2 });
    expect(page).toMatchObject({
      rows: [{ key: first.key }],
      unreadable: [second.key],
      next: third.key.slice('caller_'.length),
    });
    world.emulator.copyRow(TABLE, { partitionKey: 'ledger', rowKey: first.key }, [
      { partitionKey: 'ledger', rowKey: `${third.key}-copy` },
    ]);
    await world.plant(`open_${id}`, { document: JSON.stringify({ id, since: 8.7e15, reason: 'a date that is none' }) });
    expect(await ledger.list({ ...ofCaller(), limit: 9 })).toMatchObject({
      unreadable: [second.key, `${third.key}-copy`],
    });
    await world.plant(`open_${id}~`, {});
    const unreadable = [`open_${id}`, `open_${id}~`];
    expect(await ledger.list({ kind: 'open', from: id, limit: 9 })).toMatchObject({ unreadable });
  });

  it('goes on after a page without a row, which the service may answer with', async () => {
    const rows = callerRows(1);
    await put(rows);
    const at = 'x-ms-continuation-Next';
    const next = { [`${at}PartitionKey`]: btoa('ledger'), [`${at}RowKey`]: btoa('caller_') };
    const fault = { status: 200, body: { value: [] }, headers: { 'content-type': 'application/json', ...next } };
    world.faults.add({ service: 'table', operation: 'query', times: 2, fault });
    expect(await ledger.list({ ...ofCaller(), limit: 9 })).toMatchObject({ rows: [{ key: rows[0]?.key }] });
  });

  it.each<[FaultEffect, object]>([
    [{ drop: 'after' }, { code: 'ECONNRESET' }],
    [{ truncate: true }, { code: 'PARSE_ERROR' }],
    [{ status: 500 }, { status: 500 }],
    [{ status: 404 }, { status: 404 }],
    [{ status: 200 }, { status: 200, code: 'UnexpectedAnswer' }],
    [{ status: 200, body: '<p>Welcome</p>', headers: { 'content-type': 'text/html' } }, { status: 200 }],
    [{ status: 200, body: { value: [{}] } }, {}],
    [{ status: 204 }, { status: 204 }],
  ])('is not empty after %j', async (fault, upstream) => {
    world.faults.add({ service: 'table', operation: 'query', fault });
    expect(await ledger.list({ kind: 'due', limit: 1 })).toEqual(unreachable({ service: 'ledger', ...upstream }));
  });
});

describe('what is due', () => {
  it('is listed by its kind and date, the oldest first, up to a date', async () => {
    // Before any other test's date.
    const at = (ms: number): number => Date.UTC(1970, 0, 2) + ms;
    const due = [2, 0, 1, 3].map((ms) => rowOf('due', { id, at: at(ms) }));
    await put([...due, rowOf('prune', { id, at: at(1) })]);
    const page = await ledger.listDue({ kind: 'due', before: at(3), limit: 2 });
    expect(page).toMatchObject({
      rows: [{ value: { id, at: at(0) } }, { value: { id, at: at(1) } }],
      next: `${iso(at(2))}_${id}`,
    });
    const from = page.kind === 'listed' ? page.next : undefined;
    const rest = await ledger.listDue({ kind: 'due', before: at(3), limit: 2, from });
    expect(rest).toEqual({
      kind: 'listed',
      rows: [{ key: rowOf('due', { id, at: at(2) }).key, value: { id, at: at(2) } }],
      unreadable: [],
    });
    expect(await ledger.listDue({ kind: 'prune', before: at(3), limit: 9 })).toMatchObject({
      rows: [{ value: { at: at(1) } }],
    });
  });
});
