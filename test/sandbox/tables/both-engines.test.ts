import { odata } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BothEngines, type RawRequest, type Subject, startBothEngines } from './both-engines.ts';
import { TABLE } from './rig.ts';

let both: BothEngines;
beforeAll(async () => {
  both = await startBothEngines();
});
afterAll(() => both.close());

const MINIMAL = 'application/json;odata=minimalmetadata';
const JSON_HEADERS = { accept: MINIMAL, 'content-type': 'application/json' };
const HOSTILE = ["o'brien", "''", 'a b%20c+d', 'ünïcode 注文', '😀', '｡', '', 'a&b=c;d', '(PartitionKey=x)', '"'];

/** @throws Error unless both said the same. */
async function same(action: (subject: Subject) => Promise<unknown>): Promise<string> {
  const [azurite, memory] = await both.act(action);
  expect(memory).toEqual(azurite);
  return azurite.exchanges.map((exchange) => JSON.parse(exchange).status).join(' ');
}

async function sameRaw(raw: RawRequest): Promise<string> {
  const [azurite, memory] = await both.send(raw);
  expect(memory).toBe(azurite);
  return azurite;
}

describe('both engines say the same', () => {
  it('of a table that is not there, is made, and is made again', async () => {
    expect(await same(({ client }) => client.getEntity('p', 'r'))).toBe('404');
    expect(await same(({ client }) => client.createEntity({ partitionKey: 'p', rowKey: 'r' }))).toBe('404');
    expect(await same(({ client }) => client.upsertEntity({ partitionKey: 'p', rowKey: 'r' }, 'Replace'))).toBe('404');
    expect(await same(({ client }) => client.deleteEntity('p', 'r'))).toBe('404');
    expect(await same(({ client }) => client.listEntities().next())).toBe('404');
    expect(await same(({ client }) => client.createTable())).toBe('201');
    expect(await same(({ client }) => client.createTable())).toBe('409');
    const [azurite, memory] = await both.rows('nowhere');
    expect(memory).toBe(azurite);
  });

  it.each(HOSTILE)('of a row under the keys %j', async (key) => {
    const row = (text: string) => ({ partitionKey: key, rowKey: key, text });
    const outcomes = [
      await same(({ client }) => client.getEntity(key, key)),
      await same(({ client }) => client.createEntity(row(`Größe ${key} "注文"`))),
      await same(({ client }) => client.createEntity(row('again'))),
      await same(({ client }) => client.getEntity(key, key)),
      await same(({ client }) => client.upsertEntity(row('upserted'), 'Replace')),
      await same(async ({ client }) => {
        const { etag } = await client.getEntity(key, key);
        await client.updateEntity(row('replaced'), 'Replace', { etag });
        await client.updateEntity(row('stale'), 'Replace', { etag });
      }),
      await same(async ({ client }) => {
        const filter = odata`PartitionKey eq ${key} and RowKey ge ${key} and RowKey lt ${`${key}~`}`;
        return client.listEntities({ queryOptions: { filter } }).next();
      }),
      await same(({ client }) => client.deleteEntity(key, key, { etag: 'W/"stale"' })),
      await same(({ client }) => client.deleteEntity(key, key)),
      await same(({ client }) => client.deleteEntity(key, key)),
    ];
    expect(outcomes).toEqual(['404', '204', '409', '200', '204', '200 204 412', '200', '412', '204', '404']);
  });

  it('of every kind of property that they both have', async () => {
    const properties = {
      ...{
        text: 'a "text"\n\u2028',
        empty: '',
        yes: true,
        no: false,
        whole: -5,
        large: 2 ** 40,
        half: 0.5,
        tiny: 1e-9,
      },
      ...{ bytes: new Uint8Array([0, 255]), time: new Date(0), long: 9_007_199_254_740_993n, none: null },
    };
    const key = { partitionKey: 'kinds', rowKey: 'all' };
    expect(await same(({ client }) => client.createEntity({ ...key, ...properties }))).toBe('204');
    expect(await same(({ client }) => client.getEntity('kinds', 'all'))).toBe('200');
    for (const level of ['nometadata', 'fullmetadata', 'minimalmetadata']) {
      const accept = `application/json; odata=${level}`;
      await sameRaw({ method: 'GET', path: `/${TABLE}(PartitionKey='kinds',RowKey='all')`, headers: { accept } });
      await sameRaw({ method: 'GET', path: `/${TABLE}?$filter=PartitionKey%20eq%20'kinds'`, headers: { accept } });
      const headers = { ...JSON_HEADERS, accept };
      const body = JSON.stringify({
        PartitionKey: 'kinds',
        RowKey: level,
        x: 1.5,
        y: '1',
        'y@odata.type': 'Edm.Int64',
      });
      expect(await sameRaw({ method: 'POST', path: `/${TABLE}`, headers, body })).toContain('"status":201');
      await sameRaw({ method: 'POST', path: '/Tables', headers, body: `{"TableName":"made${level}"}` });
    }
  });

  it('of pages of a range', async () => {
    for (let number = 0; number < 7; number++) {
      await same(({ client }) => client.createEntity({ partitionKey: 'pages 注', rowKey: `row ü${number}`, number }));
    }
    const filter = odata`PartitionKey eq ${'pages 注'} and RowKey gt ${'row ü1'} and RowKey le ${'row ü6'}`;
    const statuses = await same(async ({ client }) => {
      const pages: unknown[] = [];
      const all = client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: 2 });
      for await (const page of all) pages.push(page);
      return pages;
    });
    expect(statuses).toBe('200 200 200');
    const everything = await same(async ({ client }) => {
      for await (const page of client.listEntities().byPage({ maxPageSize: 3 })) expect(page.length).toBeGreaterThan(0);
    });
    expect(everything.split(' ').length).toBeGreaterThan(3);
    for (const bounds of [
      "eq 'row ü3'",
      "ge 'row ü2' and RowKey ge 'row' and RowKey lt 'row ü5'",
      "gt 'z' and RowKey le 'a'",
    ]) {
      const path = `/${TABLE}()?$filter=${encodeURIComponent(`PartitionKey eq 'pages 注' and RowKey ${bounds}`)}`;
      await sameRaw({ method: 'GET', path, headers: JSON_HEADERS });
    }
    for (const top of [0, 1, 1000]) {
      expect(await sameRaw({ method: 'GET', path: `/${TABLE}()?$top=${top}`, headers: JSON_HEADERS })).toContain('200');
    }
  });

  const LONG = 'x'.repeat(32 * 1024);
  const ENTITY = `/${TABLE}(PartitionKey='odd',RowKey='r')`;
  it.each<[string, Partial<RawRequest>, number]>([
    ['a key with a slash', { body: '{"PartitionKey":"a/b","RowKey":"r"}' }, 400],
    ['a key with a control character', { body: '{"PartitionKey":"a","RowKey":"\\u0007"}' }, 400],
    ['a key that is too long', { body: JSON.stringify({ PartitionKey: 'x'.repeat(513), RowKey: 'r' }) }, 400],
    ['no key', { body: '{"PartitionKey":"a"}' }, 400],
    ['no JSON', { body: '{"PartitionKey":' }, 400],
    ['no body', { body: '' }, 400],
    ['a property that is an object', { body: '{"PartitionKey":"a","RowKey":"r","x":{}}' }, 400],
    ['the longest text', { body: JSON.stringify({ PartitionKey: 'a', RowKey: 'long', LONG }) }, 201],
    ['a longer text', { body: JSON.stringify({ PartitionKey: 'a', RowKey: 'r', text: `${LONG}.` }) }, 400],
    ['an ETag in the body', { body: '{"PartitionKey":"a","RowKey":"e","odata.etag":"W/x"}' }, 201],
    ['a short table name', { path: '/Tables', body: '{"TableName":"ab"}' }, 400],
    ['a long table name', { path: '/Tables', body: JSON.stringify({ TableName: 'a'.repeat(64) }) }, 400],
    ['a table name with a hyphen', { path: '/Tables', body: '{"TableName":"a-b-c"}' }, 400],
    ['a table name that is taken', { path: '/Tables', body: '{"TableName":"tables"}' }, 400],
    ['a table name in another spelling', { path: '/Tables', body: JSON.stringify({ TableName: 'LEDGER' }) }, 409],
    [
      'a table without an answer',
      { path: '/Tables', body: '{"TableName":"quiet"}', headers: { prefer: 'return-no-content' } },
      204,
    ],
    ['a table asked for in another spelling', { method: 'GET', path: '/LEDGER()?$top=1' }, 200],
    ['other keys in the body than in the path', { method: 'PUT', path: ENTITY, body: '{"PartitionKey":"x"}' }, 204],
    [
      'a replacement where nothing is',
      { method: 'PUT', path: ENTITY.replace('odd', 'none'), headers: { 'if-match': '*' }, body: '{}' },
      404,
    ],
    [
      'a replacement on an empty condition',
      { method: 'PUT', path: ENTITY, headers: { 'if-match': '' }, body: '{}' },
      412,
    ],
    ['a replacement on no ETag', { method: 'PUT', path: ENTITY, headers: { 'if-match': 'etag' }, body: '{}' }, 400],
    [
      'a replacement of too much',
      {
        method: 'PUT',
        path: ENTITY,
        body: JSON.stringify(Object.fromEntries(Array.from({ length: 33 }, (_none, place) => [`p${place}`, LONG]))),
      },
      400,
    ],
    ['a deletion on no condition', { method: 'DELETE', path: ENTITY }, 400],
    ['a deletion on an empty condition', { method: 'DELETE', path: ENTITY, headers: { 'if-match': '' } }, 412],
    ['a deletion on no ETag', { method: 'DELETE', path: ENTITY, headers: { 'if-match': 'etag' } }, 400],
  ])('of %s', async (_name, raw, status) => {
    const headers = { ...JSON_HEADERS, ...raw.headers };
    const answer = await sameRaw({ method: 'POST', path: `/${TABLE}`, ...raw, headers });
    expect(JSON.parse(answer)).toMatchObject({ status });
  });

  it('of all rows, read past the front', async () => {
    const [azurite, memory] = await both.rows(TABLE);
    expect(memory).toBe(azurite);
    expect(azurite).toContain('kinds');
  });
});

it.each<[string, RawRequest]>([
  ['a transaction', { method: 'POST', path: '/$batch' }],
  ['the deletion of a table', { method: 'DELETE', path: `/Tables('${TABLE}')` }],
  ['a list of tables', { method: 'GET', path: '/Tables' }],
  ['a merge', { method: 'PATCH', path: `/${TABLE}(PartitionKey='p',RowKey='r')`, body: '{}' }],
  ['a method within a method', { method: 'POST', path: `/${TABLE}`, headers: { 'x-http-method': 'MERGE' } }],
  ['a selection', { method: 'GET', path: `/${TABLE}()?$select=RowKey` }],
  ['a filter by a column', { method: 'GET', path: `/${TABLE}()?$filter=state%20eq%20'minting'` }],
  ['a filter by row keys alone', { method: 'GET', path: `/${TABLE}()?$filter=RowKey%20eq%20'intent'` }],
  [
    'a filter with "or"',
    { method: 'GET', path: `/${TABLE}()?$filter=PartitionKey%20eq%20'a'%20or%20RowKey%20eq%20'b'` },
  ],
  ['half a continuation', { method: 'GET', path: `/${TABLE}()?NextPartitionKey=YQ==` }],
  ['a page of no size', { method: 'GET', path: `/${TABLE}()?$top=some` }],
  ['XML', { method: 'GET', path: `/${TABLE}()`, headers: { accept: 'application/atom+xml' } }],
  ['another format', { method: 'GET', path: `/${TABLE}()?$format=json` }],
  ['another version of the service', { method: 'GET', path: `/${TABLE}()`, headers: { 'x-ms-version': '2020-12-06' } }],
  [
    'a GUID',
    { method: 'POST', path: `/${TABLE}`, body: '{"PartitionKey":"a","RowKey":"g","x":"1","x@odata.type":"Edm.Guid"}' },
  ],
  [
    'a property of every object',
    { method: 'POST', path: `/${TABLE}`, body: '{"PartitionKey":"a","RowKey":"g","toString":"1"}' },
  ],
  [
    'a time of its own',
    { method: 'POST', path: `/${TABLE}`, body: '{"PartitionKey":"a","RowKey":"g","Timestamp":"1"}' },
  ],
  ['a key that is a number', { method: 'POST', path: `/${TABLE}`, body: '{"PartitionKey":1,"RowKey":"g"}' }],
  ['a list for an entity', { method: 'POST', path: `/${TABLE}`, body: '[]' }],
  ['a slash in a path', { method: 'GET', path: `/${TABLE}(PartitionKey='a%2Fb',RowKey='r')` }],
  ['half an escape', { method: 'GET', path: `/${TABLE}(PartitionKey='%E3',RowKey='r')` }],
  ['another preference', { method: 'POST', path: `/${TABLE}`, headers: { prefer: 'respond-async' }, body: '{}' }],
  [
    'another content type',
    { method: 'POST', path: `/${TABLE}`, headers: { 'content-type': 'text/plain' }, body: '{}' },
  ],
  ['its access policy', { method: 'GET', path: `/${TABLE}?comp=acl` }],
])('the engine in memory says that it does not do %s', async (_name, raw) => {
  const [, memory] = await both.send({ ...raw, headers: { ...JSON_HEADERS, ...raw.headers } });
  const { status, headers, body } = JSON.parse(memory);
  expect(status).toBe(501);
  expect(headers).toMatchObject({ 'x-ms-error-code': 'NotImplementedInMemory' });
  expect(JSON.parse(body)).toMatchObject({ 'odata.error': { code: 'NotImplementedInMemory' } });
});
