import { beforeEach, describe, expect, it } from 'vitest';
import { orCrash, revokeIn, vendIn } from '../world/steps.ts';
import type { World } from '../world/world.ts';
import { bulkSteps, idOf, idOfBulk, LEAKED, leaked, leakedWorld, REVOKE, ROTATE, sorted } from './bulk-scene.ts';

let world: World;
beforeEach(async () => {
  world = await leakedWorld();
});
const { preview, progress, start, statuses, tick } = bulkSteps(() => world);

describe('a dry run', () => {
  it('says how many and which, and does nothing', async () => {
    const rows = world.ledger.rows.size;
    const started = await preview({ operation: 'revoke', filter: LEAKED });
    expect(started).toEqual({
      kind: 'previewed',
      preview: {
        state: 'previewed',
        operation: 'revoke',
        count: 3,
        credentials: sorted(['a', 'b', 'c'].map(idOf)),
        unreadable: [],
      },
    });
    expect(world.ledger.rows.size).toBe(rows);
  });

  it('leaves out what is revoked already, and for a rotation what has no key', async () => {
    await revokeIn(world, idOf('a'));
    world.fault = (call) => (call === 'mint' ? 'lost' : undefined);
    await vendIn(world, leaked('unknown'));
    world.fault = () => undefined;
    expect(await preview(REVOKE)).toMatchObject({ preview: { count: 3 } });
    expect(await preview(ROTATE)).toMatchObject({ preview: { count: 2 } });
  });
});

describe('a bulk revocation', () => {
  it('does nothing where the count differs from the dry run', async () => {
    await vendIn(world, leaked('late'));
    expect(await start(REVOKE)).toMatchObject({ kind: 'problem', problem: { type: 'bulk-conflict' } });
    await tick();
    expect(statuses('a', 'late')).toEqual(['vended', 'vended']);
  });

  it('sent again is the same one', async () => {
    const id = idOfBulk(await start(REVOKE));
    await tick();
    expect(await start({ ...REVOKE, expect: 2 })).toMatchObject({ problem: { type: 'idempotency-key-reused' } });
    const again = await start(REVOKE);
    expect(again).toMatchObject({ kind: 'started', isReplay: true });
    expect(idOfBulk(again)).toBe(id);
    expect(await start(ROTATE)).toMatchObject({ problem: { type: 'idempotency-key-reused' } });
    expect(await start({ ...REVOKE, filter: { rule: 'orders' } })).toMatchObject({
      problem: { type: 'idempotency-key-reused' },
    });
  });

  it.each(['retried', 'unanswered'] as const)(
    'is begun once, and known as ours, where its insert is %s',
    async (fault) => {
      let isHit = false;
      world.fault = (call) => {
        if (call !== 'cleanUp' || isHit) return undefined;
        isHit = true;
        return fault;
      };
      const id = idOfBulk(await start(REVOKE));
      await tick();
      await tick();
      expect(await progress(id)).toMatchObject({ done: 3 });
    },
  );

  it('of two starts with one idempotency key is one, and the other says what to do', async () => {
    const both = await Promise.all([start(REVOKE), start({ ...REVOKE, filter: { rule: 'orders' }, expect: 5 })]);
    expect(both.map(({ kind }) => kind).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['problem', 'started']);
    expect(both.find(({ kind }) => kind === 'problem')).toMatchObject({ problem: { type: 'bulk-conflict' } });
    await tick();
    await tick();
    const [bulk] = world.ledger.all('bulk');
    const living = bulk?.filter.rule === 'orders' ? [] : ['x', 'y'];
    expect(statuses('x', 'y').filter((status) => status === 'vended')).toHaveLength(living.length);
  });

  it('that died among its members does nothing, and says so', async () => {
    let writes = 0;
    world.fault = (call) => (call === 'cleanUp' && ++writes === 2 ? 'crash-before' : undefined);
    await orCrash(() => start(REVOKE));
    world.fault = () => undefined;
    await tick();
    await tick();
    expect(statuses('a', 'b', 'c')).toEqual(['vended', 'vended', 'vended']);
    expect(await start(REVOKE)).toMatchObject({ problem: { type: 'bulk-conflict' } });
    const id = idOfBulk(await start(REVOKE, 'leak-2'));
    await tick();
    await tick();
    expect(await progress(id)).toMatchObject({ done: 3 });
  });
});
