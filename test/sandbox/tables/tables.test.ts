import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, entity, errorCode, refused, startRig, TABLE, type TablesRig } from './rig.ts';

let rig: TablesRig;

beforeAll(async () => {
  rig = await startRig({ callerOids: ['function-oid'] });
  await rig.client().createTable();
});
afterAll(() => rig.close());
afterEach(() => rig.faults.clear());

describe('entities', () => {
  it('are inserted, read, replaced and deleted by the unmodified client under the production host name', async () => {
    const client = rig.client();
    await client.createEntity({ ...entity('crud'), note: "O'Hara + sons, 100% ünïcode", count: 3 });
    const read = await client.getEntity('intent', 'crud');
    expect(read).toMatchObject({ ...entity('crud'), note: "O'Hara + sons, 100% ünïcode", count: 3 });
    await client.updateEntity(entity('crud', 'minted'), 'Replace', { etag: read.etag });
    expect(await client.getEntity('intent', 'crud')).not.toHaveProperty('note');
    await client.deleteEntity('intent', 'crud');
    expect(await refused(client.getEntity('intent', 'crud'))).toMatchObject({ statusCode: 404 });
  });

  it('are found by a filter with a plus sign, which the client escapes', async () => {
    const client = rig.client();
    for (const rowKey of ['a+b', 'a b']) await client.createEntity({ ...entity(rowKey), partitionKey: 'plus' });
    const queryOptions = { filter: "PartitionKey eq 'plus' and RowKey eq 'a+b'" };
    const found = await client.listEntities({ queryOptions }).next();
    expect(found.value).toMatchObject({ rowKey: 'a+b' });
  });

  it('have keys with spaces, quotes and percent signs', async () => {
    const client = rig.client();
    const rowKey = "a'b c%20d+e";
    await client.createEntity(entity(rowKey));
    expect(await client.getEntity('intent', rowKey)).toMatchObject({ rowKey });
  });

  it('are found by a filter and paged', async () => {
    const client = rig.client();
    for (const rowKey of ['q1', 'q2', 'q3'])
      await client.createEntity({ ...entity(rowKey), partitionKey: 'a due day' });
    const queryOptions = { filter: "PartitionKey eq 'a due day' and RowKey ge 'q2'" };
    const found: unknown[] = [];
    for await (const row of client.listEntities({ queryOptions })) found.push(row.rowKey);
    expect(found).toEqual(['q2', 'q3']);
    const sizes: number[] = [];
    const all = client.listEntities({ queryOptions: { filter: "PartitionKey eq 'a due day'" } });
    for await (const page of all.byPage({ maxPageSize: 2 })) sizes.push(page.length);
    expect(sizes).toEqual([2, 1]);
  });

  it('are changed together in a transaction', async () => {
    const client = rig.client();
    await client.submitTransaction([
      ['create', entity('t1')],
      ['create', entity('t2')],
    ]);
    const again = refused(
      client.submitTransaction([
        ['create', entity('t3')],
        ['create', entity('t1')],
      ]),
    );
    expect(await again).toMatchObject({ statusCode: 409, code: 'EntityAlreadyExists' });
    expect(await refused(client.getEntity('intent', 't3'))).toMatchObject({ statusCode: 404 });
  });

  it('are also served below the account on loopback', async () => {
    const client = rig.client({ url: `https://127.0.0.1:${rig.tables.port}/${ACCOUNT}` });
    await client.createEntity(entity('loopback'));
    expect(await rig.client().getEntity('intent', 'loopback')).toMatchObject({ rowKey: 'loopback' });
  });
});

describe('concurrency control', () => {
  it('answers 409 to a second insert', async () => {
    const client = rig.client();
    await client.createEntity(entity('twice'));
    const error = await refused(client.createEntity(entity('twice')));
    expect(error).toMatchObject({ statusCode: 409 });
    expect(errorCode(error)).toBe('EntityAlreadyExists');
  });

  it('answers 412 to a stale ETag and leaves the row as it is', async () => {
    const client = rig.client();
    const { etag } = await client.createEntity(entity('stale'));
    if (etag === undefined) expect.fail('no ETag');
    await client.updateEntity(entity('stale', 'minted'), 'Replace', { etag });
    const error = await refused(client.updateEntity(entity('stale', 'failed'), 'Replace', { etag }));
    expect(error).toMatchObject({ statusCode: 412 });
    expect(errorCode(error)).toBe('UpdateConditionNotSatisfied');
    expect(await client.getEntity('intent', 'stale')).toMatchObject({ state: 'minted' });
  });

  it('lets exactly one of twenty racing replaces win', async () => {
    const client = rig.client();
    const { etag } = await client.createEntity(entity('race'));
    if (etag === undefined) expect.fail('no ETag');
    const race = Array.from({ length: 20 }, (_, racer) =>
      client.updateEntity(entity('race', `racer ${racer}`), 'Replace', { etag }).then(
        () => racer,
        (error: { statusCode?: number }) => {
          expect(error.statusCode).toBe(412);
          return undefined;
        },
      ),
    );
    const winners = (await Promise.all(race)).filter((racer) => racer !== undefined);
    expect(winners).toHaveLength(1);
    expect(await client.getEntity('intent', 'race')).toMatchObject({ state: `racer ${winners[0]}` });
  });
});

describe('rows', () => {
  it('shows every entity, whatever the faults', async () => {
    await rig.client().createEntity(entity('seen'));
    rig.faults.add({ service: 'table', fault: { status: 503 } });
    expect(await rig.tables.rows(TABLE)).toContainEqual(expect.objectContaining(entity('seen')));
  });

  it('fails for a table that does not exist', async () => {
    expect(await refused(rig.tables.rows('nowhere'))).toMatchObject({ statusCode: 404 });
  });
});

it('closes, and starts again empty', async () => {
  const other = await startRig();
  await other.client().createTable();
  expect(await other.tables.rows(TABLE)).toEqual([]);
  await other.close();
  await expect(other.client().createTable()).rejects.toThrow();
});
