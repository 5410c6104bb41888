import { expect, it } from 'vitest';
import { withRule } from '../../vending/world/steps.ts';
import { bodyOf, only, REQUEST, type Sent, Service } from './service.ts';

const inTime = (service: Service, ms: number) => new Date(service.world.now + ms).toISOString().replace('Z', '');

/** What a rejection says that was sent. */
function rejectedIn(answered: Sent): unknown {
  const { bodyBase64 } = bodyOf(answered).rejected as { bodyBase64: string };
  return JSON.parse(Buffer.from(bodyBase64, 'base64').toString());
}

it('a bus that is busy for ten seconds does not misdeliver an answer', async () => {
  const service = new Service();
  const { world, messenger } = service;
  const begun = world.now;
  messenger.fate = () =>
    world.now - begun < 10_000
      ? { kind: 'not-sent', upstream: { service: 'bus', code: 'ServerBusyError' } }
      : { kind: 'sent' };
  const sent = await service.request(REQUEST, { messageId: 'm-1', replyTo: 'replies-a' });
  expect(sent.map(({ queue }) => queue)).toEqual(['replies-a']);
});
it('a broken command is rejected with what its sender sent', async () => {
  const service = new Service();
  service.settings = withRule({ callers: { queues: ['orders'], ids: ['events'] } });
  const good = { specversion: '1.0', id: 'good', source: '/w', type: 'x.apikey.requested.v1', data: REQUEST };
  const [, bad] = await service.event([good, { ...good, id: 'bad', datacontenttype: 'text/plain' }]);
  const answered = only(await service.retry(only(bad === undefined ? [] : [bad]).message));
  expect(rejectedIn(answered)).toEqual({ ...good, id: 'bad', datacontenttype: 'text/plain' });
  expect(bodyOf(answered).errors).toEqual([{ pointer: '/datacontenttype', detail: expect.any(String) }]);
});
it('a command that is too large to be kept is rejected under its name, with the limit', async () => {
  const service = new Service();
  const event = { specversion: '1.0', id: 'good', source: '/w', type: 'x.apikey.requested.v1', data: REQUEST };
  const [, bad] = await service.event([event, { ...event, id: 'bad', data: { padding: 'x'.repeat(17_000) } }]);
  const answered = only(await service.retry(only(bad === undefined ? [] : [bad]).message));
  expect(rejectedIn(answered)).toEqual({ kind: 'broken', source: '/w', id: 'bad' });
  expect(bodyOf(answered).errors).toEqual([{ pointer: '', detail: 'must be at most 16 KiB of JSON' }]);
});
it('at the end of its time to live the sender learns that the message expired', async () => {
  const service = new Service();
  const { world } = service;
  world.vault.refuseStores = 'denied';
  const begun = world.now;
  const metadata = { messageId: 'm-1', expiresAtUtc: inTime(service, 600_000) };
  let sent: Sent = only(await service.request({ ...REQUEST, idempotencyKey: 'x' }, metadata));
  while (sent.queue === 'vend-retries') sent = only(await service.retryInTime(sent));
  expect([sent.message.subject, world.now - begun]).toEqual(['expired', 600_000]);
});
