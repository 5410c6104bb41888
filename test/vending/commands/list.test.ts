import { beforeEach, describe, expect, it } from 'vitest';
import type { Filter } from '../../../src/vending/commands/filter.ts';
import { listRows, MAX_SCAN, pageOf } from '../../../src/vending/commands/list.ts';
import type { Authority } from '../../../src/vending/model/caller.ts';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import { ROW_SCHEMAS, rowOf } from '../../../src/vending/model/rows.ts';
import type { VendSettings } from '../../../src/vending/policy/policy.ts';
import { DAY, OPERATOR, OWN, rotateIn, SETTINGS, vendIn, withRule } from '../world/steps.ts';
import { World } from '../world/world.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  for (const key of ['a', 'b', 'c']) {
    await vendIn(world, { key: { kind: 'key', key } });
    world.pass(1_000);
  }
});

interface Asked {
  readonly limit?: number;
  readonly cursor?: string | undefined;
  readonly filter?: Filter;
  readonly managed?: boolean;
  readonly settings?: VendSettings;
}

async function list(authority: Authority, asked: Asked = {}) {
  const { settings = SETTINGS, limit = 10, cursor, filter = {}, managed = false } = asked;
  const page = await listRows(world.ctx(), settings.policy, { authority, limit, cursor, filter, managed });
  return page && pageOf(page, authority);
}
const idsOf = (page: Awaited<ReturnType<typeof list>>): string[] => page?.credentials.map(({ id }) => id) ?? [];
const ofCaller = (): string[] => world.ledger.all('caller').map(({ id }) => id);

describe('a list', () => {
  it('shows a caller its own, oldest first, page by page, and an operator all', async () => {
    const first = await list(OWN, { limit: 2 });
    const second = await list(OWN, { limit: 2, cursor: first?.next });
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ofCaller());
    expect(second).not.toHaveProperty('next');
    expect(new Set(idsOf(await list(OPERATOR)))).toEqual(new Set(ofCaller()));
    expect(idsOf(await list({ kind: 'caller', caller: { id: 'queue:other', roles: [] } }))).toEqual([]);
  });

  it('is not answered where the ledger does not answer', async () => {
    for (const call of ['list', 'read'] as const) {
      world.fault = (each) => (each === call ? 'lost' : undefined);
      expect(await list(OWN)).toBeUndefined();
    }
  });

  it('removes what a run that died left of a forgotten credential, and nothing else', async () => {
    const [forgotten = ''] = ofCaller();
    world.ledger.lose(`credential_${forgotten}`);
    expect(idsOf(await list(OWN))).toHaveLength(2);
    expect(ofCaller()).toHaveLength(2);
    expect(ofCaller()).not.toContain(forgotten);
  });

  it('keeps what leads to a credential that this version cannot read', async () => {
    const [credential] = world.ledger.all('credential');
    if (credential === undefined) throw new Error('There is none.');
    const { key } = rowOf('credential', credential);
    const later = { ...credential, later: true };
    expect(ROW_SCHEMAS.credential.safeParse(later).success).toBe(false);
    world.ledger.rows.set(key, { text: JSON.stringify(later), etag: 'e' });
    expect(idsOf(await list(OWN))).toHaveLength(2);
    expect(ofCaller()).toHaveLength(3);
  });
});

const ofKey = (key: string): string => credentialIdOf('queue:orders', { kind: 'key', key });

describe('a filter', () => {
  beforeEach(async () => {
    await vendIn(world, { key: { kind: 'key', key: 'long' }, request: { clusterId: 'lkc-other', validFor: 'P90D' } });
  });

  it.each<[string, () => Filter, readonly string[]]>([
    ['a cluster', () => ({ cluster: 'lkc-other' }), ['long']],
    ['an environment', () => ({ environment: 'env-12132' }), ['a', 'b', 'c', 'long']],
    ['an organization, in any case', () => ({ organization: 'MYORGANIZATION' }), ['a', 'b', 'c', 'long']],
    ['a caller', () => ({ caller: 'queue:other' }), []],
    ['a rule', () => ({ rule: 'orders' }), ['a', 'b', 'c', 'long']],
    ['a status', () => ({ status: 'revoked' }), []],
    ['what was vended before', () => ({ vendedBefore: world.now }), ['a', 'b', 'c']],
    ['what was vended since', () => ({ vendedAfter: world.now }), ['long']],
    ['what expires before', () => ({ expiresBefore: world.now + 91 * DAY }), ['long']],
    ['what expires since', () => ({ expiresAfter: world.now + 91 * DAY }), []],
    ['two conditions', () => ({ rule: 'orders', cluster: 'lkc-other' }), ['long']],
  ])('finds %s, for an operator and for the caller', async (_, filter, keys) => {
    const expected = new Set(keys.map(ofKey));
    expect(new Set(idsOf(await list(OPERATOR, { filter: filter() })))).toEqual(expected);
    expect(new Set(idsOf(await list(OWN, { filter: filter() })))).toEqual(expected);
  });

  it('finds a key by its index, current or previous, with two reads', async () => {
    const [first] = idsOf(await list(OPERATOR, { filter: { secretName: nameOf(ofKey('a')) } }));
    expect(first).toBe(ofKey('a'));
    const before = world.ledger.get(ofKey('a'))?.current?.key.id ?? '';
    await rotateIn(world, { id: ofKey('a') });
    world.trace = [];
    expect(idsOf(await list(OPERATOR, { filter: { apiKeyId: before } }))).toEqual([ofKey('a')]);
    expect(world.trace).toHaveLength(2);
    expect(idsOf(await list(OPERATOR, { filter: { apiKeyId: 'NOKEY' } }))).toEqual([]);
  });

  it('pages through what it finds, without a gap and without a next page at the end', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(OPERATOR, { filter: { rule: 'orders' }, limit: 1, cursor });
      seen.push(...idsOf(page));
      cursor = page?.next;
    } while (cursor !== undefined);
    expect(seen).toEqual([...new Set(seen)]);
    expect(seen).toHaveLength(4);
  });

  it('looks at a bounded number of rows for one page', async () => {
    const [row] = world.ledger.all('credential');
    if (row === undefined) throw new Error('There is none.');
    for (let n = 0; n < MAX_SCAN + 10; n++)
      world.ledger.rows.set(`credential_a${n}`, { text: JSON.stringify({ ...row, id: `a${n}` }), etag: 'e' });
    const filter = { cluster: 'lkc-other' };
    const first = await list(OPERATOR, { filter });
    expect(first?.next).toBeDefined();
    const second = await list(OPERATOR, { filter, cursor: first?.next });
    expect([...idsOf(first), ...idsOf(second)]).toEqual([ofKey('long')]);
    expect(second).not.toHaveProperty('next');
  });
});

const nameOf = (id: string): string => world.ledger.get(id)?.secretName ?? '';

it('managers see what policy lets them manage, and nobody else does', async () => {
  const manager: Authority = { kind: 'caller', caller: { id: 'entra:t:team', roles: [] } };
  const settings = withRule({ managers: { ids: ['entra:t:team'] } });
  expect(idsOf(await list(manager, { settings }))).toEqual([]);
  expect(idsOf(await list(manager, { settings, managed: true }))).toHaveLength(3);
  expect(idsOf(await list(manager, { managed: true }))).toEqual([]);
  expect(JSON.stringify(await list(manager, { settings, managed: true }))).not.toContain('"rule"');
});

it('a credential that was forgotten and came again is listed once, and its old index row goes', async () => {
  const [row] = world.ledger.all('credential');
  if (row === undefined) throw new Error('There is none.');
  const old = rowOf('caller', { id: row.id, caller: row.caller, createdAt: row.createdAt - 1 });
  world.ledger.rows.set(old.key, { text: JSON.stringify(old.value), etag: 'e' });
  expect(idsOf(await list(OWN))).toHaveLength(3);
  expect(ofCaller()).toHaveLength(3);
});

it('asking for what they manage costs strangers no scan', async () => {
  world.trace = [];
  expect(idsOf(await list({ kind: 'caller', caller: { id: 'queue:other', roles: [] } }, { managed: true }))).toEqual(
    [],
  );
  expect(world.trace).toEqual(['LIST caller']);
});

it('a key that was rotated before a date is found by it while it lives', async () => {
  const before = world.now;
  await rotateIn(world, { id: ofKey('a') });
  world.pass(1_000);
  expect(idsOf(await list(OPERATOR, { filter: { vendedBefore: before } }))).toContain(ofKey('a'));
});
