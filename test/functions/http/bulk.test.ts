import { beforeEach, describe, expect, it } from 'vitest';
import { bulkPreviewSchema } from '../../../src/vending/commands/bulk.ts';
import { bulkProgressSchema, bulkViewSchema } from '../../../src/vending/commands/bulk-progress.ts';
import { bulkRecordSchema } from '../../../src/vending/model/audit.ts';
import { Client, OPERATOR, problem, TEAM } from './client.ts';

const LEAK = { operation: 'revoke', filter: { cluster: 'lkc-1126wj' } };

let client: Client;
beforeEach(async () => {
  client = new Client();
  for (const key of ['a', 'b']) await client.vend({ key });
  client.as(OPERATOR);
});

describe('a bulk operation', () => {
  it('is tried out, begun and read, and the log names who began it', async () => {
    const dryRun = await client.beginBulk({ body: { ...LEAK, validateOnly: true }, key: null });
    expect(dryRun.status).toBe(200);
    const { count } = bulkPreviewSchema.parse(dryRun.body);
    expect(count).toBe(2);
    const begun = await client.beginBulk({ body: { ...LEAK, expect: count } });
    expect(begun.status).toBe(202);
    const { id } = bulkViewSchema.parse(begun.body);
    const trail = client.logged.map(({ audit }) => audit);
    expect(trail.filter((record) => bulkRecordSchema.safeParse(record).success)).toEqual([
      {
        id: `${id}.0`,
        at: expect.any(String),
        actor: `operator:${OPERATOR.id}`,
        bulkId: id,
        sequence: 0,
        state: 'running',
        ...LEAK,
        count,
      },
    ]);
    const read = await client.getBulk(id);
    expect(bulkProgressSchema.parse(read.body)).toMatchObject({ id, state: 'running', left: 2 });
    const errors = [{ pointer: '/state', detail: 'must be running, paused or cancelled' }];
    expect(await client.controlBulk(id, { body: { state: 'ended' } })).toMatchObject({ status: 400, body: { errors } });
    const paused = await client.controlBulk(id, { body: { state: 'paused' } });
    expect(paused).toMatchObject({ status: 200, body: { id, state: 'paused' } });
    expect((await client.beginBulk({ body: { ...LEAK, expect: count } })).status).toBe(200);
  });

  it.each([
    ['an empty filter', { ...LEAK, filter: {}, expect: 1 }, '/filter'],
    ['no filter', { operation: 'revoke', expect: 1 }, '/filter'],
    ['an unknown condition', { ...LEAK, filter: { colour: 'red' }, expect: 1 }, '/filter/colour'],
    ['a date that is none', { ...LEAK, filter: { vendedBefore: 'then' }, expect: 1 }, '/filter/vendedBefore'],
    ['no count of a dry run', LEAK, '/expect'],
    ['an unknown operation', { ...LEAK, operation: 'delete', expect: 1 }, '/operation'],
  ])('with %s is refused, and the answer names the field', async (_, body, pointer) => {
    const reply = await client.beginBulk({ body });
    expect(reply.status).toBe(400);
    expect(reply.body.errors).toContainEqual({ pointer, detail: expect.any(String) });
    expect(client.world.ledger.all('bulk')).toEqual([]);
  });

  it.each([
    ['/operation', { operation: 'delete' }, 'must be revoke or rotate'],
    ['/filter', { filter: {} }, 'must have at least one condition'],
    ['/validateOnly', { validateOnly: 'yes' }, 'must be true or false'],
    ['/expect', { expect: 'all' }, 'must be a whole number'],
    ['/expect', { expect: -1 }, 'must not be negative'],
    ['/expect', { validateOnly: false }, 'is required: the count of the dry run'],
  ])('with a wrong %s is refused in words: %j', async (pointer, wrong, detail) => {
    const { body } = await client.beginBulk({ body: { ...LEAK, ...wrong } });
    expect(body.errors).toContainEqual({ pointer, detail });
  });

  it('of no credential is refused as a conflict, not as a wrong request', async () => {
    const reply = await client.beginBulk({ body: { ...LEAK, filter: { cluster: 'lkc-none' }, expect: 0 } });
    expect(reply).toMatchObject({ status: 409, body: problem('bulk-conflict') });
  });

  it('takes an explicit null for an absent condition: some serializers write one for every property', async () => {
    const filter = { ...LEAK.filter, status: null, vendedBefore: null };
    const reply = await client.beginBulk({ body: { ...LEAK, filter, validateOnly: true }, key: null });
    expect(reply).toMatchObject({ status: 200, body: { state: 'previewed', count: 2 } });
    const nothing = await client.beginBulk({ body: { ...LEAK, filter: { cluster: null }, expect: 2 } });
    expect(nothing.body.errors).toEqual([{ pointer: '/filter', detail: 'must have at least one condition' }]);
  });

  it('that would affect another number than the dry run said is a conflict', async () => {
    const reply = await client.beginBulk({ body: { ...LEAK, expect: 1 } });
    expect(reply).toMatchObject({ status: 409, body: problem('bulk-conflict') });
    expect(String(reply.body.detail)).toContain('names 2 credentials');
  });

  it('needs an idempotency key', async () => {
    const reply = await client.beginBulk({ body: { ...LEAK, expect: 2 }, key: null });
    expect(reply).toMatchObject({ status: 400, body: problem('idempotency-key-required') });
  });

  it('is for operators', async () => {
    client.as(TEAM);
    for (const reply of [
      await client.beginBulk({ body: { ...LEAK, expect: 2 } }),
      await client.getBulk('a'.repeat(26)),
      await client.controlBulk('a'.repeat(26), { body: { state: 'paused' } }),
    ])
      expect(reply.status).toBe(403);
  });

  it('that does not exist is not found', async () => {
    expect(await client.getBulk('a'.repeat(26))).toMatchObject({ status: 404, body: problem('not-found') });
  });

  it('that has no legal id does not exist, and the ledger is not asked', async () => {
    client.world.calls = [];
    for (const reply of [await client.getBulk('x'), await client.controlBulk('x', { body: { state: 'paused' } })])
      expect(reply).toMatchObject({ status: 404, body: problem('not-found') });
    expect(client.world.calls).toEqual([]);
  });
});
