import { expect, it } from 'vitest';
import type { OutgoingMessage } from '../../../src/vending/ports/messaging.ts';
import { REQUEST, Service } from './service.ts';

const REFUSED = { kind: 'not-sent', upstream: { service: 'bus', code: 'InvalidOperationError' } } as const;

/** `replies-a` takes nothing without a session, as a queue of the sender's own with `requiresSession` does. */
function serviceWithSessions(): Service {
  const service = new Service();
  const { messenger } = service;
  const send = messenger.send.bind(messenger);
  messenger.send = async (queue: string, message: OutgoingMessage) =>
    queue === 'replies-a' && message.sessionId === undefined ? REFUSED : send(queue, message);
  return service;
}

it('an answer that no queue takes abandons its message, and each try is logged with what the bus said', async () => {
  const service = new Service();
  service.messenger.fate = () => REFUSED;
  const request = service.request(REQUEST, { messageId: 'm-1', replyTo: 'replies-a' });
  await expect(request).rejects.toThrow('is abandoned');
  const records = service.logged.map((line) => JSON.parse(line));
  const { upstream } = REFUSED;
  expect(records.filter(({ event }) => event === 'reply-not-sent')).toEqual(
    Array(10).fill({ event: 'reply-not-sent', upstream }),
  );
  expect(records.filter(({ event }) => event === 'reply-on-result-queue')).toEqual([]);
});

it('an answer that the reply queue will never take goes to the result queue, within seconds', async () => {
  const service = serviceWithSessions();
  const begun = service.world.now;
  const sent = await service.request(REQUEST, { messageId: 'm-1', replyTo: 'replies-a' });
  expect(sent.map(({ queue, message }) => [queue, message.subject])).toEqual([['vend-results', 'vended']]);
  expect(service.world.now - begun).toBe(8_000);
  expect(service.logged.some((line) => line.includes('"event":"reply-on-result-queue","state":"replies-a"'))).toBe(
    true,
  );
});
