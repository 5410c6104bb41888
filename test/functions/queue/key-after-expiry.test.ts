import { expect, it } from 'vitest';
import { AFTER_DOUBT, AFTER_LEASE, faultsAt, tick, withoutFaults } from '../../vending/world/steps.ts';
import { only, REQUEST, type Sent, Service } from './service.ts';

/* A message outlives its time, or its settings change, while its key may have been made already. */

const MINUTE = 60_000;
const inTime = (service: Service, ms: number): string =>
  new Date(service.world.now + ms).toISOString().replace('Z', '');

/** What the sender is told in the end, with the timer running beside. */
async function answerTo(service: Service, first: Sent): Promise<string | undefined> {
  let sent = first;
  for (let n = 0; n < 50 && sent.queue === 'vend-retries'; n++) {
    sent = only(await service.retryInTime(sent));
    await tick(service.world);
  }
  return sent.message.subject;
}

it('a vault answer that is lost: the sender is not told "expired" of a key that lives', async () => {
  const service = new Service();
  const { world } = service;
  world.fault = faultsAt({ store: { 1: 'unanswered' }, listVersions: { 1: 'lost' } });
  // The message lives for 15 s, and the vault needs 20 s to lose its answer.
  world.turn = async (call) => void (call === 'listVersions' && world.pass(20_000));
  const first = only(await service.request(REQUEST, { messageId: 'm-1', expiresAtUtc: inTime(service, 15_000) }));
  expect(first.queue).toBe('vend-retries'); // not-yet-confirmed
  withoutFaults(world);
  world.turn = async () => undefined;
  const told = await answerTo(service, first);
  world.pass(AFTER_LEASE);
  await tick(world);
  expect(world.ledger.all('credential')).toMatchObject([{ current: { key: { id: world.confluent.live()[0] } } }]);
  // Its tries were used up before a review could decide: the sender may ask again.
  expect(told).toBe('request-in-progress');
});

it.each([15_000, 20_000])(
  'a message that is %i ms old when it expires after 15 s is not tried again at once',
  async (ms) => {
    const service = new Service();
    const { world } = service;
    world.fault = faultsAt({ store: { 1: 'unanswered' }, listVersions: { 1: 'lost' } });
    world.turn = async (call) => void (call === 'listVersions' && world.pass(ms));
    const first = only(await service.request(REQUEST, { messageId: 'm-1', expiresAtUtc: inTime(service, 15_000) }));
    expect(first.notBefore?.getTime()).toBeGreaterThanOrEqual(world.now + 5_000);
  },
);

it('a worker that dies after the store: the retry, delivered again, is not told "expired"; what the README advises makes no second key', async () => {
  const service = new Service();
  const { world } = service;
  const expiresAtUtc = inTime(service, MINUTE);
  service.isVaultWritable = false;
  const retry = only(await service.request(REQUEST, { messageId: 'm-1', expiresAtUtc }));
  service.isVaultWritable = true;
  world.pass(30_000);
  world.fault = faultsAt({ store: { 1: 'crash-after' } });
  await service.retry(retry.message).catch(() => undefined);
  withoutFaults(world);
  world.pass(3 * MINUTE); // lockDuration of the queue
  const told = await answerTo(service, only(await service.retry(retry.message)));
  world.pass(AFTER_DOUBT);
  await tick(world);
  expect(world.ledger.all('credential')).toMatchObject([{ current: { key: { id: world.confluent.live()[0] } } }]);
  // 410 `expired`: "On a queue only: send the request again." The broker drops the same message id, so it is another one.
  if (told === 'expired') await service.request(REQUEST, { messageId: 'm-2', sequenceNumber: 2 });
  expect(world.confluent.live()).toHaveLength(1);
});

it('a reply queue that is taken out of the settings while the key is being confirmed does not hide the key', async () => {
  const service = new Service();
  const { world } = service;
  world.fault = faultsAt({ store: { 1: 'unanswered' }, listVersions: { 1: 'lost' } });
  const first = only(await service.request(REQUEST, { messageId: 'm-1', replyTo: 'replies-a' }));
  withoutFaults(world);
  world.pass(AFTER_LEASE);
  await tick(world);
  expect(world.ledger.all('credential')).toMatchObject([{ current: { key: { id: world.confluent.live()[0] } } }]);
  service.queues = { ...service.queues, replyQueues: ['replies-b'] };
  const answered = only(await service.retryInTime(first));
  expect([answered.queue, answered.message.subject]).toEqual(['vend-results', 'vended']);
});
