import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { EXAMPLE, problemUri, Rig, until } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ RECONCILE_SCHEDULE: '* * * * * *' });
  await rig.vend('warm');
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

/** Lease and settling time are over then. */
const LAPSED = 'PT4M';

describe('a crash', () => {
  it('of the ledger after the store heals by itself: the reconciler vends what the vault holds', async () => {
    rig.fault({ service: 'table', operation: 'batch', after: 1, fault: { drop: 'before' } });
    const reply = await rig.post(EXAMPLE, { key: 'crash-after-store' });
    expect(reply).toMatchObject({ status: 503, body: { type: problemUri('not-yet-confirmed') } });
    expect(reply.headers.has('retry-after')).toBe(true);
    rig.heal();
    const id = String(reply.body.credentialId);
    await rig.advance(LAPSED);
    await rig.becomes(id, 'vended');
    expect(await rig.post(EXAMPLE, { key: 'crash-after-store' })).toMatchObject({ status: 200, body: { id } });
    expect(rig.livingKeys(id)).toHaveLength(1);
    expect(rig.auditOf(id).map(({ change, actor }) => `${change} by ${actor}`)).toContain(
      'recoverVended by reconciler',
    );
  });

  it('of the whole function during the mint leaves the credential to be found as unknown', async () => {
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { delayMs: 1_500 } });
    const before = rig.posts().length;
    const asked = rig.post(EXAMPLE, { key: 'killed' }).catch(() => undefined);
    const [post] = await until(() => (rig.posts().length > before ? rig.posts().slice(before) : undefined));
    const id = /vend:([a-z2-7]+)\.1/.exec(JSON.stringify(post?.body))?.[1] ?? '';
    await rig.sandbox.function.kill();
    await asked;
    await rig.sandbox.function.start(0);
    await rig.advance(LAPSED);
    await rig.becomes(id, 'unknown');
    expect((await rig.post(EXAMPLE, { key: 'killed' })).status).toBe(502);
    expect(rig.posts()).toHaveLength(before + 1);
  });

  it('during a rotation leaves the old key in force, and a review finds out what became of the new one', async () => {
    const { id, keyId } = await rig.vend('rotation');
    rig.fault({ service: 'vault', operation: 'setSecret', times: 1, fault: { delayMs: 1_500 } });
    const asked = rig.rotate(id, 'r-1').catch(() => undefined);
    await until(async () => ((await rig.ledgerRow(id))?.work?.phase === 'minted' ? true : undefined));
    await rig.sandbox.function.kill();
    await asked;
    await rig.sandbox.function.start(0);
    expect(await rig.becomes(id, 'vended')).toMatchObject({ apiKey: { id: keyId } });
    // Where the secret has not landed, a review waits until no clock lets the worker act any more.
    await rig.advance('PT8M');
    const settled = await until(async () => {
      const row = await rig.ledgerRow(id);
      return row?.work === undefined ? row : undefined;
    });
    // The store may have landed after the kill.
    const current = settled.current?.key.id ?? '';
    expect(rig.livingKeys(id)).toContain(current);
    expect(rig.livingKeys(id)).toEqual([settled.previous?.keyId, current].filter((each) => each !== undefined));
  });
});

describe('paused', () => {
  it('mints nothing new, answers what was vended, and reschedules messages without counting', async () => {
    const paused = await Rig.start({ MODE: 'paused', QUEUE_RETRY_LIMIT: '0' });
    try {
      const reply = await paused.post(EXAMPLE, { key: 'p' });
      expect(reply).toMatchObject({ status: 503, body: { type: problemUri('paused') } });
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
      paused.send('paused', EXAMPLE);
      const retry = await until(() => paused.replies(WORLD.queues.retry).at(0));
      expect(retry).toMatchObject({
        state: 'scheduled',
        body: { envelope: { rescheduleCount: 1, attempts: 0, reply: { correlationId: 'paused' } } },
      });
      expect(paused.posts()).toEqual([]);
      expect(paused.replies()).toEqual([]);
    } finally {
      await paused.close();
    }
  });
});
