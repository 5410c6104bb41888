import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { EXAMPLE, type Json, Rig, until, vendedOf } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ QUEUE_RETRY_BASE_SECONDS: '1' });
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

it('a key is vended, rotated, taken out of its overlap and revoked by messages, and each is answered', async () => {
  rig.send('q-1', EXAMPLE);
  const first = vendedOf((await rig.replyTo('q-1')).body as Json);
  const { id } = first;
  rig.send('q-2', { operation: 'rotate', id });
  const rotated = await rig.replyTo('q-2');
  expect(rotated).toMatchObject({
    subject: 'rotated',
    body: { id, status: 'vended', previous: { apiKeyId: first.keyId } },
  });
  rig.send('q-3', { operation: 'end-overlap', id, apiKeyId: first.keyId });
  expect((await rig.replyTo('q-3')).subject).toBe('overlap-ended');
  expect(rig.isDeleted(first.keyId)).toBe(true);
  rig.send('q-4', { operation: 'revoke', id });
  expect(await rig.replyTo('q-4')).toMatchObject({ subject: 'revoked', body: { id, status: 'revoked' } });
  expect(rig.livingKeys(id)).toEqual([]);
});

it('somebody else’s credential does not exist there', async () => {
  const { id, keyId } = await rig.vend('http-only');
  rig.send('q-5', { operation: 'revoke', id });
  expect((await rig.replyTo('q-5')).subject).toBe('not-found');
  expect(rig.isDeleted(keyId)).toBe(false);
});

it('the type of a CloudEvent says which operation it asks for', async () => {
  rig.send('q-6', EXAMPLE);
  const { id } = vendedOf((await rig.replyTo('q-6')).body as Json);
  const event = { specversion: '1.0', id: 'e-1', source: '/w', type: 'com.example.apikey.revoke.requested.v1' };
  rig.send('q-7', { ...event, data: { id } });
  expect((await rig.replyTo('q-7')).subject).toBe('revoked');
  rig.send('q-8', { ...event, id: 'e-2', data: { id: 'x' } });
  expect((await rig.replyTo('q-8')).subject).toBe('invalid-request');
});

it('a rotation that ARM throttles is tried again', async () => {
  rig.send('q-9', EXAMPLE);
  const { id } = vendedOf((await rig.replyTo('q-9')).body as Json);
  const fault = { status: 429, headers: { 'retry-after': '1' } };
  rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault });
  rig.send('q-10', { operation: 'rotate', id });
  expect((await rig.replyTo('q-10')).subject).toBe('rotated');
  expect(rig.livingKeys(id)).toHaveLength(2);
});

it('a rotation that is sent again is the same one, with the same answer', async () => {
  rig.send('q-11', EXAMPLE);
  const { id } = vendedOf((await rig.replyTo('q-11')).body as Json);
  const before = rig.posts().length;
  rig.send('q-12', { operation: 'rotate', id });
  const first = await rig.replyTo('q-12');
  expect(rig.sandbox.azure.broker.redeliver(WORLD.queues.request, 'q-12')).toBe(true);
  const again = await until(() =>
    rig.replies().find(({ correlationId, messageId }) => correlationId === 'q-12' && messageId !== first.messageId),
  );
  expect(again).toMatchObject({ subject: 'rotated', body: first.body });
  rig.send('q-13', { operation: 'rotate', id });
  expect((await rig.replyTo('q-13')).subject).toBe('rotation-too-soon');
  expect(rig.posts()).toHaveLength(before + 1);
});
