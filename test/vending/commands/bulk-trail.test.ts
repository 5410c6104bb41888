import { beforeEach, describe, expect, it } from 'vitest';
import { changeBulk } from '../../../src/vending/commands/bulk.ts';
import { bulkRecordSchema } from '../../../src/vending/model/audit.ts';
import { type RowOf, rowOf } from '../../../src/vending/model/rows.ts';
import type { Ledger } from '../../../src/vending/ports/ledger.ts';
import { continueBulks, isVendedAnew } from '../../../src/vending/review/bulk.ts';
import { pruneBulk } from '../../../src/vending/review/retention.ts';
import { rows } from '../model/credentials.ts';
import { HOUR, orCrash, rotateIn, withoutFaults } from '../world/steps.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';
import type { World } from '../world/world.ts';
import { BY, bulkSteps, idOf, idOfBulk, LEAKED, leakedWorld, REVOKE } from './bulk-scene.ts';
import { failAll } from './resolve-scenes.ts';

let world: World;
beforeEach(async () => {
  world = await leakedWorld();
});
const { progress, start, statuses, tick } = bulkSteps(() => world);

it('goes on where another operation shows a defect, and says which and where', async () => {
  const broken = idOfBulk(await start(REVOKE, 'broken'));
  await start(REVOKE, 'whole');
  world.killAll();
  const { ledger, ...ctx } = world.ctx('reconciler');
  const read: Ledger['read'] = async (kind, ...key) => {
    if (key.includes(broken)) throw new Error('a defect');
    return ledger.read(kind, ...key);
  };
  await continueBulks({ ...ctx, ledger: { ...ledger, read } });
  const stack = expect.stringMatching(/^at .*bulk-trail\.test\.ts/);
  expect(world.logs).toContainEqual({ level: 'error', event: 'defect', state: broken, stack });
  expect(statuses('a', 'b', 'c')).toEqual(['revoking', 'revoking', 'revoking']);
});

it('a member that is not marked yet is left, and nothing about it has failed, though its last attempt is unknown', async () => {
  failAll(world, 'unanswered', 'mint');
  await rotateIn(world, { id: idOf('a') });
  withoutFaults(world);
  const id = idOfBulk(await start(REVOKE));
  world.killAll();
  expect(world.ledger.get(idOf('a'))?.work?.phase).toBe('unknown');
  expect(await progress(id)).toMatchObject({ left: 3, done: 0, failed: [] });
});

it('a credential is vended anew where it is younger than the operation by more than half of what rows are kept', () => {
  const half = DEFAULT_TIMINGS.retentionMs / 2;
  const bulk: RowOf<'bulk'> = {
    id: 'b',
    operation: 'revoke',
    filter: LEAKED,
    by: BY,
    createdAt: 1,
    count: 1,
    startId: 's',
  };
  const isAnew = (createdAt: number) => isVendedAnew(rows.vended({ createdAt }), bulk, { timings: DEFAULT_TIMINGS });
  expect([isAnew(1), isAnew(1 + half), isAnew(2 + half)]).toEqual([false, false, true]);
});

describe('the audit trail', () => {
  const records = () => world.audit.filter((record) => 'bulkId' in record);

  it('has who began, paused and cancelled it, with filter and count', async () => {
    const id = idOfBulk(await start({ ...REVOKE, filter: { ...LEAKED, vendedBefore: world.now } }));
    world.killAll();
    for (const state of ['paused', 'cancelled'] as const) await changeBulk(world.ctx('operator'), id, state);
    const filter = { ...LEAKED, vendedBefore: new Date(world.now).toISOString() };
    const act = { actor: BY, bulkId: id, operation: 'revoke', filter, count: 3 };
    expect(records()).toMatchObject([
      { ...act, id: `${id}.0`, sequence: 0, state: 'running' },
      { ...act, id: `${id}.1`, sequence: 1, state: 'paused' },
      { ...act, id: `${id}.2`, sequence: 2, state: 'cancelled' },
    ]);
    expect(records().map((record) => bulkRecordSchema.parse(record))).toEqual(records());
  });

  it('gets the record of a start whose commit was not answered from the reconciler', async () => {
    let writes = 0;
    world.fault = (call) => (call === 'cleanUp' && ++writes === 3 ? 'unanswered' : undefined);
    expect(await start(REVOKE)).toMatchObject({ kind: 'problem' });
    world.fault = () => undefined;
    expect(records()).toEqual([]);
    await tick();
    expect(records()).toMatchObject([{ actor: BY, state: 'running', count: 3, repeated: true }]);
    expect(await start(REVOKE)).toMatchObject({ kind: 'started', isReplay: true });
  });
});

describe('a bulk operation whose retention is over', () => {
  const kinds = ['bulk', 'bulkchange', 'member', 'marking'] as const;
  const left = (): readonly string[] => kinds.flatMap((kind) => world.ledger.keys(kind));
  const afterDays = async (days: number): Promise<void> => {
    world.pass(days * 24 * HOUR);
    await tick();
  };

  it('is forgotten with its members, and not a day earlier', async () => {
    const id = idOfBulk(await start(REVOKE));
    await changeBulk(world.ctx('operator'), id, 'paused');
    await changeBulk(world.ctx('operator'), id, 'running');
    await tick();
    await afterDays(29);
    expect(left()).toHaveLength(6);
    await afterDays(1);
    expect(left()).toEqual([]);
    await afterDays(1);
    expect(world.ledger.keys('prune')).toEqual([]);
  });

  it('is kept while it is paused', async () => {
    const id = idOfBulk(await start(REVOKE));
    world.killAll();
    await changeBulk(world.ctx('operator'), id, 'paused');
    await afterDays(40);
    expect(await progress(id)).toMatchObject({ state: 'paused', left: 3 });
    await changeBulk(world.ctx('operator'), id, 'cancelled');
    await tick();
    await tick();
    expect(left()).toEqual([]);
    expect(statuses('a', 'b', 'c')).toEqual(['vended', 'vended', 'vended']);
  });

  it('is forgotten with all its members, however many pages of them there are', async () => {
    const id = idOfBulk(await start(REVOKE));
    await tick();
    for (let n = 0; n < 250; n++) {
      const { key, value } = rowOf('member', { bulk: id, id: `m${n}` });
      world.ledger.rows.set(key, { text: JSON.stringify(value), etag: 'e' });
    }
    await afterDays(31);
    expect(left()).toEqual([]);
  });

  it('is forgotten where its start died among its members', async () => {
    let writes = 0;
    world.fault = (call) => (call === 'cleanUp' && ++writes === 3 ? 'crash-before' : undefined);
    await orCrash(() => start(REVOKE));
    world.fault = () => undefined;
    expect(left()).toHaveLength(4);
    await afterDays(31);
    expect(left()).toEqual([]);
  });

  it('goes on being forgotten where the process died', async () => {
    await start(REVOKE);
    await tick();
    let removals = 0;
    world.fault = (call) => (call === 'cleanUp' && ++removals === 2 ? 'crash-after' : undefined);
    await orCrash(() => afterDays(31));
    world.fault = () => undefined;
    await tick();
    expect(left()).toEqual([]);
  });

  it.each(['list', 'cleanUp'] as const)('goes on being forgotten whichever %s the ledger loses', async (call) => {
    for (let nth = 1; nth <= 16; nth++) {
      world = await leakedWorld();
      const id = idOfBulk(await start(REVOKE));
      await tick();
      world.ledger.rows.set(`member_${id}_later`, { text: '{}', etag: 'e' });
      world.pass(31 * 24 * HOUR);
      let calls = 0;
      world.fault = (each) => (each === call && ++calls === nth ? 'lost' : undefined);
      await tick();
      withoutFaults(world);
      await tick();
      expect([nth, ...left()]).toEqual([nth]);
    }
  });

  it('is kept whole where a run has no time left for its members', async () => {
    const id = idOfBulk(await start(REVOKE));
    await tick();
    const before = left();
    expect(await pruneBulk(world.ctx('reconciler'), id, () => false)).toBe(false);
    expect(left()).toEqual(before);
  });

  it('leaves no date behind', async () => {
    const id = idOfBulk(await start(REVOKE));
    await tick();
    expect(world.ledger.keys('prune').filter((key) => key.includes(id))).toHaveLength(1);
    await afterDays(30);
    expect(world.ledger.keys('prune').filter((key) => key.includes(id))).toEqual([]);
  });
});
