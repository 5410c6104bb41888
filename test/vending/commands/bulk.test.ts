import { beforeEach, describe, expect, it } from 'vitest';
import { type BulkRequest, changeBulk, type Started, startBulk } from '../../../src/vending/commands/bulk.ts';
import { readBulk } from '../../../src/vending/commands/bulk-progress.ts';
import { statusOf } from '../../../src/vending/model/credential.ts';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import { reconcile } from '../../../src/vending/review/reconcile.ts';
import { CALLER, HOUR, revokeIn, SETTINGS, vendIn } from '../world/steps.ts';
import { World } from '../world/world.ts';

const LEAKED = { cluster: 'lkc-leaked' };
const BY = 'operator:entra:t:o';
const REVOKE: BulkRequest = { operation: 'revoke', filter: LEAKED, expect: 3 };
const ROTATE: BulkRequest = { operation: 'rotate', filter: LEAKED, expect: 3 };

let world: World;
beforeEach(async () => {
  world = new World();
  for (const key of ['a', 'b', 'c']) await vendIn(world, leaked(key));
  for (const key of ['x', 'y']) await vendIn(world, { key: { kind: 'key', key } });
  world.pass(HOUR);
});

const leaked = (key: string) => ({ key: { kind: 'key', key } as const, request: { clusterId: LEAKED.cluster } });
const idOf = (key: string): string => credentialIdOf(CALLER.id, { kind: 'key', key });
const sorted = (ids: readonly string[]): readonly string[] => ids.toSorted((a, b) => (a < b ? -1 : 1));
const statusIn = (key: string): string | undefined => {
  const row = world.ledger.get(idOf(key));
  return row && statusOf(row);
};
const statuses = (...keys: string[]): (string | undefined)[] => keys.map(statusIn);

const start = (request: BulkRequest, key = 'leak'): Promise<Started> =>
  startBulk(world.ctx('operator'), { by: BY, key, request });
const idOfBulk = (started: Started): string => {
  if (started.kind !== 'started') throw new Error(`Expected a start, got ${JSON.stringify(started)}`);
  return started.bulk.id;
};
async function progress(id: string) {
  const read = await readBulk(world.ctx('operator'), id);
  if (read.kind === 'problem') throw new Error(read.problem.detail);
  return read.progress;
}
async function tick(): Promise<void> {
  await world.settled();
  world.pass(61_000);
  await reconcile(world.ctx('reconciler'), SETTINGS, { page: 200, concurrency: 4 });
  await world.settled();
}

describe('a dry run', () => {
  it('says how many and which, and does nothing', async () => {
    const rows = world.ledger.rows.size;
    const started = await start({ operation: 'revoke', filter: LEAKED, validateOnly: true });
    expect(started).toEqual({
      kind: 'previewed',
      preview: { operation: 'revoke', count: 3, credentials: sorted(['a', 'b', 'c'].map(idOf)) },
    });
    expect(world.ledger.rows.size).toBe(rows);
  });

  it('leaves out what is revoked already, and for a rotation what has no key', async () => {
    await revokeIn(world, idOf('a'));
    world.fault = (call) => (call === 'mint' ? 'lost' : undefined);
    await vendIn(world, leaked('unknown'));
    world.fault = () => undefined;
    expect(await start({ ...REVOKE, validateOnly: true })).toMatchObject({ preview: { count: 3 } });
    expect(await start({ ...ROTATE, validateOnly: true })).toMatchObject({ preview: { count: 2 } });
  });
});

describe('a bulk revocation', () => {
  it('ends every key that the filter names, and no other', async () => {
    const id = idOfBulk(await start(REVOKE));
    expect(await progress(id)).toMatchObject({ state: 'running', count: 3, left: 3, done: 0 });
    await tick();
    expect(statuses('a', 'b', 'c', 'x', 'y')).toEqual(['revoked', 'revoked', 'revoked', 'vended', 'vended']);
    expect(await progress(id)).toMatchObject({ state: 'done', done: 3, left: 0, failedCount: 0, vendedSinceCount: 0 });
    const actors = world.audit.filter((record) => 'change' in record && record.change === 'revoke');
    expect(actors.map((record) => 'actor' in record && record.actor)).toEqual(Array(3).fill(`${BY} bulk:${id}`));
  });

  it('does nothing where the count differs from the dry run', async () => {
    await vendIn(world, leaked('late'));
    expect(await start(REVOKE)).toMatchObject({ kind: 'problem', problem: { type: 'bulk-conflict' } });
    await tick();
    expect(statuses('a', 'late')).toEqual(['vended', 'vended']);
  });

  it('does not take what is vended after its start, and reports it', async () => {
    const id = idOfBulk(await start(REVOKE));
    await vendIn(world, leaked('late'));
    await tick();
    expect(statusIn('late')).toBe('vended');
    expect(await progress(id)).toMatchObject({ done: 3, vendedSince: [idOf('late')], vendedSinceCount: 1 });
  });

  it('reports a retry of an old credential that vends after the start', async () => {
    world.fault = (call) => (call === 'mint' ? 'refused' : undefined);
    await vendIn(world, leaked('retried'));
    world.fault = () => undefined;
    const id = idOfBulk(await start(REVOKE));
    world.pass(HOUR);
    await vendIn(world, leaked('retried'));
    expect(statusIn('retried')).toBe('vended');
    expect(await progress(id)).toMatchObject({ vendedSince: [idOf('retried')] });
  });

  it('sent again is the same one', async () => {
    const id = idOfBulk(await start(REVOKE));
    await tick();
    const again = await start(REVOKE);
    expect(again).toMatchObject({ kind: 'started', isReplay: true });
    expect(idOfBulk(again)).toBe(id);
    expect(await start(ROTATE)).toMatchObject({ problem: { type: 'idempotency-key-reused' } });
    expect(await start({ ...REVOKE, filter: { rule: 'orders' } })).toMatchObject({
      problem: { type: 'idempotency-key-reused' },
    });
  });

  it('says why a member is not done', async () => {
    const id = idOfBulk(await start(REVOKE));
    world.fault = (call) => (call === 'deleteKey' || call === 'getKey' ? 'refused' : undefined);
    for (let run = 0; run < 15; run++) await tick();
    const stuck = await progress(id);
    expect(stuck).toMatchObject({ state: 'running', done: 0, failedCount: 3 });
    expect(stuck.failed[0]).toMatchObject({ reason: 'undecided' });
    world.fault = () => undefined;
    world.pass(2 * HOUR);
    await tick();
    expect(await progress(id)).toMatchObject({ state: 'done', done: 3 });
  });

  it.each(['read', 'list', 'cleanUp'] as const)('is whole although the ledger loses every third %s', async (call) => {
    let count = 0;
    world.fault = (each) => (each === call && count++ % 3 === 0 ? 'lost' : undefined);
    for (let tries = 0; tries < 20 && !(await started()); tries++) await start(REVOKE);
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
    expect(await progress(id)).toMatchObject({ state: 'done' });
  });

  it('that died among its members begins anew with those that the filter names then', async () => {
    const dying = world.fault;
    let writes = 0;
    world.fault = (call) => (call === 'cleanUp' && ++writes === 2 ? 'lost' : undefined);
    await start(REVOKE);
    world.fault = dying;
    await revokeIn(world, idOf('a'));
    await vendIn(world, leaked('d'));
    const id = idOfBulk(await start(REVOKE));
    await tick();
    expect(await progress(id)).toMatchObject({ state: 'done', count: 3, done: 3 });
    expect(statuses('b', 'c', 'd')).toEqual(['revoked', 'revoked', 'revoked']);
  });
});

const started = async (): Promise<boolean> => world.ledger.all('bulk').length > 0;

describe('a bulk rotation', () => {
  it('asks for one rotation of each key, however often it is marked', async () => {
    const id = idOfBulk(await start(ROTATE));
    await tick();
    await changeBulk(world.ctx('operator'), id, 'running');
    await tick();
    expect(sorted(world.rotationsAsked.map((asked) => asked.id))).toEqual(sorted(['a', 'b', 'c'].map(idOf)));
    expect(await progress(id)).toMatchObject({ state: 'running', left: 3 });
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

  it('reads of no bulk operation that there is not', async () => {
    const id = 'a'.repeat(26);
    expect(await readBulk(world.ctx('operator'), id)).toMatchObject({ problem: { type: 'not-found' } });
    expect(await changeBulk(world.ctx('operator'), id, 'paused')).toMatchObject({ problem: { type: 'not-found' } });
  });
});

it('a bulk operation of 700 credentials is marked in three runs, and holds up no review', async () => {
  const [row] = world.ledger.all('credential').filter(({ id }) => id === idOf('a'));
  if (row === undefined) throw new Error('There is none.');
  for (let n = 0; n < 697; n++) {
    const id = `m${n}`.padEnd(26, 'a');
    world.ledger.rows.set(`credential_${id}`, {
      text: JSON.stringify({ ...row, id, holdsName: undefined }),
      etag: `e${n}`,
    });
  }
  await start({ ...REVOKE, expect: 700 });
  world.killAll();
  const marked = (): number =>
    world.ledger.all('credential').filter(({ revocation }) => revocation !== undefined).length;
  const seen: number[] = [];
  for (let run = 0; run < 3; run++) {
    await reconcile(world.ctx('reconciler'), SETTINGS, { page: 200, concurrency: 4 });
    seen.push(marked());
  }
  expect(seen).toEqual([300, 600, 700]);
  expect(world.ledger.all('marking')).toEqual([]);
});
