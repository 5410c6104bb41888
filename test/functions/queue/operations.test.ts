import { beforeEach, describe, expect, it } from 'vitest';
import { DAY, faultsAt, rowIn } from '../../vending/world/steps.ts';
import { bodyOf, only, QUEUES, REQUEST, type Service, serviceWithCredential } from './service.ts';

let service: Service;
let id: string;
let firstKey: string;
beforeEach(async () => {
  ({ service, id, keyId: firstKey } = await serviceWithCredential());
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

  it.each<[operation: string, effect: string, body: () => object]>([
    ['vend', 'mint', () => REQUEST],
    ['rotate', 'mint', () => ({ operation: 'rotate', id })],
    ['revoke', 'revoke', () => ({ operation: 'revoke', id })],
  ])('that only validates is answered, and nothing is done: %s', async (operation, effect, body) => {
    const sent = only(await service.request({ ...body(), validateOnly: true }, { messageId: 'm-1' }));
    expect(sent.message.subject).toBe('previewed');
    expect(bodyOf(sent)).toMatchObject({ operation, effect });
    expect([service.world.confluent.posts.length, ...service.world.confluent.live()]).toEqual([1, firstKey]);
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
