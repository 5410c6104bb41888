import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmulatorRequest } from '../../../src/sandbox/kit/http-service.ts';
import { refusalOf } from '../../../src/sandbox/tables/limits.ts';
import { startRig, type TablesRig } from './rig.ts';

let rig: TablesRig;
beforeAll(async () => {
  rig = await startRig();
  await rig.client().createTable();
});
afterAll(() => rig.close());

const KEYS = { partitionKey: 'p', rowKey: 'r' };
const add = (properties: object): Promise<unknown> => rig.client().createEntity({ ...KEYS, ...properties });
const codeOf = (action: Promise<unknown>): Promise<unknown> =>
  action.then(
    () => 'taken',
    (error: { details?: { odataError?: { code?: string } }; code?: string }) =>
      error.details?.odataError?.code ?? error.code,
  );
const named = (count: number, value: unknown): object =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, value]));

describe('an entity that the service refuses and Azurite takes', () => {
  it.each([
    ['has more than 252 properties', named(253, 1), 'TooManyProperties'],
    ['is larger than 1 MiB in UTF-16', named(20, 'x'.repeat(30_000)), 'EntityTooLarge'],
    ['has a date before 1601', { date: { type: 'DateTime', value: '0001-01-01T00:00:00Z' } }, 'InvalidInput'],
  ])('%s', async (_what, properties, code) => {
    expect(await codeOf(add(properties))).toBe(code);
    const transaction = rig.client().submitTransaction([['upsert', { ...KEYS, ...properties }]]);
    expect(await codeOf(transaction)).toBe(code);
  });

  it('is taken up to the limit', async () => {
    await rig.client().upsertEntity({ ...KEYS, ...named(252, 1), p0: 'x'.repeat(30_000) }, 'Replace');
    await rig.client().upsertEntity({ ...KEYS, ...named(16, 'x'.repeat(32_000)) }, 'Replace');
  });
});

it('a table of an illegal name is refused with the code that clients read', async () => {
  const client = rig.client({ table: 'a-b' });
  expect(await codeOf(client.createTable())).toBe('InvalidResourceName');
});

describe('a transaction that the service refuses and Azurite takes', () => {
  const change = (method: string, path: string, json = ''): string =>
    `${method} https://sandboxledger.table.core.windows.net/${path} HTTP/1.1\r\n\r\n${json}\r\n--changeset\r\n`;
  const verdict = (...changes: readonly string[]): unknown =>
    refusalOf('batch', {
      query: new URLSearchParams(),
      rawQuery: '',
      body: Buffer.from(changes.join('')),
    } as EmulatorRequest)?.[0];
  const insert = (partition: string) => change('POST', 't', JSON.stringify({ PartitionKey: partition, RowKey: '{r}' }));
  const replace = (partition: string) => change('PUT', `t(PartitionKey=%27${partition}%27,RowKey='r')`, '{"a":1}');

  it('acts on two partitions, whether URLs or bodies name them', () => {
    const two = 'CommandsInBatchActOnDifferentPartitions';
    expect(verdict(insert('a'), insert('b'))).toBe(two);
    expect(verdict(insert('a'), replace('b'))).toBe(two);
    expect(verdict(replace('a'), change('DELETE', "t(PartitionKey='b',RowKey='r')"))).toBe(two);
    expect(
      verdict(insert("o'p"), replace("o''p"), change('DELETE', "t(PartitionKey='o''p',RowKey='r')")),
    ).toBeUndefined();
  });

  it('has more than a hundred changes', () => {
    expect(verdict(...Array.from({ length: 101 }, () => insert('a')))).toBe('InvalidInput');
    expect(verdict(...Array.from({ length: 100 }, () => insert('a')))).toBeUndefined();
  });
});
