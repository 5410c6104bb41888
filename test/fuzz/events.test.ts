import { HttpRequest, InvocationContext } from '@azure/functions';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { agreeToEvents } from '../../src/functions/http/events.ts';
import type { ActionableEvent } from '../../src/vending/ports/messaging.ts';
import { EVENT_GRID, PORTAL, Webhook } from '../functions/http/webhook.ts';
import { rawBody } from './arbitraries/bodies.ts';
import { anyEvents, eventHeaders } from './arbitraries/events.ts';
import { metadata } from './arbitraries/messages.ts';
import { HUSH, headerText } from './arbitraries/text.ts';
import { holds, PATIENCE } from './cases.ts';
import { eventAsksForKey } from './is-message.ts';
import { expectProblem } from './oracle.ts';
import { deliver, expectAnswered, QUEUES } from './queues.ts';

const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const body = fc.oneof(
  { arbitrary: anyEvents.map(bytesOf), weight: 9 },
  { arbitrary: rawBody.map(({ bytes }) => bytes), weight: 1 },
);

/** A command that breaks a rule is no event that was accepted. It is taken in to be answered. */
function expectCounted(counts: Record<string, number>, taken: readonly ActionableEvent[]): void {
  const broken = taken.filter(({ kind }) => kind === 'invalid').length;
  expect(counts.accepted).toBe(taken.length - broken);
  expect(counts.unreadable).toBeGreaterThanOrEqual(broken);
}

it('whatever is delivered, the answer is one of those meant, and everything is accounted for', PATIENCE, async () => {
  const statuses = new Set<number | undefined>();
  const callers = fc.constantFrom(PORTAL, EVENT_GRID);
  const property = fc.asyncProperty(body, eventHeaders, callers, async (bytes, headers, caller) => {
    const webhook = new Webhook().as(caller);
    const { status, jsonBody } = await webhook.deliver({ body: bytes, headers });
    statuses.add(status);
    expect([200, 400, 403, 413, 415]).toContain(status);
    const taken = webhook.taken.flatMap(({ events }) => events);
    if (status !== 200) {
      expect(taken).toEqual([]);
      expectProblem(jsonBody);
    } else if (!('validationResponse' in jsonBody)) expectCounted(jsonBody, taken);
    if (caller === PORTAL) expect(taken.filter(({ kind }) => kind === 'key-vault')).toEqual([]);
    expect(JSON.stringify(webhook.logged.filter(({ level }) => level === 'error'))).not.toContain(HUSH);
  });
  await holds('events over HTTP', property);
  // The others are rare in a short run.
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400]));
});

it(
  'an event on the queue mints what it asks for, once, and several become messages of their own',
  PATIENCE,
  async () => {
    const property = fc.asyncProperty(anyEvents, metadata, async (value, properties) => {
      // The queue's senders are answered where they are by default: Event Grid names no queue.
      const { replyTo: _, ...rest } = properties;
      const delivered = await deliver('event', { body: value, metadata: rest });
      const sent: unknown = JSON.parse(JSON.stringify(value));
      const [only, ...others] = Array.isArray(sent) ? sent : [sent];
      if (others.length > 0 && others.length < 100) {
        expect(delivered.sent.map(({ queue }) => queue)).toEqual(delivered.sent.map(() => QUEUES.retryQueue));
        const asking = [only, ...others].filter(eventAsksForKey);
        expect(delivered.sent.length).toBeGreaterThanOrEqual(asking.length);
        expect(delivered.sent.length).toBeLessThanOrEqual(1 + others.length);
        expect(delivered.world.confluent.posts).toEqual([]);
        return;
      }
      const asks = others.length === 0 && eventAsksForKey(only);
      expect(delivered.world.confluent.posts).toHaveLength(asks ? 1 : 0);
      if (asks) expect(expectAnswered(delivered)).toBe('vended');
      else if (delivered.sent.length > 0) expect(expectAnswered(delivered)).not.toBe('vended');
    });
    await holds('events by queue', property);
  },
);

const ORIGIN = 'eventgrid.azure.net';
const origin = fc.oneof(
  headerText,
  fc.constantFrom(ORIGIN, 'EventGrid.Azure.net', `${ORIGIN}.`, `${ORIGIN}, ${ORIGIN}`),
);

it('agrees to the events of the origin that is allowed, and of no other', PATIENCE, async () => {
  const property = fc.asyncProperty(fc.option(origin), async (from) => {
    const headers = from === null ? {} : { 'webhook-request-origin': from };
    const request = new HttpRequest({ method: 'OPTIONS', url: 'http://localhost/api/v1/events', headers });
    const answer = await agreeToEvents([ORIGIN])(request, new InvocationContext({ logHandler: () => undefined }));
    const isAllowed = from?.toLowerCase() === ORIGIN;
    if (isAllowed) expect(answer).toMatchObject({ status: 200, headers: { 'WebHook-Allowed-Origin': from } });
    else expect(answer).toMatchObject({ status: 403, jsonBody: { type: expect.stringContaining(':forbidden') } });
  });
  await holds('handshakes', property);
});
