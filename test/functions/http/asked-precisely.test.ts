import { expect, it } from 'vitest';
import { rowKey } from '../../../src/vending/model/rows.ts';
import { Client, idOf, OPERATOR } from './client.ts';
import { command, Webhook } from './webhook.ts';

it.each([
  ['text/csv', 'text/csv'],
  ['text/csv, application/json', 'text/csv'],
  ['text/csv;q=1.0, application/json', 'text/csv'],
  ['text/csv;freq=0', 'text/csv'],
  ['application/json, text/csv;q=0.1', 'application/json'],
  ['application/json;q=0.1, TEXT/CSV; q=0.5', 'text/csv'],
  ['text/csv;q=0', 'application/json'],
  ['text/csv;q=0.000, */*', 'application/json'],
  ['text/*', 'application/json'],
])('what accepts %s gets %s', async (accept, type) => {
  const reply = await new Client().list({}, { accept });
  expect(reply.headers['Content-Type']).toMatch(type);
});

it.each([
  ['too large', { ...command('c-2'), data: { id: 'x'.repeat(17_000) } }],
  ['no JSON data', { ...command('c-2'), datacontenttype: 'text/plain' }],
  ['no data', { ...command('c-2'), data: undefined }],
])('a command in a batch that is %s is taken in, so that its sender is answered', async (_, bad) => {
  const webhook = new Webhook();
  const reply = await webhook.post([command('c-1'), bad]);
  expect(reply).toMatchObject({ status: 200, jsonBody: { accepted: 1, unreadable: 1 } });
  const broken = {
    kind: 'invalid',
    id: 'c-2',
    source: '/portal',
    errors: [expect.objectContaining({ detail: expect.any(String) })],
  };
  expect(webhook.taken).toMatchObject([{ events: [{ id: 'c-1' }, broken] }]);
});

it('the table of an operator does not hide what this version cannot read', async () => {
  const client = new Client();
  const id = idOf(await client.vend({ key: 'a' }));
  client.world.ledger.rows.set(rowKey('credential', id), { text: '{"ofTheNextVersion":1}', etag: 'new' });
  const json = await client.as(OPERATOR).list();
  expect(json.body).toMatchObject({ unreadable: [id] });
  const table = await client.as(OPERATOR).list({}, { accept: 'text/csv' });
  expect(JSON.stringify([table.headers, table.body])).toContain(id);
});
