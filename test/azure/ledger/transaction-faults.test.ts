import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultEffect } from '../../../src/sandbox/kit/faults.ts';
import { type Row, rowOf } from '../../../src/vending/model/rows.ts';
import type { Ledger } from '../../../src/vending/ports/ledger.ts';
import { COMMITTED, commitsAbout, keysAbout, NO_ETAG, unreachable } from './commits.ts';
import { startTableWorld, type TableWorld } from './emulated-table.ts';

const MULTIPART = { 'content-type': 'multipart/mixed; boundary=batchresponse_1' };

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

const { inserting, replacing, dueRow } = commitsAbout(() => id);
const keysOf = () => keysAbout(id, world);

describe('a commit that is refused for another reason writes nothing and says what the service said', () => {
  it.each<[string, number, string, () => readonly Row[]]>([
    ['the same row twice', 400, 'InvalidDuplicateRow', () => [dueRow(1), dueRow(1)]],
    ['101 rows', 400, 'InvalidInput', () => Array.from({ length: 100 }, (_none, at) => dueRow(at))],
    [
      'a value beyond 32 K characters',
      400,
      'PropertyValueTooLarge',
      () => [rowOf('audit', { id, at: 1, sequence: 1, part: 0, body: 'x'.repeat(33_000) })],
    ],
    [
      'four megabytes',
      413,
      'RequestBodyTooLarge',
      () =>
        Array.from({ length: 99 }, (_none, part) =>
          rowOf('audit', { id, at: 1, sequence: 1, part, body: 'é'.repeat(32_000) }),
        ),
    ],
  ])('%s', async (_what, status, code, put) => {
    const outcome = await ledger.commit(inserting(id, { put: put() }));
    expect(outcome).toEqual(unreachable({ service: 'ledger', status, code, requestId: expect.any(String) }));
    expect(await keysOf()).toEqual([]);
  });

  it('a hundred rows are not too many', async () => {
    expect(await ledger.commit(inserting(id, { put: Array.from({ length: 99 }, (_none, at) => dueRow(at)) }))).toEqual(
      COMMITTED,
    );
    expect(await keysOf()).toHaveLength(100);
  });

  const error = (code: string): object => ({ 'odata.error': { code, message: { lang: 'en-US', value: '0:No.' } } });
  it.each([
    [500, 'OperationTimedOut'],
    [503, 'ServerBusy'],
    [429, 'TooManyRequests'],
    [403, 'AuthorizationPermissionMismatch'],
    [404, 'TableNotFound'],
    [409, 'TableBeingDeleted'],
    [400, 'EntityAlreadyExists'],
  ])('%i %s', async (status, code) => {
    world.faults.add({ service: 'table', operation: 'batch', fault: { status, body: error(code) } });
    expect(await ledger.commit(inserting())).toEqual(unreachable({ status, code, requestId: expect.any(String) }));
  });
});

it.each([
  [412, 'UpdateConditionNotSatisfied'],
  [404, 'ResourceNotFound'],
])('a row beside the credential has no ETag, so %i %s about it is no conflict', async (status, code) => {
  const body = { 'odata.error': { code, message: { lang: 'en-US', value: '1:No.' } } };
  world.faults.add({ service: 'table', operation: 'batch', fault: { status, body } });
  const outcome = await ledger.commit(inserting(id, { put: [dueRow(1)] }));
  expect(outcome).toEqual(unreachable({ status, code, requestId: expect.any(String) }));
});

describe('a commit whose answer does not come', () => {
  it('once is a conflict with itself, and the row read again has our writeId', async () => {
    world.faults.add({ service: 'table', operation: 'batch', times: 1, fault: { drop: 'after' } });
    expect(await ledger.commit(inserting())).toEqual({ kind: 'conflict', row: 'credential' });
    const { etag } = { etag: '', ...(await ledger.read('credential', id)) };
    await ledger.commit({ put: [dueRow(2)] });
    const change = replacing(etag, 'mine', { put: [dueRow(1)], remove: [dueRow(2).key] });
    world.faults.add({ service: 'table', operation: 'batch', times: 1, fault: { drop: 'after' } });
    expect(await ledger.commit(change)).toEqual({ kind: 'conflict', row: 'credential' });
    expect(await ledger.read('credential', id)).toMatchObject({ value: { writeId: 'mine' } });
    expect(await keysOf()).toEqual([`credential_${id}`, dueRow(1).key]);
  });

  it('once is done again where it only cleans up', async () => {
    await ledger.commit({ put: [dueRow(1), dueRow(2)] });
    world.faults.add({ service: 'table', operation: 'batch', times: 1, fault: { drop: 'after' } });
    expect(await ledger.commit({ remove: [dueRow(1).key, dueRow(2).key] })).toEqual(NO_ETAG);
    expect(await keysOf()).toEqual([]);
  });

  it.each<[FaultEffect, string]>([
    [{ drop: 'after' }, 'ECONNRESET'],
    [{ drop: 'before' }, 'ECONNRESET'],
    [{ truncate: true }, 'PARSE_ERROR'],
    [{ delayMs: 60_000 }, 'TimeoutError'],
  ])('at all is unreachable: %j', async (fault, code) => {
    world.faults.add({ service: 'table', operation: 'batch', fault });
    expect(await ledger.commit(inserting())).toEqual({ kind: 'unreachable', upstream: { service: 'ledger', code } });
  });
});

describe('an answer that is not of the table service proves nothing', () => {
  const part = (status: number, header: string): Buffer =>
    Buffer.from(
      ['', '--changesetresponse_1', '', `HTTP/1.1 ${status} Text`, header, '', '--changesetresponse_1--'].join('\r\n'),
    );

  it.each<[string, FaultEffect]>([
    ['a page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>Welcome</p>' }],
    ['an empty 202', { status: 202, headers: MULTIPART }],
    ['a 204', { status: 204 }],
    ['one part for two operations', { status: 202, headers: MULTIPART, body: part(204, 'ETag: W/"1"') }],
    ['a redirect', { status: 307, headers: { location: 'https://other.table.core.windows.net/$batch' } }],
    ['a 404', { status: 404 }],
    ['a 409', { status: 409 }],
    ['a 412', { status: 412 }],
  ])('%s', async (_what, fault) => {
    world.faults.add({ service: 'table', operation: 'batch', times: 1, fault });
    const outcome = await ledger.commit(inserting(id, { put: [dueRow(1)] }));
    expect(outcome).toEqual(unreachable({ status: fault.status }));
  });

  it.each<[string, Buffer, object]>([
    ['a part that is no 204', part(200, 'ETag: W/"1"'), unreachable({ status: 202, code: 'UnexpectedAnswer' })],
    ['a credential without an ETag', part(204, 'X: 1'), unreachable({ status: 202, code: 'UnexpectedAnswer' })],
    ['and a 204 with an ETag does', part(204, 'ETag: W/"1"'), { kind: 'committed', etag: 'W/"1"' }],
  ])('%s', async (_what, body, expected) => {
    world.faults.add({ service: 'table', operation: 'batch', fault: { status: 202, headers: MULTIPART, body } });
    expect(await ledger.commit(inserting())).toEqual(expected);
  });
});
