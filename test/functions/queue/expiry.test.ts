import { beforeEach, describe, expect, it } from 'vitest';
import { DAY, SETTINGS } from '../../vending/world/steps.ts';
import { only, REQUEST, Service } from './service.ts';

let service: Service;
beforeEach(() => {
  service = new Service();
});

describe('the time to live of a message', () => {
  const expiresAtUtc = (ms: number): string => new Date(service.world.now + ms).toISOString().replace('Z', '');
  const paused = (metadata: object) => {
    service.settings = { ...SETTINGS, mode: 'paused' };
    return service.request(REQUEST, { messageId: 'm-1', ...metadata });
  };

  it('ends its retries: nothing is minted, and the sender learns that it expired', async () => {
    const sent = only(await paused({ expiresAtUtc: expiresAtUtc(20_000) }));
    expect(sent.notBefore?.getTime()).toBe(service.world.now + 20_000);
    service.settings = SETTINGS;
    expect(only(await service.retryInTime(sent)).message).toMatchObject({ subject: 'expired', correlationId: 'm-1' });
    expect(service.world.confluent.posts).toEqual([]);
  });

  it('lets it be served while it lasts', async () => {
    const sent = only(await paused({ expiresAtUtc: expiresAtUtc(61_000) }));
    service.settings = SETTINGS;
    expect(only(await service.retryInTime(sent)).message.subject).toBe('vended');
  });

  it('is as good as none where Service Bus names the last of all times', async () => {
    const sent = only(await paused({ expiresAtUtc: '9999-12-31T23:59:59.9999999' }));
    service.settings = SETTINGS;
    service.world.now += 300 * DAY;
    expect(only(await service.retry(sent.message)).message.subject).toBe('vended');
  });

  it('does not hide the key that was vended for it meanwhile', async () => {
    const sent = only(await paused({ expiresAtUtc: expiresAtUtc(20_000) }));
    service.settings = SETTINGS;
    await service.request(REQUEST, { messageId: 'm-1' });
    expect(only(await service.retryInTime(sent)).message.subject).toBe('vended');
  });
});
