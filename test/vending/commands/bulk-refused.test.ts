import { beforeEach, describe, expect, it } from 'vitest';
import { changeBulk, type Started } from '../../../src/vending/commands/bulk.ts';
import { readBulk } from '../../../src/vending/commands/bulk-progress.ts';
import { rowKey } from '../../../src/vending/model/rows.ts';
import { faultsAt, withoutFaults } from '../world/steps.ts';
import type { World } from '../world/world.ts';
import { bulkSteps, idOf, idOfBulk, leakedWorld, plantLeaked, REVOKE } from './bulk-scene.ts';

let world: World;
beforeEach(async () => {
  world = await leakedWorld();
});
const { preview, progress, start, statuses, tick } = bulkSteps(() => world);

const change = (id: string, state: 'running' | 'paused' | 'cancelled'): Promise<Started> =>
  changeBulk(world.ctx('operator'), id, state);
const answerOf = (started: Started): string => (started.kind === 'problem' ? started.problem.type : started.kind);

/** Loses each call of these kinds in turn. @returns the answers, as many as there are such calls */
async function losingEach<T>(calls: readonly string[], work: () => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (let lost = 1; ; lost++) {
    let seen = 0;
    world.fault = (call) => (calls.includes(call) && ++seen === lost ? 'lost' : undefined);
    const answer = await work();
    withoutFaults(world);
    if (seen < lost) return answers;
    answers.push(answer);
  }
}

describe('a start', () => {
  it.each([0, 2])('with a filter that names nothing is refused, whether %d are expected or not', async (count) => {
    const nothing = { ...REVOKE, filter: { cluster: 'lkc-none' }, expect: count };
    expect(answerOf(await start(nothing))).toBe('bulk-conflict');
    expect(world.ledger.all('bulk')).toEqual([]);
  });

  it('for one credential is no repetition, and a repetition says that it is one', async () => {
    const { secretName = '' } = world.ledger.get(idOf('a')) ?? {};
    const one = { ...REVOKE, filter: { secretName }, expect: 1 };
    expect(await start(one)).toMatchObject({ kind: 'started', isReplay: false });
    expect(await start(one)).toMatchObject({ kind: 'started', isReplay: true });
  });

  it('says nothing of what it cannot look up', async () => {
    const id = idOfBulk(await start(REVOKE));
    const repeated = await losingEach(['read', 'list'], async () => answerOf(await start(REVOKE)));
    expect(repeated).toEqual(['ledger-unavailable', 'ledger-unavailable']);
    const tried = await losingEach(['read', 'list'], async () => answerOf(await preview(REVOKE)));
    expect(tried).toEqual(['ledger-unavailable']);
    world.ledger.rows.set(rowKey('bulk', id), { text: '{}', etag: 'of the next version' });
    expect(answerOf(await start(REVOKE))).toBe('ledger-unavailable');
  });

  it('whose first members are not written does nothing, although later ones are', async () => {
    plantLeaked(world, 997);
    world.fault = faultsAt({ cleanUp: { 2: 'lost' } });
    expect(answerOf(await start({ ...REVOKE, expect: 1_000 }))).toBe('bulk-conflict');
    expect(world.ledger.all('marking')).toEqual([]);
    // The transactions that were under way. None begins after the failure.
    expect(world.ledger.all('member')).toHaveLength(700);
  });

  it('whose members are not all written does nothing', async () => {
    world.fault = faultsAt({ cleanUp: { 2: 'lost' } });
    expect(answerOf(await start(REVOKE))).toBe('bulk-conflict');
    withoutFaults(world);
    await tick();
    await tick();
    expect(statuses('a', 'b', 'c')).toEqual(['vended', 'vended', 'vended']);
  });
});

describe('progress', () => {
  it('is not answered while the ledger is silent', async () => {
    const id = idOfBulk(await start(REVOKE));
    const answers = await losingEach(['read', 'list'], () => readBulk(world.ctx('operator'), id));
    const unavailable = { kind: 'problem', problem: expect.objectContaining({ type: 'ledger-unavailable' }) };
    expect(answers).toEqual(Array.from({ length: 5 }, () => unavailable));
  });

  it('does not count a credential as failed that cannot be read and is no member', async () => {
    const id = idOfBulk(await start(REVOKE));
    world.ledger.rows.set(rowKey('credential', idOf('x')), { text: '{}', etag: 'of the next version' });
    expect(await progress(id)).toMatchObject({ left: 3, failedCount: 0, unreadable: [idOf('x')] });
  });
});

describe('a change of state', () => {
  it('to the same state is a repetition, and is not recorded again', async () => {
    const id = idOfBulk(await start(REVOKE));
    world.killAll();
    expect(await change(id, 'paused')).toMatchObject({ state: 'paused', isReplay: false });
    const { length } = world.audit;
    expect(await change(id, 'paused')).toMatchObject({ state: 'paused', isReplay: true });
    expect(world.audit).toHaveLength(length);
  });

  it('that the ledger does not answer is to be sent again', async () => {
    const id = idOfBulk(await start(REVOKE));
    world.killAll();
    const answers = await losingEach(['read', 'list', 'cleanUp'], async () => answerOf(await change(id, 'paused')));
    expect(answers).toEqual(['ledger-unavailable', 'ledger-unavailable', 'ledger-unavailable']);
  });

  it('beside another one is refused, and has to be decided again', async () => {
    const id = idOfBulk(await start(REVOKE));
    const both = await Promise.all([change(id, 'paused'), change(id, 'cancelled')]);
    expect(both.map(answerOf).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['bulk-conflict', 'started']);
  });
});
