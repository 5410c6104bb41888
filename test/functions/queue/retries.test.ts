import { beforeEach, describe, expect, it } from 'vitest';
import { faultsAt, HOUR, SETTINGS, withRule } from '../../vending/world/steps.ts';
import { BACKOFF, bodyOf, only, QUEUES, REQUEST, type Sent, Service } from './service.ts';

const SHARED_KEY = { ...REQUEST, idempotencyKey: 'order-1' };

let service: Service;
beforeEach(() => {
  service = new Service();
});

const delayOf = ({ notBefore }: Sent): number => (notBefore?.getTime() ?? 0) - service.world.now;

/** Delivers one retry message after another, each in its time, until something else is sent. */
async function exhaust(first: Sent[]): Promise<{ delays: number[]; end: Sent }> {
  const delays: number[] = [];
  let sent = only(first);
  while (sent.queue === QUEUES.retryQueue && delays.length < 20) {
    delays.push(delayOf(sent));
    sent = only(await service.retryInTime(sent));
  }
  return { delays, end: sent };
}

describe('a request that cannot be served now', () => {
  it('is rescheduled for longer and longer, to a limit, and answered when its attempts are used up', async () => {
    service.isVaultWritable = false;
    const { delays, end } = await exhaust(await service.request(REQUEST, { messageId: 'm-1' }));
    // The vault asks for 15 s at least.
    expect(delays).toEqual([15_000, 15_000, 20_000, 30_000, 30_000, 30_000]);
    expect(end).toMatchObject({
      queue: 'vend-results',
      message: { subject: 'vault-unavailable', correlationId: 'm-1' },
    });
  });

  it('is answered with its key though its last retry is delivered again after the failure', async () => {
    service.isVaultWritable = false;
    let last = only(await service.request(REQUEST, { messageId: 'm-1' }));
    for (let n = 1; n < BACKOFF.maxAttempts; n++) last = only(await service.retry(last.message));
    const refused = only(await service.retry(last.message));
    expect(refused.message.subject).toBe('vault-unavailable');
    service.isVaultWritable = true;
    const again = only(await service.retry(last.message));
    expect(again.message.subject).toBe('vended');
    expect(again.message.messageId).not.toBe(refused.message.messageId);
  });

  it('mints at ever longer intervals while the vault refuses the secret', async () => {
    const { world } = service;
    world.vault.refuseStores = 'denied';
    const mintedAt: number[] = [];
    let sent = await service.request(REQUEST, { messageId: 'm-1' });
    for (let n = 0; n < 100 && only(sent).queue === QUEUES.retryQueue; n++) {
      if (world.confluent.posts.length > mintedAt.length) mintedAt.push(world.now);
      sent = await service.retryInTime(only(sent));
    }
    expect(only(sent).message.subject).toBe('vault-refused');
    const intervals = mintedAt.slice(1).map((at, index) => at - (mintedAt[index] ?? 0));
    expect(intervals.length).toBeGreaterThan(1);
    expect(intervals.every((interval, index) => interval > (intervals[index - 1] ?? BACKOFF.maxMs))).toBe(true);
  });

  it('is answered at once where another attempt would change nothing', async () => {
    service.world.confluent.mintAs = () => ({ kind: 'ambiguous', upstream: { service: 'arm', status: 500 } });
    const { queue, message } = only(await service.request(REQUEST, { messageId: 'm-1' }));
    expect([queue, message.subject]).toEqual(['vend-results', 'outcome-unknown']);
  });

  it('waits for the end of a pause, which uses up no attempt, even after its last one', async () => {
    service.isVaultWritable = false;
    let sent = only(await service.request(REQUEST, { messageId: 'm-1' }));
    for (let n = 1; n < BACKOFF.maxAttempts; n++) sent = only(await service.retry(sent.message));
    service.settings = { ...SETTINGS, mode: 'paused' };
    for (let n = 0; n < 3; n++) sent = only(await service.retry(sent.message));
    expect([sent.queue, delayOf(sent)]).toEqual(['vend-retries', 60_000]);
    service.settings = SETTINGS;
    expect(only(await service.retry(sent.message)).message.subject).toBe('vault-unavailable');
  });

  it('has all its attempts after a pause', async () => {
    service.settings = { ...SETTINGS, mode: 'paused' };
    const sent = only(await service.request(REQUEST, { messageId: 'm-1' }));
    service.settings = SETTINGS;
    service.isVaultWritable = false;
    expect((await exhaust(await service.retry(sent.message))).delays).toHaveLength(BACKOFF.maxAttempts);
  });

  it('is asked for by its own caller on every retry', async () => {
    service.world.fault = faultsAt({ mint: { 1: 'refused' } });
    const sent = only(await service.request(REQUEST, { messageId: 'm-1', replyTo: 'replies-b' }));
    expect(sent.queue).toBe('vend-retries');
    const { queue, message } = only(await service.retryInTime(sent));
    expect([queue, message.subject, message.correlationId]).toEqual(['replies-b', 'vended', 'm-1']);
    const credentials = service.world.ledger.all('credential');
    expect(credentials).toMatchObject([{ caller: 'queue:orders', attempts: 2 }]);
  });
});

describe('a retry message', () => {
  const retryOf = async (body: unknown, metadata: object, queue = 'orders') =>
    only(await service.request(body, { ...metadata }, queue)).message;

  beforeEach(() => {
    service.isVaultWritable = false;
  });

  it('has one id over every delivery, and another for another message, key, queue, sending or retry', async () => {
    service.settings = withRule({ callers: { queues: ['orders', 'payments'] } });
    const metadata = { messageId: 'm-1' };
    const first = await retryOf(SHARED_KEY, metadata);
    expect(await retryOf(SHARED_KEY, metadata)).toEqual(first);
    const others = [
      await retryOf(SHARED_KEY, { messageId: 'm-2' }),
      await retryOf({ ...REQUEST, idempotencyKey: 'order-2' }, metadata),
      await retryOf(SHARED_KEY, metadata, 'payments'),
      await retryOf(SHARED_KEY, { ...metadata, sequenceNumber: 2 }),
      only(await service.retry(first)).message,
    ];
    expect(new Set([first.messageId, ...others.map(({ messageId }) => messageId)]).size).toBe(6);
  });

  it('carries the validated request and no more of a large event', async () => {
    const type = 'com.example.apikey.requested.v1';
    const padding = 'x'.repeat(200_000);
    const event = { specversion: '1.0', id: 'e-1', source: '/portal', type, data: REQUEST, padding };
    const sent = await retryOf(event, { messageId: 'm-1' });
    expect(JSON.parse(sent.body)).toMatchObject({ work: { operation: REQUEST, key: { kind: 'ce', id: 'e-1' } } });
    expect(sent.body.length).toBeLessThan(2_000);
    service.isVaultWritable = true;
    expect(only(await service.retry(sent)).message.subject).toBe('vended');
  });

  it('is served where its reply queue is no longer allowed, and answered on the result queue', async () => {
    const sent = await retryOf(REQUEST, { messageId: 'm-1', replyTo: 'replies-a' });
    service.queues = { ...service.queues, replyQueues: ['replies-b'] };
    service.isVaultWritable = true;
    const { queue, message } = only(await service.retry(sent));
    expect(queue).toBe('vend-results');
    expect(message).toMatchObject({ subject: 'vended', correlationId: 'm-1' });
  });

  it('of a request that is no longer valid is rejected where the sender listens', async () => {
    const sent = await retryOf(REQUEST, { messageId: 'm-1', replyTo: 'replies-a' });
    const { work, ...rest } = JSON.parse(sent.body);
    const body = JSON.stringify({ ...rest, work: { ...work, operation: {} } });
    const { queue, message } = only(await service.retry({ ...sent, body }));
    expect(queue).toBe('replies-a');
    expect(message).toMatchObject({ subject: 'invalid-request', correlationId: 'm-1' });
  });

  it('is trusted on the retry queue alone', async () => {
    const sent = await retryOf(REQUEST, { messageId: 'm-1' });
    const forged = only(await service.request(JSON.parse(sent.body), { messageId: 'm-2' }));
    expect(forged).toMatchObject({ queue: 'vend-results', message: { subject: 'invalid-request' } });
    const stray = only(await service.retry({ ...sent, body: JSON.stringify(REQUEST) }));
    expect(stray).toMatchObject({ queue: 'vend-results', message: { subject: 'invalid-request' } });
  });
});

describe('a revocation that is not proven yet', () => {
  const revoke = async (): Promise<Sent> => {
    const id = bodyOf(only(await service.request(REQUEST, { messageId: 'm-1' }))).id;
    service.world.pass(HOUR);
    service.world.confluent.isLocked = true;
    return only(await service.request({ operation: 'revoke', id }, { messageId: 'm-2' }));
  };

  it('is rescheduled, and answered once nothing lives', async () => {
    const sent = await revoke();
    expect([sent.queue, delayOf(sent)]).toEqual(['vend-retries', 15_000]);
    service.world.confluent.isLocked = false;
    const answered = only(await service.retryInTime(sent));
    expect(answered.message).toMatchObject({ subject: 'revoked', correlationId: 'm-2' });
    expect(bodyOf(answered)).toMatchObject({ status: 'revoked' });
  });

  it('is answered as it is when its attempts are used up, and once more when it is proven', async () => {
    const { delays, end } = await exhaust([await revoke()]);
    expect(delays).toHaveLength(BACKOFF.maxAttempts);
    expect([end.message.subject, bodyOf(end).status]).toEqual(['revoking', 'revoking']);
    service.world.confluent.isLocked = false;
    const id = bodyOf(end).id;
    const again = only(await service.request({ operation: 'revoke', id }, { messageId: 'm-2' }));
    expect(again.message.subject).toBe('revoked');
    expect(again.message.messageId).not.toBe(end.message.messageId);
  });
});
