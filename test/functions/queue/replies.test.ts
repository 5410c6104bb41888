import { beforeEach, describe, expect, it } from 'vitest';
import { answerTo } from '../../../src/functions/queue/replies.ts';
import type { Envelope } from '../../../src/functions/queue/retry-messages.ts';
import { failed } from '../../../src/vending/commands/outcome.ts';
import { revokeIn, withRule } from '../../vending/world/steps.ts';
import { bodyOf, only, REQUEST, type Sent, Service } from './service.ts';

const SHARED_KEY = { ...REQUEST, idempotencyKey: 'order-1' };
const EVENT = { specversion: '1.0', id: 'e-1', source: '/portal', type: 'x.apikey.requested.v1', data: REQUEST };

let service: Service;
beforeEach(() => {
  service = new Service();
});

const idOf = (sent: Sent): string => String(bodyOf(sent).id);

describe('a reply', () => {
  it('goes to the result queue with the credential, and repeats what names the message', async () => {
    const sent = only(await service.request(REQUEST, { messageId: 'm-1' }));
    expect([sent.queue, sent.notBefore]).toEqual(['vend-results', undefined]);
    expect(sent.message).toMatchObject({
      subject: 'vended',
      correlationId: 'm-1',
      applicationProperties: { sequenceNumber: '1', enqueuedTime: '2026-01-01T00:00:00.500Z' },
    });
    const [credential] = service.world.ledger.all('credential');
    expect(bodyOf(sent)).toMatchObject({ status: 'vended', id: credential?.id });
  });

  it.each([
    ['vend-results', 'vend-results'],
    ['replies-a', 'replies-a'],
    ['Replies-B', 'replies-b'],
  ])('asked for on %s goes to %s', async (replyTo, expected) => {
    const { queue, message } = only(await service.request(REQUEST, { messageId: 'm-1', replyTo }));
    expect([queue, message.subject]).toEqual([expected, 'vended']);
  });

  it('goes to a queue of the settings, however they spell it', async () => {
    service.queues = { ...service.queues, replyQueues: ['Team-Replies'] };
    const { queue } = only(await service.request(REQUEST, { messageId: 'm-1', replyTo: 'team-replies' }));
    expect(queue).toBe('Team-Replies');
  });

  it.each(['orders', 'vend-retries', 'elsewhere'])(
    'asked for on %s is refused on the result queue, and nothing is minted',
    async (replyTo) => {
      const { queue, message } = only(await service.request(REQUEST, { messageId: 'm-1', replyTo }));
      expect([queue, message.subject]).toEqual(['vend-results', 'reply-not-allowed']);
      expect(service.world.confluent.posts).toEqual([]);
    },
  );

  it.each([
    ['a key', REQUEST],
    ['a refusal', { ...REQUEST, name: '' }],
  ])('with %s goes to the session that is asked for', async (_, body) => {
    const metadata = { messageId: 'm-1', replyTo: 'replies-a', replyToSessionId: 's-1' };
    expect(only(await service.request(body, metadata))).toMatchObject({
      queue: 'replies-a',
      message: { sessionId: 's-1' },
    });
  });

  it.each([
    ['a key', EVENT],
    ['a refusal', { ...EVENT, data: {} }],
  ])(
    'with %s to an event that Event Grid delivered correlates with the event: nobody knows the id of its message',
    async (_, event) => {
      const metadata = { messageId: 'm-1', applicationProperties: { 'aeg-event-type': 'Notification' } };
      const { message } = only(await service.request(event, metadata));
      expect(message.correlationId).toBe('ce:e07a178726976f97c59cfd992420f34eb0e5b21f69ba613c59579149c611ff19');
      expect(only(await service.request(event, { messageId: 'm-2' })).message.correlationId).toBe('m-2');
    },
  );

  it('has one id over every delivery', async () => {
    const { message } = only(await service.request(REQUEST, { messageId: 'm-1' }));
    expect(only(await service.request(REQUEST, { messageId: 'm-1' })).message).toEqual(message);
  });

  it('has it still after the key was rotated', async () => {
    const first = only(await service.request(REQUEST, { messageId: 'm-1' }));
    const rotated = only(await service.request({ operation: 'rotate', id: idOf(first) }, { messageId: 'm-2' }));
    expect(rotated.message.subject).toBe('rotated');
    expect(rotated.message.messageId).not.toBe(first.message.messageId);
    expect(only(await service.request(REQUEST, { messageId: 'm-1' })).message.messageId).toBe(first.message.messageId);
  });

  it('has it still after the credential was revoked, so the sender is not answered twice', async () => {
    const first = only(await service.request(REQUEST, { messageId: 'm-1' }));
    service.world.pass(180_000);
    await revokeIn(service.world, idOf(first));
    const again = only(await service.request(REQUEST, { messageId: 'm-1' })).message;
    expect([again.subject, again.messageId]).toEqual(['revoked', first.message.messageId]);
  });

  it.each([
    ['result', ['orders', 'payments']],
    ['failure', []],
  ])('with a %s has another id for another message, key, queue or sending', async (_, queues) => {
    service.settings = withRule({ callers: { queues } });
    const replies = [
      await service.request(SHARED_KEY, { messageId: 'm-1' }),
      await service.request(SHARED_KEY, { messageId: 'm-2' }),
      await service.request(SHARED_KEY, { messageId: 'm-1' }, 'payments'),
      await service.request({ ...REQUEST, idempotencyKey: 'order-2' }, { messageId: 'm-1' }),
      await service.request(SHARED_KEY, { messageId: 'm-1', sequenceNumber: 2 }),
    ];
    expect(new Set(replies.map((sent) => only(sent).message.messageId)).size).toBe(5);
  });

  it('with a failure shares its id with the later failures of one message', () => {
    const envelope = (reference: string): Envelope => ({
      ...{ origin: 'sender', caller: 'queue:vend-requests', roles: [], rescheduleCount: 0, attempts: 0 },
      ...{ reference, reply: {} },
    });
    const credential = 'a'.repeat(26);
    const first = answerTo(envelope('m-1'), failed({ type: 'key-unusable', detail: '' }, credential, 1));
    const later = answerTo(envelope('m-1'), failed({ type: 'outcome-unknown', detail: '' }, credential, 2));
    const other = answerTo(envelope('m-2'), failed({ type: 'outcome-unknown', detail: '' }, credential, 2));
    expect(later.messageId).toBe(first.messageId);
    expect(other.messageId).not.toBe(first.messageId);
  });
});

describe('a message that is delivered again after its failure was answered', () => {
  async function again(body: unknown): Promise<[Sent, Sent]> {
    const { confluent } = service.world;
    const asMinted = confluent.mintAs;
    confluent.mintAs = () => {
      confluent.keys.pop();
      return { kind: 'refused', reason: 'quota-exhausted', upstream: { service: 'arm', status: 402 } };
    };
    const refused = only(await service.request(body, { messageId: 'm-1' }));
    expect(refused.message.subject).toBe('quota-exhausted');
    confluent.mintAs = asMinted;
    service.world.pass(3_600_000);
    return [refused, only(await service.request(body, { messageId: 'm-1' }))];
  }

  it.each([
    ['a request', REQUEST],
    ['an event', EVENT],
  ])('mints nothing for %s that only the message names, and is answered the same', async (_, body) => {
    const [refused, answered] = await again(body);
    expect(answered.message).toEqual(refused.message);
    expect(service.world.confluent.live()).toEqual([]);
  });

  it('mints for an event once where the sender sent another after the failure', async () => {
    await again(EVENT);
    await service.request({ ...EVENT, id: 'e-2' }, { messageId: 'm-2' });
    await service.request(EVENT, { messageId: 'm-1' });
    expect(service.world.confluent.live()).toHaveLength(1);
  });

  it('answers with the key that it mints after all, under an id that no failure has used up', async () => {
    const [refused, answered] = await again(SHARED_KEY);
    expect(answered.message.subject).toBe('vended');
    expect(answered.message.messageId).not.toBe(refused.message.messageId);
    expect(only(await service.request(SHARED_KEY, { messageId: 'm-1' })).message).toEqual(answered.message);
  });

  it('answers with the rotation that it asked for', async () => {
    const id = idOf(only(await service.request(REQUEST, { messageId: 'm-0' })));
    const [refused, answered] = await again({ operation: 'rotate', id });
    expect(answered.message.subject).toBe('rotated');
    expect(answered.message.messageId).not.toBe(refused.message.messageId);
  });
});
