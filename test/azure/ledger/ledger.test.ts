import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultEffect } from '../../../src/sandbox/kit/faults.ts';
import { type Row, rowOf } from '../../../src/vending/model/rows.ts';
import type { Ledger } from '../../../src/vending/ports/ledger.ts';
import { unreachable } from './commits.ts';
import { credentialOf, startTableWorld, TABLE, type TableWorld } from './emulated-table.ts';

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

describe('a row that is read', () => {
  it('is absent where nobody wrote it', async () => {
    expect(await ledger.read('credential', id)).toEqual({ kind: 'absent' });
    expect(await ledger.read('name', 'teams.vault.azure.net', `o'hara ${id}`)).toEqual({ kind: 'absent' });
  });

  it.each<Row>([
    rowOf('due', { id: 'c', at: 1 }),
    rowOf('prune', { id: 'c', at: 1 }),
    rowOf('open', { id: 'c', since: 1, reason: 'unknown' }),
    rowOf('name', { vaultUrl: 'https://Teams.vault.azure.net/', secretName: 'Orders', id: 'c' }),
    rowOf('key', { apiKeyId: 'K', id: 'c', attempt: 1 }),
    rowOf('rotation', { id: 'c', requestKey: 'r', attempt: 2, nonce: 'n', requestHash: 'h' }),
    rowOf('attempt', { id: 'c', attempt: 1, nonce: 'n', purpose: 'vend', claimedAt: 1, outcome: 'open' }),
    rowOf('caller', { caller: 'entra:tenant:oid', createdAt: 1, id: 'c' }),
    rowOf('audit', { id: 'c', at: 1, sequence: 1, part: 0, body: '{"a":"注文"}' }),
    rowOf('event', { id: 'c', at: 1, sequence: 1, part: 1, body: '{}' }),
  ])('is what was written: $key', async (row) => {
    const etag = expect.stringMatching(/^W\//);
    await ledger.commit({ put: [row] });
    expect(await ledger.read(row.kind, row.key.slice(row.kind.length + 1))).toEqual({
      ...{ kind: 'found', value: row.value, etag },
    });
  });

  it.each<[string, unknown]>([
    ['no document', undefined],
    ['a document that is a number', 1],
    ['a document that is not JSON', '{'],
    ['the document of another row', JSON.stringify(credentialOf('another'))],
    ['a field of a later version', JSON.stringify({ ...credentialOf('planted'), lentTo: 'x' })],
    ['a phase of a later version', JSON.stringify(credentialOf('planted')).replace('"minting"', '"lent"')],
    ['no writeId', JSON.stringify({ ...credentialOf('planted'), writeId: undefined })],
  ])('is unreadable with %s', async (_what, document) => {
    await world.plant('credential_planted', document === undefined ? {} : { document });
    expect(await ledger.read('credential', 'planted')).toEqual({ kind: 'unreadable' });
  });

  it.each<[FaultEffect, object]>([
    [{ drop: 'after' }, { code: 'ECONNRESET' }],
    [{ truncate: true }, { code: 'PARSE_ERROR' }],
    [{ delayMs: 60_000 }, { code: 'TimeoutError' }],
    [{ status: 500 }, { status: 500 }],
    [{ status: 403 }, { status: 403 }],
    [{ status: 404 }, { status: 404 }],
    [
      { status: 400, body: { 'odata.error': { code: 'ResourceNotFound' } } },
      { status: 400, code: 'ResourceNotFound' },
    ],
    [
      { status: 200, body: {} },
      { status: 200, code: 'UnexpectedAnswer' },
    ],
    [{ status: 200, body: '<p>Welcome</p>', headers: { 'content-type': 'text/html' } }, { status: 200 }],
    ...[
      { RowKey: 'key_X', 'odata.etag': 'W/"1"', document: '{}' },
      { RowKey: 'credential_X', document: '{}' },
      { RowKey: 'credential_X', 'odata.etag': '', document: '{}' },
    ].map((body): [FaultEffect, object] => [
      { status: 200, body },
      { status: 200, code: 'UnexpectedAnswer' },
    ]),
    [{ status: 204 }, { status: 204 }],
  ])('is not absent after %j', async (fault, upstream) => {
    world.faults.add({ service: 'table', operation: 'get', fault });
    expect(await ledger.read('credential', 'X')).toEqual(unreachable({ service: 'ledger', ...upstream }));
  });
});

describe('a token', () => {
  it('is asked for by each request: nothing renews it in the background', async () => {
    let asked = 0;
    const credential: TokenCredential = {
      getToken: async (scopes) => {
        expect(scopes).toBe('https://storage.azure.com/.default');
        asked++;
        return { token: 'function', expiresOnTimestamp: Date.now() + 1_000 };
      },
    };
    const own = world.open(TABLE, credential);
    for (let read = 0; read < 3; read++) await own.read('credential', id);
    await own.commit({ remove: ['due_x', 'due_y'] });
    expect(asked).toBe(3 + 2);
  });

  it('that cannot be had makes the ledger unreachable', async () => {
    const getToken = () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
    const outcome = await world.open(TABLE, { getToken }).read('credential', id);
    expect(outcome).toEqual(unreachable({ code: 'ECONNREFUSED' }));
  });
});

describe('a ping', () => {
  it('answers for a table that is there', async () => {
    expect(await ledger.ping()).toBe(true);
  });

  it.each<FaultEffect>([{ status: 500 }, { status: 403 }, { status: 404 }, { status: 200 }, { drop: 'before' }])(
    'does not answer after %j',
    async (fault) => {
      world.faults.add({ service: 'table', fault });
      expect(await ledger.ping()).toBe(false);
    },
  );
});

describe('a table that is not there', () => {
  const GONE = unreachable({ status: 404, code: 'TableNotFound' });

  it.each<[string, (gone: Ledger) => Promise<unknown>, unknown]>([
    ['read', (gone) => gone.read('credential', id), GONE],
    ['insert', (gone) => gone.commit({ credential: { action: 'insert', value: credentialOf(id) } }), GONE],
    [
      'replace',
      (gone) => gone.commit({ credential: { action: 'replace', value: credentialOf(id), etag: 'W/"1"' } }),
      GONE,
    ],
    [
      'remove',
      (gone) => gone.commit({ credential: { action: 'remove', id, etag: 'W/"1"' } }),
      expect.objectContaining({ kind: 'unreachable' }),
    ],
    ['removeRow', (gone) => gone.commit({ remove: ['due_x'] }), GONE],
    ['list', (gone) => gone.list({ kind: 'due', limit: 1 }), GONE],
    ['listDue', (gone) => gone.listDue({ kind: 'due', before: 1, limit: 1 }), GONE],
    ['ping', (gone) => gone.ping(), false],
  ])('is no empty ledger, and none is made: %s', async (name, call, expected) => {
    expect(await call(world.open(`gone${name}`))).toEqual(expected);
    await expect(world.emulator.rows(`gone${name}`)).rejects.toThrow('TableNotFound');
  });
});
