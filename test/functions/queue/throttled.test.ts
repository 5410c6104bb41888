import { beforeEach, describe, expect, it } from 'vitest';
import { rowIn } from '../../vending/world/steps.ts';
import { BACKOFF, bodyOf, only, QUEUES, REQUEST, type Sent, Service } from './service.ts';

let service: Service;
beforeEach(() => {
  service = new Service();
});

const SECOND = 1_000;
const throttle = (retryAfterMs: number): void => {
  const upstream = { service: 'arm', status: 429 } as const;
  service.world.confluent.mintAs = () => ({ kind: 'throttled', retryAfterMs, upstream });
};
const request = async (messageId: string): Promise<Sent> => only(await service.request(REQUEST, { messageId }));
const delayOf = ({ notBefore }: Sent): number => (notBefore?.getTime() ?? 0) - service.world.now;
const POSTS = () => service.world.confluent.posts.length;

describe('a request that ARM throttles', () => {
  it.each([1 * SECOND, 4 * SECOND, 90 * SECOND])(
    'with a Retry-After of %i ms waits that long and up to 5 s more',
    async (retryAfterMs) => {
      throttle(retryAfterMs);
      const delays = [];
      for (const id of ['a', 'b', 'c', 'd', 'e']) delays.push(delayOf(await request(id)));
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(retryAfterMs);
      expect(Math.max(...delays)).toBeLessThan(retryAfterMs + BACKOFF.baseMs);
      expect(new Set(delays).size).toBe(5);
    },
  );

  it('waits the same however often it is delivered', async () => {
    service.world.confluent.throttledMs = SECOND;
    expect((await request('a')).notBefore).toEqual((await request('a')).notBefore);
  });

  it('waits in ever longer windows, and is served however often it was throttled', async () => {
    service.world.confluent.throttledMs = SECOND;
    let sent = await request('m-1');
    const delays = [];
    for (let waits = 0; waits < 100; waits++) {
      expect(sent.queue).toBe(QUEUES.retryQueue);
      delays.push(delayOf(sent) - SECOND);
      sent = only(await service.retryInTime(sent));
    }
    expect(Math.max(...delays.slice(0, 5))).toBeLessThan(2.1 * BACKOFF.baseMs);
    expect(Math.max(...delays)).toBeGreaterThan(0.8 * BACKOFF.maxMs);
    expect(Math.max(...delays)).toBeLessThan(BACKOFF.maxMs);
    service.world.confluent.throttledMs = 0;
    expect(only(await service.retryInTime(sent)).message).toMatchObject({ subject: 'vended', correlationId: 'm-1' });
  });

  it('has all its attempts afterwards', async () => {
    service.world.confluent.throttledMs = SECOND;
    let sent = await request('m-1');
    for (let waits = 0; waits < 20; waits++) sent = only(await service.retryInTime(sent));
    service.world.confluent.throttledMs = 0;
    service.isVaultWritable = false;
    let failures = 0;
    for (; sent.queue === QUEUES.retryQueue; failures++) sent = only(await service.retryInTime(sent));
    expect([failures, sent.message.subject]).toEqual([BACKOFF.maxAttempts + 1, 'vault-unavailable']);
  });

  it('expires at the end of its time to live', async () => {
    service.world.confluent.throttledMs = 60 * SECOND;
    const expiresAtUtc = new Date(service.world.now + 100 * SECOND).toISOString();
    let sent = only(await service.request(REQUEST, { messageId: 'm-1', expiresAtUtc }));
    for (let waits = 0; waits < 3 && sent.queue === QUEUES.retryQueue; waits++)
      sent = only(await service.retryInTime(sent));
    expect(sent.message).toMatchObject({ subject: 'expired', correlationId: 'm-1' });
  });
});

describe('while ARM has this instance wait for a subscription', () => {
  it('other requests for it claim nothing and ask nobody', async () => {
    service.world.confluent.throttledMs = 7 * SECOND;
    const sent = await request('m-1');
    expect(delayOf(sent)).toBeGreaterThanOrEqual(7 * SECOND);
    expect(service.world.ledger.all('credential')).toEqual([]);
    expect(service.world.calls).toEqual(['read']);
  });

  it('what was vended before is answered', async () => {
    const { message } = await request('m-1');
    service.world.confluent.throttledMs = SECOND;
    expect((await request('m-1')).message).toEqual(message);
  });

  it('a rotation claims nothing', async () => {
    const id = String(bodyOf(await request('m-1')).id);
    service.world.confluent.throttledMs = SECOND;
    const sent = only(await service.request({ operation: 'rotate', id }, { messageId: 'm-2' }));
    expect([sent.queue, rowIn(service.world, id).attempts, POSTS()]).toEqual([QUEUES.retryQueue, 1, 1]);
  });
});
