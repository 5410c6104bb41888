import { beforeEach, describe, expect, it } from 'vitest';
import { listCredentials } from '../../../src/vending/commands/list.ts';
import { ROW_SCHEMAS, rowOf } from '../../../src/vending/model/rows.ts';
import type { Authority } from '../../../src/vending/policy/authority.ts';
import { OPERATOR, OWN, vendIn } from '../world/steps.ts';
import { World } from '../world/world.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  for (const key of ['a', 'b', 'c']) {
    await vendIn(world, { key: { kind: 'key', key } });
    world.pass(1_000);
  }
});

const list = (authority: Authority, limit = 10, cursor?: string) =>
  listCredentials(world.ctx(), { authority, limit, cursor });
const idsOf = (page: Awaited<ReturnType<typeof list>>): string[] => page?.credentials.map(({ id }) => id) ?? [];
const ofCaller = (): string[] => world.ledger.all('caller').map(({ id }) => id);

describe('a list', () => {
  it('shows a caller its own, oldest first, page by page, and an operator all', async () => {
    const first = await list(OWN, 2);
    const second = await list(OWN, 2, first?.next);
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
