import { beforeEach, describe, expect, it } from 'vitest';
import {
  type BulkRequest,
  changeBulk,
  previewBulk,
  type Started,
  startBulk,
} from '../../../src/vending/commands/bulk.ts';
import { readBulk } from '../../../src/vending/commands/bulk-progress.ts';
import { statusOf } from '../../../src/vending/model/credential.ts';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import { reconcile } from '../../../src/vending/review/reconcile.ts';
import { CALLER, HOUR, orCrash, revokeIn, SETTINGS, vendIn } from '../world/steps.ts';
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
const preview = (request: BulkRequest): Promise<Started> => previewBulk(world.ctx('operator'), request);
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
    const started = await preview({ operation: 'revoke', filter: LEAKED });
    expect(started).toEqual({
      kind: 'previewed',
      preview: { operation: 'revoke', count: 3, credentials: sorted(['a', 'b', 'c'].map(idOf)), unreadable: [] },
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
  it('ends every key that the filter names, and no other', async () => {
    const id = idOfBulk(await start(REVOKE));
    expect(await progress(id)).toMatchObject({ state: 'running', count: 3, left: 3, done: 0 });
    await tick();
    expect(statuses('a', 'b', 'c', 'x', 'y')).toEqual(['revoked', 'revoked', 'revoked', 'vended', 'vended']);
    expect(await progress(id)).toMatchObject({ done: 3, left: 0, failedCount: 0, remainingCount: 0 });
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
    expect(await progress(id)).toMatchObject({ done: 3, remaining: [idOf('late')], remainingCount: 1 });
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
    await changeBulk(world.ctx('operator'), id, 'running');
    await tick();
    await tick();
    expect(statuses('a', 'b')).toEqual(['vended', 'revoked']);
  });
});

describe('a bulk rotation', () => {
  it('asks for one rotation of each key, however often it is marked', async () => {
    const id = idOfBulk(await start(ROTATE));
    await tick();
    await changeBulk(world.ctx('operator'), id, 'running');
    await tick();
    expect(sorted(world.rotationsAsked.map((asked) => asked.id))).toEqual(sorted(['a', 'b', 'c'].map(idOf)));
    expect(await progress(id)).toMatchObject({ left: 3 });
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
