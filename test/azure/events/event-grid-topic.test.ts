import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEventGridTopic } from '../../../src/azure/events/event-grid-topic.ts';
import type { EventPublisher } from '../../../src/vending/ports/messaging.ts';
import { EVENTS } from '../../vending/events/outgoing-events.ts';
import { answering } from '../arm/answering.ts';
import { errorAnswer, failingCredential, goodCredential, SECRET, UPSTREAM_TEXT } from '../arm/fixtures.ts';
import { type Script, type ScriptedArm, startScriptedArm } from '../arm/scripted-arm.ts';

const [EVENT] = EVENTS;
if (EVENT === undefined) throw new Error('There is no event to publish');

let server: ScriptedArm;
let topic: EventPublisher;
beforeAll(async () => {
  server = await startScriptedArm();
});
afterAll(() => server.close());
beforeEach(() => {
  topic = createEventGridTopic({ credential: goodCredential, endpoint: `${server.endpoint}/api/events` });
});

/** Plays one script after the other, and the last one for good. */
const playing = (...scripts: readonly Script[]): void => {
  let next = 0;
  server.play((...args) => scripts[Math.min(next++, scripts.length - 1)]?.(...args));
};
const ok = answering(200);

it('posts the CloudEvent with a token for Event Grid', async () => {
  const asked: unknown[] = [];
  const credential = {
    getToken: (scope: string | string[]) => {
      asked.push(scope);
      return goodCredential.getToken(scope);
    },
  };
  topic = createEventGridTopic({ credential, endpoint: `${server.endpoint}/api/events` });
  playing(ok);
  expect(await topic.publish(EVENT)).toEqual({ kind: 'published' });
  expect(asked).toEqual(['https://eventgrid.azure.net/.default']);
  expect(server.seen()).toMatchObject([
    {
      method: 'POST',
      url: '/api/events?api-version=2018-01-01',
      headers: { authorization: 'Bearer a-token', 'content-type': 'application/cloudevents+json; charset=utf-8' },
    },
  ]);
  expect(JSON.parse(server.seen()[0]?.body ?? '')).toEqual(EVENT);
});

describe('tells the same event again', () => {
  it.each<[string, Script]>([
    ['a failure of the topic', answering(500)],
    ['a topic that is not available', answering(503)],
    ['throttling, after the time that it asks for', answering(429, undefined, { 'retry-after': '1' })],
    ['a connection that is reset', (_res, _request, faults) => faults.reset()],
    ['an answer that never came', (res) => res.socket?.destroy()],
  ])('after %s', async (_, failure) => {
    playing(failure, ok);
    expect(await topic.publish(EVENT)).toEqual({ kind: 'published' });
    const bodies = server.seen().map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual([EVENT, EVENT]);
  });

  it('twice and no more', async () => {
    playing(answering(503, errorAnswer('ServiceUnavailable')));
    expect(await topic.publish(EVENT)).toEqual({
      kind: 'not-published',
      upstream: { service: 'events', status: 503, code: 'ServiceUnavailable', requestId: 'req-1' },
    });
    expect(server.posts()).toBe(3);
  });
});

describe('does not tell it again', () => {
  it.each([300, 400, 401, 403, 404, 413])('after %d, and says why without a word of the topic’s', async (status) => {
    playing(answering(status, errorAnswer('Refused', `${UPSTREAM_TEXT} ${SECRET}`)));
    expect(await topic.publish(EVENT)).toEqual({
      kind: 'not-published',
      upstream: { service: 'events', status, code: 'Refused', requestId: 'req-1' },
    });
    expect(server.posts()).toBe(1);
  });

  it.each<[string, unknown]>([
    ['a secret for a code', errorAnswer(SECRET)],
    ['no JSON', `{${UPSTREAM_TEXT}`],
    ['too long an answer', 'x'.repeat(200_000)],
    ['nothing', undefined],
  ])('after a refusal with %s', async (_, body) => {
    playing(answering(400, body));
    const upstream = { service: 'events', status: 400, requestId: 'req-1' };
    expect(await topic.publish(EVENT)).toEqual({ kind: 'not-published', upstream });
  });

  it('to where a redirect leads', async () => {
    playing(answering(307, undefined, { location: `${server.endpoint}/elsewhere` }));
    expect(await topic.publish(EVENT)).toMatchObject({ kind: 'not-published', upstream: { status: 307 } });
    expect(server.posts()).toBe(1);
  });
});

it('does not wait beyond its deadline for an answer that does not come, and closes its connection', async () => {
  const closed = Promise.withResolvers<void>();
  playing((res) => void res.socket?.once('close', () => closed.resolve()));
  const start = performance.now();
  expect(await topic.publish(EVENT)).toMatchObject({ kind: 'not-published', upstream: { service: 'events' } });
  expect(performance.now() - start).toBeLessThan(10_000);
  await closed.promise;
});

it('does not wait beyond its deadline for the time that throttling asks for', async () => {
  playing(answering(429, undefined, { 'retry-after': '3600' }));
  const start = performance.now();
  expect(await topic.publish(EVENT)).toMatchObject({ kind: 'not-published', upstream: { service: 'events' } });
  expect(performance.now() - start).toBeLessThan(10_000);
});

it.each([
  ['the credential fails', failingCredential],
  ['the credential has none', { getToken: async () => null }],
])('sends nothing without a token: %s', async (_, credential) => {
  playing(ok);
  const outcome = await createEventGridTopic({ credential, endpoint: server.endpoint }).publish(EVENT);
  expect(outcome).toMatchObject({ kind: 'not-published', upstream: { service: 'identity' } });
  expect(JSON.stringify(outcome)).not.toContain(UPSTREAM_TEXT);
  expect(server.seen()).toEqual([]);
});

it('gives its token to nobody in plain HTTP', async () => {
  let asked = 0;
  const plain = createServer((_req, res) => {
    asked++;
    res.end();
  }).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const endpoint = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  const outcome = await createEventGridTopic({ credential: goodCredential, endpoint }).publish(EVENT);
  expect(outcome).toMatchObject({ kind: 'not-published' });
  expect(asked).toBe(0);
  plain.close();
});

it('does not throw for an address that is none', async () => {
  const broken = createEventGridTopic({ credential: goodCredential, endpoint: 'nonsense' });
  expect(await broken.publish(EVENT)).toMatchObject({ kind: 'not-published' });
});
