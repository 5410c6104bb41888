import { beforeEach, describe, expect, it } from 'vitest';
import { auditRecordSchema } from '../../../src/vending/model/audit.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import type { EventPublisher } from '../../../src/vending/ports/messaging.ts';
import { publishPending } from '../../../src/vending/review/republish.ts';
import { ID, vendIn } from '../world/steps.ts';
import { World } from '../world/world.ts';
import { DEAD, dead, logged, stateOf, tickIn, types, vended } from './scenes.ts';

const GRACE = 30_000;
let world: World;
beforeEach(() => {
  world = new World();
});

/** A worker that died right after its last commit. */
async function vendAndDie(): Promise<void> {
  await vendIn(world);
  world.killAll();
}

describe('what was committed', () => {
  it('is in the log at once, and its rows are removed later, in batches', async () => {
    await vendIn(world);
    expect(world.audit.map((record) => 'change' in record && record.change)).toEqual([
      'claimVend',
      'recordMinted',
      'recordVended',
    ]);
    expect(world.ledger.keys('audit')).toHaveLength(3);
    await world.settled();
    expect([...world.ledger.keys('audit'), ...world.ledger.keys('event')]).toEqual([]);
    const removals = world.trace.filter((call) => call.startsWith('COMMIT remove'));
    expect(removals).toEqual(['COMMIT remove audit audit audit', 'COMMIT remove event']);
    await tickIn(world, GRACE + 1);
    expect(world.audit).toHaveLength(3);
    expect(types(world)).toEqual(['vended.v1']);
  });

  it('by a worker that died is published again after 30 seconds, audit records marked as repeated, once', async () => {
    await vendAndDie();
    const first = [...world.audit];
    await tickIn(world, GRACE);
    expect(world.audit).toEqual(first);
    await tickIn(world, 1);
    expect(world.audit.slice(3)).toEqual(first.map((record) => ({ ...record, repeated: true })));
    for (const record of world.audit) expect(auditRecordSchema.parse(record)).toEqual(record);
    expect(types(world)).toEqual(['vended.v1']);
    await tickIn(world, GRACE + 1);
    expect(world.audit).toHaveLength(6);
    expect(types(world)).toHaveLength(1);
  });

  it('keeps its rows where they could not be removed, and is published again under the same id', async () => {
    await vendIn(world);
    world.fault = (call) => (call === 'cleanUp' ? 'lost' : undefined);
    await world.settled();
    world.fault = () => undefined;
    await tickIn(world, GRACE + 1);
    expect(types(world)).toEqual(['vended.v1', 'vended.v1']);
    expect(new Set(world.published.map(({ id }) => id)).size).toBe(1);
    expect(new Set(world.audit.map(({ id }) => id)).size).toBe(3);
  });

  it('waits in its row where the ledger lists nothing', async () => {
    await vendAndDie();
    world.fault = (call) => (call === 'list' ? 'lost' : undefined);
    await tickIn(world, GRACE + 1);
    expect(world.ledger.keys('event')).toHaveLength(1);
    expect(world.ledger.keys('audit')).toHaveLength(3);
  });

  it('and cannot be read is named in the log, and holds up nothing', async () => {
    await vendAndDie();
    for (const kind of ['audit', 'event'] as const) {
      const row = rowOf(kind, { id: ID, at: 0, sequence: 1, part: 0, body: '{"later":true' });
      world.ledger.rows.set(row.key, { text: JSON.stringify(row.value), etag: 'e' });
    }
    await tickIn(world, GRACE + 1);
    const line = { level: 'error', event: 'row-unreadable', credentialId: ID };
    expect(world.logs.filter(({ event }) => event === 'row-unreadable')).toEqual([line, line]);
    expect(types(world)).toEqual(['vended.v1']);
    await tickIn(world, GRACE + 1);
    expect([...world.ledger.keys('audit'), ...world.ledger.keys('event')]).toEqual([]);
    expect(logged(world).filter((event) => event === 'row-unreadable')).toHaveLength(2);
  });

  it.each(['audit', 'event'] as const)('in an %s row that nobody can read is named in the log once', async (kind) => {
    await vendAndDie();
    const key = `${kind}_${new Date(0).toISOString()}_x`;
    world.ledger.rows.set(key, { text: '{"later":true}', etag: 'e' });
    for (let run = 0; run < 3; run++) await tickIn(world, GRACE + 1);
    expect(logged(world).filter((event) => event === 'row-unreadable')).toHaveLength(1);
    expect(world.ledger.keys(kind)).toEqual([]);
  });
});

describe('a topic', () => {
  it('that takes nothing holds up neither answer nor review, and is asked five times in a run', async () => {
    world = await dead(DEAD.stored, (each) => {
      each.refusesEvents = true;
    });
    for (let key = 0; key < 20; key++) await vended(world, { key: { kind: 'key', key: `${key}` } });
    world.pass(GRACE + 1);
    const { length } = world.calls;
    await tickIn(world, 0);
    expect(stateOf(world)).toBe('vended');
    // Five of the run, and one of the commit of its review.
    expect(world.calls.slice(length).filter((call) => call === 'publish')).toHaveLength(5 + 1);
    world.refusesEvents = false;
    await tickIn(world, GRACE + 1);
    expect(types(world)).toHaveLength(21);
    expect(world.ledger.keys('event')).toEqual([]);
  });

  it.each([400, 413])('that never takes some events (%d) gets all the others', async (status) => {
    for (let key = 0; key < 8; key++) await vendIn(world, { key: { kind: 'key', key: `${key}` } });
    world.killAll();
    const refused = world.ledger.all('event').slice(0, 6);
    const ids = refused.map(({ body }) => JSON.parse(body).id);
    const ctx = world.ctx('reconciler');
    const events: EventPublisher = {
      publish: async (event) =>
        ids.includes(event.id)
          ? { kind: 'not-published', upstream: { service: 'events', status } }
          : (ctx.events?.publish(event) ?? { kind: 'published' }),
    };
    world.pass(GRACE + 1);
    await publishPending({ ...ctx, events }, world.now);
    await world.settled();
    expect(types(world)).toHaveLength(2);
    expect(world.ledger.keys('event')).toHaveLength(6);
    const lines = world.logs.filter(({ event }) => event === 'event-not-published');
    const upstream = { service: 'events', status };
    expect(lines).toEqual(
      refused.map(({ id }) => ({ level: 'warn', event: 'event-not-published', credentialId: id, upstream })),
    );
  });

  it.each(['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'data'])(
    'gets no kept event without %s, which the log says',
    async (attribute) => {
      await vendAndDie();
      const [event] = world.ledger.all('event');
      if (event === undefined) throw new Error('No event was kept.');
      const { [attribute]: _, ...body } = JSON.parse(event.body);
      const { key, value } = rowOf('event', { ...event, body: JSON.stringify(body) });
      world.ledger.rows.set(key, { text: JSON.stringify(value), etag: 'e' });
      await tickIn(world, GRACE + 1);
      expect([types(world), world.ledger.keys('event')]).toEqual([[], []]);
      expect(logged(world)).toContain('row-unreadable');
    },
  );

  it('that is slow leaves the rest of the run to reviews', async () => {
    world = await dead(DEAD.stored);
    for (let key = 0; key < 20; key++) {
      await vendIn(world, { key: { kind: 'key', key: `${key}` } });
      world.killAll();
    }
    world.pass(GRACE + 1);
    world.turn = async (call) => {
      if (call === 'publish') world.pass(5_000);
    };
    const start = world.now;
    await tickIn(world, 0);
    expect(stateOf(world)).toBe('vended');
    expect(world.now - start).toBeLessThanOrEqual(25_000);
    // Three of the run, and one of the commit of its review.
    expect(types(world)).toHaveLength(3 + 1);
  });

  it('that is not configured is not waited for: no event is kept', async () => {
    world.hasTopic = false;
    await vended(world);
    expect(world.ledger.keys('event')).toEqual([]);
  });

  it('gets what happened to one credential with the numbers of its commits', async () => {
    await vended(world);
    expect(world.published[0]).toMatchObject({ subject: ID, data: { credentialId: ID, sequence: 3 } });
  });
});
