import { beforeEach, describe, expect, it } from 'vitest';
import { createRotationRequests } from '../../../src/functions/queue/retry-messages.ts';
import { DAY, faultsAt, HOUR, rowIn, SETTINGS, tick } from '../../vending/world/steps.ts';
import { BACKOFF, bodyOf, FakeMessenger, only, QUEUES, REQUEST, type Sent, Service } from './service.ts';

let service: Service;
let id: string;
let firstKey: string;
beforeEach(async () => {
  service = new Service();
  const vended = bodyOf(only(await service.request({ ...REQUEST, validFor: 'P60D' }, { messageId: 'm-0' })));
  id = String(vended.id);
  firstKey = currentKey();
  service.world.pass(HOUR);
});

const currentKey = (): string => rowIn(service.world, id).current?.key.id ?? '';

describe('an operation on a request queue', () => {
  it('revokes, and the answer correlates with its message', async () => {
    const sent = only(await service.request({ operation: 'revoke', id }, { messageId: 'm-1' }));
    expect(sent).toMatchObject({ queue: QUEUES.resultQueue, message: { subject: 'revoked', correlationId: 'm-1' } });
    expect(bodyOf(sent)).toMatchObject({ id, status: 'revoked' });
  });

  it('revokes without a message id, since it names its credential', async () => {
    expect(only(await service.request({ operation: 'revoke', id })).message.subject).toBe('revoked');
  });

  it('rotates, and the old key lives for the overlap that was asked for', async () => {
    const sent = only(await service.request({ operation: 'rotate', id, overlap: 'P3D' }, { messageId: 'm-1' }));
    expect(sent.message.subject).toBe('rotated');
    const revokeAt = new Date(service.world.now + 3 * DAY).toISOString();
    expect(bodyOf(sent)).toMatchObject({
      id,
      rotation: { status: 'vended', apiKeyId: currentKey() },
      previous: { apiKeyId: firstKey, revokeAt },
    });
  });

  it('ends an overlap', async () => {
    await service.request({ operation: 'rotate', id }, { messageId: 'm-1' });
    const sent = only(await service.request({ operation: 'end-overlap', id, apiKeyId: firstKey }));
    expect(sent.message.subject).toBe('overlap-ended');
    expect(service.world.confluent.live()).toEqual([currentKey()]);
  });

  it('rotates once for one message id', async () => {
    await service.request({ operation: 'rotate', id }, { messageId: 'm-1' });
    const again = only(await service.request({ operation: 'rotate', id }, { messageId: 'm-1', sequenceNumber: 2 }));
    expect(again.message.subject).toBe('rotated');
    expect(service.world.confluent.posts).toHaveLength(2);
    const other = only(await service.request({ operation: 'rotate', id }, { messageId: 'm-2' }));
    expect(other.message.subject).toBe('rotation-too-soon');
  });

  it('rotates once for one idempotencyKey, whatever the message id', async () => {
    const rotate = { operation: 'rotate', id, idempotencyKey: 'r-1' };
    await service.request(rotate, { messageId: 'm-1' });
    expect(only(await service.request(rotate, { messageId: 'm-2' })).message.subject).toBe('rotated');
    expect(service.world.confluent.posts).toHaveLength(2);
  });

  it('rotates once for one event', async () => {
    const type = 'x.apikey.rotate.requested.v1';
    const event = { specversion: '1.0', id: 'e-1', source: '/portal', type, data: { id } };
    expect(only(await service.request(event, { messageId: 'm-1' })).message.subject).toBe('rotated');
    expect(only(await service.request(event, { messageId: 'm-2' })).message.subject).toBe('rotated');
    expect(service.world.confluent.posts).toHaveLength(2);
  });

  it('rotates nothing without a message id or an idempotencyKey', async () => {
    const sent = only(await service.request({ operation: 'rotate', id }));
    expect([sent.message.subject, currentKey()]).toEqual(['idempotency-key-required', firstKey]);
  });

  it('of another queue than the one that vended finds nothing', async () => {
    const sent = only(await service.request({ operation: 'revoke', id }, {}, 'payments'));
    expect([sent.message.subject, ...service.world.confluent.live()]).toEqual(['not-found', firstKey]);
  });

  it('that only validates is answered, and nothing is done', async () => {
    const body = { operation: 'rotate', id, validateOnly: true };
    const sent = only(await service.request(body, { messageId: 'm-1' }));
    expect(sent.message.subject).toBe('previewed');
    expect(bodyOf(sent)).toMatchObject({ operation: 'rotate', effect: 'mint' });
    expect(service.world.confluent.posts).toHaveLength(1);
  });

  it.each([
    [{ operation: 'destroy' }, '/operation'],
    [{ operation: 'revoke' }, '/id'],
    [{ operation: 'revoke', id: '..' }, '/id'],
    [{ operation: 'rotate', id: 'a'.repeat(26), overlap: 'a day' }, '/overlap'],
    [{ operation: 'rotate', id: 'a'.repeat(26), key: 'x' }, '/key'],
    [{ operation: 'end-overlap', id: 'a'.repeat(26) }, '/apiKeyId'],
  ])('%j is rejected at %s', async (body, pointer) => {
    const sent = only(await service.request(body, { messageId: 'm-1' }));
    expect(sent.message.subject).toBe('invalid-request');
    expect(bodyOf(sent).errors).toEqual([expect.objectContaining({ pointer })]);
  });

  it('that is rescheduled is executed by its retry for the same caller', async () => {
    service.world.fault = faultsAt({ mint: { 1: 'refused' } });
    const sent = only(await service.request({ operation: 'rotate', id }, { messageId: 'm-2' }));
    expect(sent.queue).toBe(QUEUES.retryQueue);
    const answered = only(await service.retryInTime(sent));
    expect(answered.message).toMatchObject({ subject: 'rotated', correlationId: 'm-2' });
  });

  it('is done on its own queue alone: policy does not know the other one', async () => {
    const sent = only(await service.request(REQUEST, { messageId: 'm-1' }, 'payments'));
    expect(sent.message.subject).toBe('forbidden');
  });
});

describe('a rotation that the service asks for', () => {
  const ask = async (notBefore = service.world.now): Promise<Sent> => {
    const messenger = new FakeMessenger();
    const { request } = createRotationRequests(messenger, QUEUES.retryQueue);
    await request(id, rowIn(service.world, id).current?.attempt ?? 0, new Date(notBefore), currentKey());
    return only(messenger.sent);
  };

  it('is done by the worker that takes its message, at its time, and nobody is answered', async () => {
    const sent = await ask(service.world.now + 5_000);
    expect(sent.notBefore?.getTime()).toBe(service.world.now + 5_000);
    expect(await service.retryInTime(sent)).toEqual([]);
    expect(currentKey()).not.toBe(firstKey);
  });

  it('is one rotation, however often it is sent', async () => {
    const sent = [await ask(), await ask(service.world.now + DAY)];
    expect(new Set(sent.map(({ message }) => message.messageId)).size).toBe(2);
    await service.retry(sent[0]?.message ?? only([]).message);
    const key = currentKey();
    // The overlap is over, so nothing else would stop a second one.
    service.world.pass(40 * DAY);
    await tick(service.world);
    expect(rowIn(service.world, id).previous).toBeUndefined();
    await service.retry(sent[1]?.message ?? only([]).message);
    expect([currentKey(), service.errors]).toEqual([key, []]);
  });

  it('is not done where somebody else replaced the key meanwhile', async () => {
    const sent = await ask();
    await service.request({ operation: 'rotate', id }, { messageId: 'm-1' });
    await service.request({ operation: 'end-overlap', id, apiKeyId: firstKey });
    const key = currentKey();
    await service.retry(sent.message);
    expect([currentKey(), service.world.confluent.posts.length, service.errors]).toEqual([key, 2, []]);
  });

  it('waits through a pause by the hour, and for a day: then the reconciler asks again', async () => {
    service.settings = { ...SETTINGS, mode: 'paused' };
    let sent = [await ask()];
    let hours = 0;
    for (; sent.length > 0 && hours < 100; hours++) {
      sent = await service.retryInTime(only(sent));
      if (sent.length > 0) expect(only(sent).notBefore?.getTime()).toBe(service.world.now + HOUR);
    }
    expect(hours).toBe(25);
    expect([service.errors, service.world.confluent.posts.length]).toEqual([[], 1]);
  });

  it('is done after a pause', async () => {
    service.settings = { ...SETTINGS, mode: 'paused' };
    const sent = only(await service.retry((await ask()).message));
    service.settings = SETTINGS;
    expect(await service.retryInTime(sent)).toEqual([]);
    expect(currentKey()).not.toBe(firstKey);
  });

  it('is reported to the operators where ARM throttles it for a day: then the reconciler asks again', async () => {
    service.world.confluent.throttledMs = HOUR;
    const asked = service.world.now;
    let sent = [await ask()];
    for (let waits = 0; sent.length > 0 && waits < 100; waits++) {
      expect(service.errors).toEqual([]);
      sent = await service.retryInTime(only(sent));
    }
    expect(service.world.now).toBe(asked + DAY);
    expect(service.errors.join()).toContain('"event":"unasked-change-failed","problem":"expired"');
    expect(currentKey()).toBe(firstKey);
  });

  it('is reported to the operators when its attempts are used up', async () => {
    service.isVaultWritable = false;
    let sent = [await ask()];
    let attempts = 0;
    for (; sent.length > 0 && attempts < 100; attempts++) {
      expect(service.errors.join()).not.toContain('unasked-change-failed');
      sent = await service.retryInTime(only(sent));
    }
    expect(attempts).toBe(BACKOFF.maxAttempts + 1);
    expect(service.errors.join()).toContain('"event":"unasked-change-failed","problem":"vault-unavailable"');
    expect(currentKey()).toBe(firstKey);
  });

  it('is reported where policy does not grant it', async () => {
    service.settings = { ...SETTINGS, policy: { rules: [] } };
    expect(await service.retry((await ask()).message)).toEqual([]);
    expect(service.errors.join()).toContain('"problem":"forbidden"');
  });

  it('is dropped without an error where the credential was revoked meanwhile', async () => {
    const sent = await ask();
    await service.request({ operation: 'revoke', id });
    expect(await service.retry(sent.message)).toEqual([]);
    expect([service.errors, service.world.confluent.posts.length]).toEqual([[], 1]);
  });
});
