import { beforeEach, expect, it } from 'vitest';
import { rowKey } from '../../../src/vending/model/rows.ts';
import { faultsAt, withoutFaults } from '../../vending/world/steps.ts';
import { Client, idOf, OPERATOR, PORTAL } from './client.ts';

let client: Client;
beforeEach(() => {
  client = new Client();
});

/** As an older version finds the row of a newer one. */
const spoil = (id: string): void => {
  client.world.ledger.rows.set(rowKey('credential', id), { text: '{"ofTheNextVersion":1}', etag: 'new' });
};

/** Attempts whose outcome nobody knows, and their credentials. */
async function unknown(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    client.world.fault = faultsAt({ mint: { 1: 'unanswered' } });
    ids.push(String((await client.vend({ key: `unknown-${n}` })).body.credentialId));
    withoutFaults(client.world);
  }
  return ids;
}

const idsIn = ({ body }: Awaited<ReturnType<Client['listOpen']>>): unknown[] =>
  (body.credentials as { readonly id: string }[]).map(({ id }) => id);

it('what waits for a person comes in pages, each of which leads to the next one', async () => {
  const ids = await unknown(3);
  const first = await client.as(OPERATOR).listOpen({ limit: '2' });
  expect(idsIn(first)).toHaveLength(2);
  const second = await client.listOpen({ limit: '2', cursor: String(first.body.next) });
  expect(second.body).not.toHaveProperty('next');
  expect(new Set([...idsIn(first), ...idsIn(second)])).toEqual(new Set(ids));
});

it('what waits for a person and cannot be read is named, and stays', async () => {
  const [id = '', other] = await unknown(2);
  spoil(id);
  for (const _ of [1, 2]) {
    const page = await client.as(OPERATOR).listOpen();
    expect(page.body.unreadable).toEqual([id]);
    expect(idsIn(page)).toEqual([other]);
  }
});

it('a row that cannot be read is named to operators alone', async () => {
  const id = idOf(await client.vend());
  spoil(id);
  expect((await client.as(OPERATOR).list()).body).toEqual({ credentials: [], unreadable: [id] });
  expect((await client.as(PORTAL).list()).body).toEqual({ credentials: [] });
});
