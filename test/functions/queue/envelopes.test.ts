import { beforeEach, expect, it } from 'vitest';
import type { OutgoingMessage } from '../../../src/vending/ports/messaging.ts';
import { only, REQUEST, Service } from './service.ts';

let service: Service;
let message: OutgoingMessage;
beforeEach(async () => {
  service = new Service();
  service.isVaultWritable = false;
  ({ message } = only(await service.request(REQUEST, { messageId: 'm-1' })));
  service.isVaultWritable = true;
});

const subjectOf = async (more: object): Promise<string | undefined> => {
  const { envelope, work } = JSON.parse(message.body);
  const body = JSON.stringify({ envelope: { ...envelope, ...more }, work });
  return only(await service.retry({ ...message, body })).message.subject;
};

it('a retry message with an envelope of ours is served', async () => {
  expect(await subjectOf({})).toBe('vended');
});

it.each([
  { caller: '' },
  { rescheduleCount: -1 },
  { rescheduleCount: 0.5 },
  { attempts: -1 },
  { attempts: 0.5 },
  { expiresAt: 0.5 },
  { roles: ['r', 7] },
  { reply: { correlationId: 'x'.repeat(129) } },
  { reply: { sessionId: 'x'.repeat(129) } },
  { surprise: 1 },
])('a retry message with %o in its envelope is none of ours', async (more) => {
  expect(await subjectOf(more)).toBe('invalid-request');
  expect(service.world.confluent.posts).toEqual([]);
});
