import { setImmediate } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import type { Filter } from '../../../src/vending/commands/filter.ts';
import { listRows, pageOf } from '../../../src/vending/commands/list.ts';
import type { Authority } from '../../../src/vending/model/caller.ts';
import { type RowOf, rowOf } from '../../../src/vending/model/rows.ts';
import { CALLER, currentKeyIn, ID, OPERATOR, OWN, SETTINGS, vendIn } from '../world/steps.ts';
import { World } from '../world/world.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await vendIn(world);
  await world.settled();
});

async function list(authority: Authority, limit = 1_000, filter: Filter = {}, cursor?: string) {
  const command = { authority, limit, filter, managed: false, cursor };
  const page = await listRows(world.ctx(), SETTINGS.policy, command);
  if (page === undefined) throw new Error('The ledger did not answer.');
  return pageOf(page, authority);
}

const put = (key: string, text: string): void => void world.ledger.rows.set(key, { text, etag: world.id('e') });
const indexRow = (id: string, createdAt = 1): RowOf<'caller'> => ({ id, caller: CALLER.id, createdAt });
const idOf = (n: number): string => `z${n}`.padEnd(26, 'a');

/** So many more credentials of the caller. */
function plant(count: number): void {
  const text = JSON.stringify(world.ledger.get(ID));
  for (let n = 100; n < 100 + count; n++) {
    const copy = text.replaceAll(ID, idOf(n));
    const { createdAt } = JSON.parse(copy);
    put(`credential_${idOf(n)}`, copy);
    const { key, value } = rowOf('caller', indexRow(idOf(n), createdAt));
    put(key, JSON.stringify(value));
  }
}

/** Index rows that lead to nothing. */
function plantStale(count: number): void {
  for (let n = 100; n < 100 + count; n++) {
    const { key, value } = rowOf('caller', indexRow(idOf(n)));
    put(key, JSON.stringify(value));
  }
}

it('a list of many own credentials has each of them once', async () => {
  plant(120);
  const ids = (await list(OWN)).credentials.map(({ id }) => id);
  expect([ids.length, new Set(ids).size]).toEqual([121, 121]);
});

it('a list removes a hundred index rows that lead to nothing, and the next one the others', async () => {
  plantStale(120);
  expect((await list(OWN)).credentials).toHaveLength(1);
  expect(world.ledger.keys('caller')).toHaveLength(21);
  await list(OWN);
  expect(world.ledger.keys('caller')).toHaveLength(1);
});

it('a list is answered after it has removed what leads to nothing', async () => {
  plantStale(1);
  world.turn = async (call) => {
    if (call === 'cleanUp') await setImmediate();
  };
  await list(OWN);
  expect(world.ledger.keys('caller')).toHaveLength(1);
});

it('a list writes nothing where all its rows lead somewhere', async () => {
  world.calls = [];
  await list(OWN);
  expect(world.calls).toEqual(['list', 'read']);
});

it('a page for operators names each row that cannot be read once, on the page where it stands', async () => {
  plant(4);
  for (const n of [101, 102]) put(`credential_${idOf(n)}`, '{}');
  const seen: (readonly [string[], readonly string[]])[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(OPERATOR, 1, {}, cursor);
    seen.push([page.credentials.map(({ id }) => id), page.unreadable ?? []]);
    cursor = page.next;
  } while (cursor !== undefined);
  expect(seen.flatMap(([ids]) => ids)).toEqual([ID, idOf(100), idOf(103)]);
  expect(seen.flatMap(([, unreadable]) => unreadable)).toEqual([idOf(101), idOf(102)]);
  expect(await list(OWN)).not.toHaveProperty('unreadable');
});

it('a page that ends within a read names no row that cannot be read behind its end', async () => {
  plant(5);
  for (const n of [101, 103]) put(`credential_${idOf(n)}`, '{}');
  put(`credential_${ID}`, JSON.stringify({ ...world.ledger.get(ID), name: 'x', caller: 'queue:other' }));
  const filter = { caller: CALLER.id };
  const first = await list(OPERATOR, 1, filter);
  expect(first).toMatchObject({ credentials: [{ id: idOf(100) }], unreadable: [idOf(101)], next: idOf(102) });
  const second = await list(OPERATOR, 1, filter, first.next);
  expect(second.credentials.map(({ id }) => id)).toEqual([idOf(102)]);
  expect(second).not.toHaveProperty('unreadable');
});

it('a page that is full costs one read', async () => {
  plant(4);
  world.calls = [];
  expect(await list(OPERATOR, 2)).toHaveProperty('next');
  expect(world.calls).toEqual(['list']);
});

it('a page says nothing of unreadable rows where there are none', async () => {
  expect(await list(OPERATOR)).not.toHaveProperty('unreadable');
});

it('a page costs five reads of a thousand rows at most, those included that cannot be read', async () => {
  plant(1);
  const text = JSON.stringify(world.ledger.get(ID));
  for (let n = 0; n < 6_000; n++) put(`credential_b${n}`, n % 3 === 0 ? '{}' : text.replaceAll(ID, `b${n}`));
  world.calls = [];
  const page = await list(OPERATOR, 10, { cluster: 'lkc-none' });
  expect(page.next).toBeDefined();
  expect(world.calls).toEqual(Array.from({ length: 5 }, () => 'list'));
});

it('a key leads to its credential where the other conditions hold too, and to nothing where they do not', async () => {
  const apiKeyId = currentKeyIn(world);
  expect((await list(OPERATOR, 10, { apiKeyId, caller: CALLER.id })).credentials).toHaveLength(1);
  expect(await list(OPERATOR, 10, { apiKeyId, caller: 'queue:other' })).toEqual({ credentials: [] });
  put(`credential_${ID}`, '{}');
  expect(await list(OPERATOR, 10, { apiKeyId })).toEqual({ credentials: [], unreadable: [ID] });
});
