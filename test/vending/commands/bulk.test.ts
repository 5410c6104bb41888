import { beforeEach, describe, expect, it } from 'vitest';
import { changeBulk } from '../../../src/vending/commands/bulk.ts';
import { readBulk } from '../../../src/vending/commands/bulk-progress.ts';
import { rowKey } from '../../../src/vending/model/rows.ts';
import { CLOCK_SKEW_MS } from '../../../src/vending/model/timings.ts';
import { reconcile } from '../../../src/vending/review/reconcile.ts';
import { HOUR, revokeIn, SETTINGS, vendIn } from '../world/steps.ts';
import type { World } from '../world/world.ts';
import { BY, bulkSteps, idOf, idOfBulk, leaked, leakedWorld, REVOKE } from './bulk-scene.ts';

let world: World;
beforeEach(async () => {
  world = await leakedWorld();
});
const { preview, progress, start, statuses, statusIn, tick } = bulkSteps(() => world);

describe('a bulk revocation', () => {
  it('ends every key that the filter names, and no other', async () => {
    const id = idOfBulk(await start(REVOKE));
    expect(await progress(id)).toMatchObject({ state: 'running', count: 3, left: 3, done: 0 });
    await tick();
    expect(statuses('a', 'b', 'c', 'x', 'y')).toEqual(['revoked', 'revoked', 'revoked', 'vended', 'vended']);
    expect(await progress(id)).toMatchObject({ done: 3, left: 0, failedCount: 0, remainingCount: 0 });
    const actors = world.audit.filter((record) => 'change' in record && record.change === 'revoke');
    expect(actors.map((record) => 'actor' in record && record.actor)).toEqual(Array(3).fill(`${BY} bulk:${id}`));
  });

  it('ends keys with a later date than its own too: a clock was ahead, or they were vended while it read its members', async () => {
    await vendIn(world, leaked('ahead'));
    world.now -= CLOCK_SKEW_MS;
    const id = idOfBulk(await start({ ...REVOKE, expect: 4 }));
    expect(await progress(id)).toMatchObject({ count: 4, left: 4, done: 0 });
    world.now += CLOCK_SKEW_MS;
    await tick();
    expect(statuses('a', 'b', 'c', 'ahead')).toEqual(['revoked', 'revoked', 'revoked', 'revoked']);
  });

  it('does not take what is vended after its start, and reports it', async () => {
    const id = idOfBulk(await start(REVOKE));
    await vendIn(world, leaked('late'));
    await tick();
    expect(statusIn('late')).toBe('vended');
    expect(await progress(id)).toMatchObject({ done: 3, remaining: [idOf('late')], remainingCount: 1 });
    await revokeIn(world, idOf('late'));
    expect(await progress(id)).toMatchObject({ done: 3, remaining: [], remainingCount: 0 });
  });

  it('reports a retry of an old credential that vends after the start', async () => {
    world.fault = (call) => (call === 'mint' ? 'refused' : undefined);
    await vendIn(world, leaked('retried'));
    world.fault = () => undefined;
    const id = idOfBulk(await start(REVOKE));
    world.pass(HOUR);
    await vendIn(world, leaked('retried'));
    expect(statusIn('retried')).toBe('vended');
    expect(await progress(id)).toMatchObject({ remaining: [idOf('retried')] });
  });

  it('says that a member was not marked which could not be read when its turn came', async () => {
    const id = idOfBulk(await start(REVOKE));
    const key = rowKey('credential', idOf('b'));
    const kept = world.ledger.rows.get(key);
    if (kept === undefined) throw new Error('There is no member b.');
    world.ledger.rows.set(key, {
      text: JSON.stringify({ ...JSON.parse(kept.text), ofTheNextVersion: 1 }),
      etag: 'new',
    });
    await tick();
    world.ledger.rows.set(key, kept);
    expect(await progress(id)).toMatchObject({ left: 0, failed: [{ id: idOf('b'), reason: 'not-marked' }], done: 2 });
    expect(world.logs).toContainEqual({ level: 'error', event: 'row-unreadable', credentialId: idOf('b') });
  });

  it('says why a member is not done', async () => {
    const id = idOfBulk(await start(REVOKE));
    world.fault = (call) => (call === 'deleteKey' || call === 'getKey' ? 'refused' : undefined);
    for (let run = 0; run < 15; run++) await tick();
    const stuck = await progress(id);
    expect(stuck).toMatchObject({ done: 0, failedCount: 3 });
    expect(stuck.failed[0]).toMatchObject({ reason: 'undecided' });
    world.fault = () => undefined;
    world.pass(2 * HOUR);
    await tick();
    expect(await progress(id)).toMatchObject({ done: 3, failedCount: 0 });
  });

  it.each(['read', 'list', 'cleanUp'] as const)('is whole although the ledger loses every fourth %s', async (call) => {
    let count = 0;
    world.fault = (each) => (each === call && count++ % 4 === 0 ? 'lost' : undefined);
    for (let tries = 0; tries < 20; tries++) if ((await start(REVOKE, `leak-${tries}`)).kind === 'started') break;
    for (let run = 0; run < 10; run++) await tick();
    world.fault = () => undefined;
    await tick();
    await tick();
    expect(statuses('a', 'b', 'c', 'x')).toEqual(['revoked', 'revoked', 'revoked', 'vended']);
  });

  it('goes on in the next run where the process died right after its start', async () => {
    const id = idOfBulk(await start(REVOKE));
    world.killAll();
    expect(statuses('a')).toEqual(['vended']);
    await tick();
    await tick();
    expect(await progress(id)).toMatchObject({ done: 3 });
  });

  it('steps over a member that this version cannot read, and never calls it done', async () => {
    const b = idOf('b');
    const row = world.ledger.get(b);
    world.ledger.rows.set(`credential_${b}`, { text: JSON.stringify({ ...row, later: true }), etag: 'e' });
    expect(await preview(REVOKE)).toMatchObject({ preview: { count: 2, unreadable: [b] } });
    world.ledger.rows.set(`credential_${b}`, { text: JSON.stringify(row), etag: 'e2' });
    const id = idOfBulk(await start(REVOKE));
    world.killAll();
    world.ledger.rows.set(`credential_${b}`, { text: JSON.stringify({ ...row, later: true }), etag: 'e3' });
    await tick();
    await tick();
    expect(statuses('a', 'c')).toEqual(['revoked', 'revoked']);
    expect(await progress(id)).toMatchObject({ done: 2, failed: [{ id: b, reason: 'unreadable' }], unreadable: [b] });
  });

  it('spares a credential that was forgotten and vended anew since its start', async () => {
    const id = idOfBulk(await start(REVOKE));
    world.killAll();
    await changeBulk(world.ctx('operator'), id, 'paused');
    await revokeIn(world, idOf('a'));
    world.pass(40 * 24 * HOUR);
    for (let run = 0; run < 3; run++) await tick();
    expect(statusIn('a')).toBeUndefined();
    await vendIn(world, leaked('a'));
    expect(await progress(id)).toMatchObject({ done: 1, left: 2, failedCount: 0 });
    await changeBulk(world.ctx('operator'), id, 'running');
    await tick();
    await tick();
    expect(statuses('a', 'b')).toEqual(['vended', 'revoked']);
  });
});

describe('an operator', () => {
  it('pauses, resumes and cancels what is not marked yet', async () => {
    const id = idOfBulk(await start(REVOKE));
    world.killAll();
    await changeBulk(world.ctx('operator'), id, 'paused');
    await tick();
    expect(statuses('a', 'b')).toEqual(['vended', 'vended']);
    expect(await progress(id)).toMatchObject({ state: 'paused', left: 3 });
    await changeBulk(world.ctx('operator'), id, 'running');
    await tick();
    await tick();
    expect(statuses('a', 'b')).toEqual(['revoked', 'revoked']);
    await changeBulk(world.ctx('operator'), id, 'cancelled');
    expect(await changeBulk(world.ctx('operator'), id, 'running')).toMatchObject({
      problem: { type: 'bulk-conflict' },
    });
  });

  it('that cancels is not overruled by one who resumes at the same time', async () => {
    const id = idOfBulk(await start(REVOKE));
    world.killAll();
    await changeBulk(world.ctx('operator'), id, 'paused');
    const both = await Promise.all([
      changeBulk(world.ctx('operator'), id, 'running'),
      changeBulk(world.ctx('operator'), id, 'cancelled'),
    ]);
    expect(both.filter(({ kind }) => kind === 'problem')).toHaveLength(1);
    await changeBulk(world.ctx('operator'), id, 'cancelled');
    await tick();
    expect(world.ledger.all('marking')).toEqual([]);
    expect(await progress(id)).toMatchObject({ state: 'cancelled' });
  });

  it('reads of no bulk operation that there is not', async () => {
    const id = 'a'.repeat(26);
    expect(await readBulk(world.ctx('operator'), id)).toMatchObject({ problem: { type: 'not-found' } });
    expect(await changeBulk(world.ctx('operator'), id, 'paused')).toMatchObject({ problem: { type: 'not-found' } });
  });
});

it('a bulk operation of 250 credentials is marked by the hundred, after the reviews that are due', async () => {
  const [row] = world.ledger.all('credential').filter(({ id }) => id === idOf('a'));
  if (row === undefined) throw new Error('There is none.');
  for (let n = 0; n < 247; n++) {
    const id = `m${n}`.padEnd(26, 'a');
    world.ledger.rows.set(`credential_${id}`, {
      text: JSON.stringify({ ...row, id, holdsName: undefined }),
      etag: `e${n}`,
    });
  }
  await start({ ...REVOKE, expect: 250 });
  world.killAll();
  const marked = (): number =>
    world.ledger.all('credential').filter(({ revocation }) => revocation !== undefined).length;
  const seen: number[] = [];
  for (let run = 0; run < 3; run++) {
    await reconcile(world.ctx('reconciler'), SETTINGS, { page: 200, concurrency: 4 });
    seen.push(marked());
  }
  expect(seen).toEqual([100, 200, 250]);
  expect(world.ledger.all('marking')).toEqual([]);
});
