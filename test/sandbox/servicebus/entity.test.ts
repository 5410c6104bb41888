import { expect, it } from 'vitest';
import { type Consumer, Entity } from '../../../src/sandbox/servicebus/entities/entity.ts';
import { MessageQueue } from '../../../src/sandbox/servicebus/queue/message-queue.ts';

const SETTINGS = {
  name: 'q',
  maxDeliveryCount: 10,
  lockDurationMs: 60_000,
  duplicateDetectionWindowMs: 0,
  deadLetterExpired: false,
};
const NEW = { id: undefined, scheduledFor: undefined, timeToLiveMs: undefined };

function setUp(messages: number) {
  const entity = new Entity(new MessageQueue(SETTINGS, Date.now), true);
  for (let body = 0; body < messages; body++) entity.enqueue({ ...NEW, content: { sections: [], fields: { body } } });
  const served: string[] = [];
  const consumer = (name: string, credit: number): Consumer => {
    let left = credit;
    return {
      isReady: () => left > 0,
      deliverNext: () => {
        left--;
        served.push(`${name}${entity.queue.take()?.content.fields.body}`);
      },
    };
  };
  return { entity, served, consumer };
}

it('serves its consumers in turn, and each no further than its credit', () => {
  const { entity, served, consumer } = setUp(6);
  for (const each of [consumer('a', 9), consumer('b', 1), consumer('c', 9)]) entity.attach(each);
  entity.dispatch();
  entity.close();
  expect(served).toEqual(['a0', 'b1', 'c2', 'a3', 'c4', 'a5']);
});

it('keeps what nobody is ready for, and serves nobody who has left', () => {
  const { entity, served, consumer } = setUp(3);
  const gone = consumer('gone', 9);
  entity.attach(gone);
  entity.attach(consumer('a', 2));
  entity.detach(gone);
  entity.dispatch();
  entity.close();
  expect(served).toEqual(['a0', 'a1']);
  expect(entity.queue.peek()).toHaveLength(1);
});
