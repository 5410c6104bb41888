import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createEventPublisher } from '../../../src/azure/events/event-publisher.ts';
import type { OutgoingMessage } from '../../../src/vending/ports/messaging.ts';
import { EVENTS } from '../../vending/events/outgoing-events.ts';
import { answering } from '../arm/answering.ts';
import { goodCredential } from '../arm/fixtures.ts';
import { type ScriptedArm, startScriptedArm } from '../arm/scripted-arm.ts';

const loaded = vi.hoisted((): string[] => []);
// The adapter itself; only that it is loaded is noted.
vi.mock('../../../src/azure/events/event-grid-topic.ts', (original) => {
  loaded.push('event-grid');
  return original();
});

let server: ScriptedArm;
beforeAll(async () => {
  server = await startScriptedArm();
});
afterAll(() => server.close());

it('loads the adapter for Event Grid at the first event and not before; the one for Service Bus needs no load', async () => {
  const sent: (readonly [string, OutgoingMessage])[] = [];
  const messenger = {
    send: async (queue: string, message: OutgoingMessage) => {
      sent.push([queue, message]);
      return { kind: 'sent' } as const;
    },
  };
  const means = { credential: goodCredential, messenger };
  const endpoint = `${server.endpoint}/api/events`;
  const grid = createEventPublisher({ kind: 'event-grid', endpoint }, means);
  const bus = createEventPublisher({ kind: 'service-bus', topic: 'key-events' }, means);
  expect(loaded).toEqual([]);
  server.play(answering(200));
  for (const event of EVENTS) {
    expect(await grid.publish(event)).toEqual({ kind: 'published' });
    expect(loaded).toEqual(['event-grid']);
  }
  expect(server.posts()).toBe(EVENTS.length);
  for (const event of EVENTS) expect(await bus.publish(event)).toEqual({ kind: 'published' });
  expect(loaded).toEqual(['event-grid']);
  expect(sent).toHaveLength(EVENTS.length);
});

it('does not throw where its adapter does', async () => {
  const messenger = { send: () => Promise.reject(Object.assign(new Error('text'), { code: 'ECONNRESET' })) };
  const bus = createEventPublisher(
    { kind: 'service-bus', topic: 'key-events' },
    { credential: goodCredential, messenger },
  );
  const upstream = { service: 'events', code: 'ECONNRESET' };
  for (const event of EVENTS) expect(await bus.publish(event)).toEqual({ kind: 'not-published', upstream });
});
