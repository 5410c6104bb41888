import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/world.ts';
import { EXAMPLE, type Json, type Reply, Rig, until } from './harness.ts';

let rig: Rig;
let operator: string;
beforeAll(async () => {
  rig = await Rig.start({
    MINT_DEADLINE_SECONDS: '2',
    STORE_DEADLINE_SECONDS: '2',
    LEASE_MARGIN_SECONDS: '1',
    LEASE_SECONDS: '6',
    SETTLE_SECONDS: '1',
    RECONCILE_SCHEDULE: '* * * * * *',
  });
  operator = await rig.token({ oid: '99999999-9999-4999-8999-999999999999', roles: [WORLD.operatorRole] });
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

const resolve = (requestId: unknown, body: Json, token = operator): Promise<Reply> =>
  rig.postTo(`/v1/operations/intents/${requestId}/resolve`, body, token);

/** A request of which it is unknown whether its key lives: it was minted, and the socket dropped. */
async function anUnknown(key: string): Promise<string> {
  rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { drop: 'after' } });
  const reply = await rig.post(EXAMPLE, { key });
  expect(reply.body.type).toBe('urn:confluent-key-vending:problem:outcome-unknown');
  return String(reply.body.requestId);
}

const listed = async (requestId: string): Promise<Json | undefined> => {
  const { status, body } = await rig.get('/v1/operations/intents?state=unknown', operator);
  expect(status).toBe(200);
  return (body.intents as Json[]).find((intent) => intent.requestId === requestId);
};

const resolved = (requestId: string, body: Json): Promise<Reply> =>
  until(async () => {
    const reply = await resolve(requestId, body);
    return reply.headers.has('retry-after') ? undefined : reply;
  });

describe('operations', () => {
  it('are for operators only', async () => {
    expect((await rig.get('/v1/operations/intents?state=unknown')).status).toBe(403);
    expect((await resolve('a'.repeat(26), { apiKeyId: null }, await rig.token())).status).toBe(403);
  });

  it.each(['', '?state=vended', '?state=unknown&limit=0', '?state=unknown&colour=red'])(
    'refuse the query "%s"',
    async (query) => {
      expect((await rig.get(`/v1/operations/intents${query}`, operator)).status).toBe(400);
    },
  );

  it('list an unknown request, with the marker to look for', async () => {
    const requestId = await anUnknown('listed');
    const intent = await until(() => listed(requestId));
    expect(intent).toMatchObject({
      state: 'unknown',
      attempt: 1,
      marker: `vend:${requestId}.1`,
      clusterId: 'clusterId-123',
    });
    expect(rig.keys().some(({ description }) => description.endsWith(String(intent.marker)))).toBe(true);
  });
});

describe('resolving', () => {
  it('is refused while the request may still be under way, and for a key of another request', async () => {
    const other = rig.keys().at(-1)?.id;
    const requestId = await anUnknown('early');
    expect(await resolve(requestId, { apiKeyId: null })).toMatchObject({
      status: 409,
      body: { type: expect.stringContaining('not-resolvable') },
    });
    expect((await resolved(requestId, { apiKeyId: other })).status).toBe(409);
    expect((await resolved(requestId, { apiKeyId: 'NOSUCHKEY' })).status).toBe(409);
    expect((await until(() => listed(requestId))).state).toBe('unknown');
  });

  it('with the orphan deletes it; the idempotency key may then be used again', async () => {
    const requestId = await anUnknown('orphan');
    const orphan = rig.keys().at(-1);
    const reply = await resolved(requestId, { apiKeyId: orphan?.id });
    expect(reply).toMatchObject({ status: 200, body: { state: 'failed', earlierKeys: [orphan?.id] } });
    expect(rig.keys().find(({ id }) => id === orphan?.id)?.deleted).toBe(true);
    const again = await rig.post(EXAMPLE, { key: 'orphan' });
    expect(again.status).toBe(201);
    expect(String((again.body.apiKey as { spec: { description: string } }).spec.description)).toContain('.2');
    expect((await resolve(requestId, { apiKeyId: null })).status).toBe(409);
  });

  it('with null closes it, and is audited with the operator’s name', async () => {
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { drop: 'before' } });
    const { body } = await rig.post(EXAMPLE, { key: 'none' });
    const requestId = String(body.requestId);
    expect((await resolved(requestId, { apiKeyId: null })).body.state).toBe('failed');
    const trail = rig.auditOf(requestId);
    expect(trail.map(({ state }) => state)).toEqual(expect.arrayContaining(['minting', 'unknown', 'failed']));
    expect(trail.at(-1)).toMatchObject({
      actor: 'operator:entra:11111111-1111-1111-1111-111111111111:99999999-9999-4999-8999-999999999999',
    });
    expect((await rig.post(EXAMPLE, { key: 'none' })).status).toBe(201);
  });
});

describe('a crash', () => {
  it('after the store heals by itself: the reconciler vends what the vault holds', async () => {
    rig.fault({ service: 'table', operation: 'replace', after: 1, fault: { drop: 'before' } });
    const reply = await rig.post(EXAMPLE, { key: 'crash-after-store' });
    expect(reply).toMatchObject({ status: 503, body: { type: 'urn:confluent-key-vending:problem:not-yet-confirmed' } });
    expect(reply.headers.has('retry-after')).toBe(true);
    rig.heal();
    const healed = await until(async () => {
      const again = await rig.post(EXAMPLE, { key: 'crash-after-store' });
      return again.status === 200 ? again : undefined;
    });
    expect(healed.body.status).toBe('vended');
    expect(rig.posts().filter(({ body }) => JSON.stringify(body).includes(String(healed.body.requestId)))).toHaveLength(
      1,
    );
  });

  it('of the whole function during the mint leaves the request to be found as unknown', async () => {
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { delayMs: 1_500 } });
    const asked = rig.post(EXAMPLE, { key: 'killed' }).catch(() => undefined);
    const posts = rig.posts().length;
    await until(() => (rig.posts().length > posts ? true : undefined));
    await rig.sandbox.function.kill();
    await asked;
    await rig.sandbox.function.start(0);
    const requestId = /vend:([a-z2-7]+)\.1/.exec(JSON.stringify(rig.posts().at(-1)?.body))?.[1] ?? '';
    expect(await until(() => listed(requestId))).toMatchObject({ state: 'unknown' });
    expect((await rig.post(EXAMPLE, { key: 'killed' })).status).toBe(502);
  });
});

describe('paused', () => {
  it('mints nothing new, answers what was vended, and puts queue requests off without counting', async () => {
    const paused = await Rig.start({ MODE: 'paused', QUEUE_RETRY_LIMIT: '0' });
    try {
      const reply = await paused.post(EXAMPLE, { key: 'p' });
      expect(reply).toMatchObject({ status: 503, body: { type: 'urn:confluent-key-vending:problem:paused' } });
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
      paused.send('paused', EXAMPLE);
      const copy = await until(() => paused.replies(WORLD.queues.retry).at(0));
      expect(copy).toMatchObject({
        state: 'scheduled',
        body: { envelope: { copies: 1, attempts: 0, messageId: 'paused' } },
      });
      expect(paused.posts()).toEqual([]);
      expect(paused.replies()).toEqual([]);
    } finally {
      await paused.close();
    }
  });
});
