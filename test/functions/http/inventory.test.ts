import { beforeEach, describe, expect, it } from 'vitest';
import { keyViewSchema } from '../../../src/vending/commands/find.ts';
import { rowKey } from '../../../src/vending/model/rows.ts';
import { faultsAt } from '../../vending/world/steps.ts';
import { Client, idOf, keyOf, OPERATOR, PORTAL, problem, STRANGER, TEAM } from './client.ts';

const CSV = { accept: 'text/csv' };

let client: Client;
beforeEach(() => {
  client = new Client();
});

describe('a list', () => {
  it('is filtered, and an operator sees whose each credential is', async () => {
    const id = idOf(await client.vend());
    const { body } = await client.as(OPERATOR).list({ cluster: 'lkc-1126wj', status: 'vended' });
    expect(body).toMatchObject({ credentials: [{ id, caller: PORTAL.id, rule: 'orders' }] });
    expect((await client.list({ cluster: 'lkc-other' })).body).toEqual({ credentials: [] });
  });

  it.each([
    [{ status: 'lost' }, 'status'],
    [{ vendedBefore: 'yesterday' }, 'vendedBefore'],
    [{ Cluster: 'lkc-1126wj' }, 'Cluster'],
    [{ colour: 'red' }, 'colour'],
    [{ limit: '1001' }, 'limit'],
    [{ managed: 'yes' }, 'managed'],
    [{ apiKeyId: 'a/b' }, 'apiKeyId'],
  ])('with the query %j is refused, and the answer names the parameter', async (query, parameter) => {
    const reply = await client.list(query as Record<string, string>);
    expect(reply).toMatchObject({ status: 400, body: { errors: [{ parameter }] } });
  });

  it.each([
    [{ vendedBefore: '2026-01-31' }, 'must be a date and time such as 2026-01-31T00:00:00Z'],
    [{ status: 'lost' }, 'must be one of vended, pending, failed, unknown, revoking, revoked'],
  ])('with the query %j is refused in words', async (query, detail) => {
    const { body } = await client.list(query as Record<string, string>);
    expect(body).toMatchObject({ errors: [{ detail }] });
  });

  it.each([{ cluster: 'x' }, { cluster: 'x'.repeat(200) }, { vendedBefore: '2026-01-31T01:00:00+01:00' }])(
    'with the query %j is answered',
    async (query) => {
      expect(await client.list(query as Record<string, string>)).toMatchObject({ status: 200 });
    },
  );

  it('shows managers what they manage, if they ask for it', async () => {
    const id = idOf(await client.vend());
    for (const query of [{}, { managed: 'false' }])
      expect((await client.as(TEAM).list(query)).body).toEqual({ credentials: [] });
    expect((await client.as(TEAM).list({ managed: 'true' })).body).toMatchObject({ credentials: [{ id }] });
    expect((await client.as(STRANGER).list({ managed: 'true' })).body).toEqual({ credentials: [] });
  });

  it('is a table for spreadsheets, and the header Link leads to the next page', async () => {
    for (const key of ['a', 'b', 'c', 'd']) await client.vend({ key });
    const lines: string[] = [];
    let query: Record<string, string> | undefined = { limit: '1', rule: 'orders' };
    while (query !== undefined) {
      const { headers, body, status } = await client.list(query, CSV);
      expect([status, headers['Content-Type']]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
      expect(headers['Content-Disposition']).toContain('credentials.csv');
      const [head = '', ...rows] = String(body.table).trimEnd().split('\r\n');
      expect(head).toMatch(/^id,status,/);
      lines.push(...rows);
      const following = /^<\?(.*)>; rel="next"$/.exec(headers.Link ?? '')?.[1];
      const parameters = [...new URLSearchParams(following)];
      if (following !== undefined) expect(parameters.map(([name]) => name)).toEqual(['limit', 'rule', 'cursor']);
      query = following === undefined ? undefined : Object.fromEntries(parameters);
    }
    expect([lines.length, new Set(lines).size]).toEqual([4, 4]);
  });

  it.each(['text/html, text/csv;q=0.9', 'TEXT/CSV', 'application/json, text/csv'])(
    'with Accept: %s is a table',
    async (accept) => {
      expect((await client.list({}, { accept })).body).toHaveProperty('table');
    },
  );
  it.each([
    'application/json',
    '*/*',
    'text/csvx',
    'xtext/csv',
    'application/json, text/csv;q=0',
    'text/csv; Q=0.0',
    '',
  ])('with Accept: %s is JSON', async (accept) => {
    expect((await client.list({}, { accept })).body).toEqual({ credentials: [] });
  });
});

describe('the owner of a key', () => {
  it('is found while the key is current, while it is previous, and after it is gone', async () => {
    const vended = await client.vend();
    const [id, apiKeyId] = [idOf(vended), keyOf(vended)];
    const found = async (): Promise<unknown> => keyViewSchema.parse((await client.as(OPERATOR).findKey(apiKeyId)).body);
    expect(await found()).toMatchObject({ apiKeyId, is: 'current', attempt: 1, credential: { id, caller: PORTAL.id } });
    await client.as(PORTAL).rotate(id);
    expect(await found()).toMatchObject({ is: 'previous' });
    await client.as(PORTAL).endOverlap(id, { body: { apiKeyId } });
    expect(await found()).toMatchObject({ is: 'retired', credential: { id, status: 'vended' } });
    expect(client.world.trace.filter((line) => line.startsWith('LOOK'))).toEqual([]);
  });

  it('is found while its attempt is under way', async () => {
    client.world.fault = faultsAt({ store: { 1: 'lost' } });
    const pending = await client.vend();
    const [apiKeyId = ''] = client.world.confluent.live();
    expect((await client.as(OPERATOR).findKey(apiKeyId)).body).toMatchObject({
      ...{ is: 'under-way', attempt: 1, credential: { id: pending.body.credentialId } },
    });
  });

  it('is not found for a key that the ledger does not know, or for no id of a key', async () => {
    const find = async (apiKeyId: string): Promise<void> => {
      expect(await client.as(OPERATOR).findKey(apiKeyId)).toMatchObject({ status: 404, body: problem('not-found') });
    };
    await find('NOKEY');
    client.world.calls = [];
    for (const apiKeyId of ['a/b', '', '#']) await find(apiKeyId);
    expect(client.world.calls).toEqual([]);
  });

  it('is named in the log where its credential cannot be read', async () => {
    const vended = await client.vend();
    client.world.fault = faultsAt({ read: { 2: 'lost' } });
    expect((await client.as(OPERATOR).findKey(keyOf(vended))).status).toBe(503);
    const record = { event: 'request-failed', problem: 'ledger-unavailable' };
    expect(client.records('request-failed')).toEqual([{ ...record, credentialId: idOf(vended), caller: OPERATOR.id }]);
  });

  it('is shown to be unreadable, where an older version cannot read its row', async () => {
    await client.vend();
    const [apiKeyId = ''] = client.world.confluent.live();
    client.world.ledger.rows.set(rowKey('key', apiKeyId), { text: '{"ofTheNextVersion":1}', etag: 'new' });
    expect((await client.as(OPERATOR).findKey(apiKeyId)).status).toBe(503);
    expect(client.records('row-unreadable')).toHaveLength(1);
  });

  it('is for operators', async () => {
    expect((await client.as(TEAM).findKey('KEY')).status).toBe(403);
  });

  it('is not answered where the ledger does not answer', async () => {
    client.world.fault = (call) => (call === 'read' ? 'lost' : undefined);
    expect((await client.as(OPERATOR).findKey('KEY')).status).toBe(503);
  });
});
