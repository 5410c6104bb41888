import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { correlationOf } from '../../src/functions/queue/message.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { type CollectedSpan, Collector } from './collector.ts';
import { EXAMPLE, Rig, until, vendedOf } from './harness.ts';
import { newTrace, pointOf, reportingTo, traced } from './telemetry.ts';

let collector: Collector;
let rig: Rig;
beforeAll(async () => {
  collector = await Collector.start();
  rig = await Rig.start({ ...reportingTo(collector), QUEUE_RETRY_BASE_SECONDS: '1' });
});
afterEach(() => rig.heal());
afterAll(async () => {
  await rig.close();
  await collector.close();
});

/** `child < parent`, for every span whose parent is among them. */
function parentage(spans: readonly CollectedSpan[]): string[] {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return spans.map(({ name, parentSpanId = '' }) => `${name} < ${names.get(parentSpanId) ?? 'outside'}`).toSorted();
}

const VEND = ['mint < vend', 'store < vend'];

describe('a request by HTTP', () => {
  it('goes on with the trace of its header, each part in a span of its own', async () => {
    const trace = newTrace();
    const { body, headers } = await rig.post(EXAMPLE, { key: 'traced', headers: { traceparent: trace.parent } });
    expect(headers.get('traceresponse')).toMatch(new RegExp(`^00-${trace.id}-(?!${trace.span})[0-9a-f]{16}-01$`));
    const spans = await traced(collector, trace.id, 'vend');
    expect(parentage(spans)).toEqual([...VEND, 'vend < outside']);
    const { id, keyId } = vendedOf(body);
    const by = (name: string): CollectedSpan | undefined => spans.find((span) => span.name === name);
    expect(by('vend')?.attributes).toEqual({
      'vending.outcome': 'vended',
      'vending.credential_id': id,
      'vending.attempt': 1,
    });
    expect(by('mint')?.attributes).toMatchObject({ 'vending.outcome': 'minted', 'vending.api_key_id': keyId });
    expect(by('mint')?.attributes).toMatchObject({
      'vending.upstream.service': 'arm',
      'http.response.status_code': 200,
    });
    expect(by('store')?.attributes).toMatchObject({ 'vending.outcome': 'stored' });
    // The host's own span lies between: it belongs to the caller's trace too.
    expect(`00-${trace.id}-${by('vend')?.parentSpanId}-01`).toBe(headers.get('traceresponse'));
    expect(spans.filter(({ status, events }) => status.code !== 0 || events.length > 0)).toEqual([]);
  });

  it('is a trace of its own where its header is no traceparent', async () => {
    const before = new Set(collector.spans.map(({ traceId }) => traceId));
    const forged = `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`;
    const { headers } = await rig.post(EXAMPLE, { key: 'untraced', headers: { traceparent: forged } });
    expect(headers.get('traceresponse')).toBeNull();
    const vend = await until(() =>
      collector.spans.find(({ name, traceId }) => name === 'vend' && !before.has(traceId)),
    );
    expect(vend.traceId).not.toBe('0'.repeat(32));
  });

  it('that fails says so in its spans', async () => {
    const trace = newTrace();
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { secret: '' } });
    const { status } = await rig.post(EXAMPLE, { key: 'unusable', headers: { traceparent: trace.parent } });
    expect(status).toBe(502);
    const spans = await traced(collector, trace.id, 'vend', 'compensate');
    expect(parentage(spans)).toContain('compensate < vend');
    const failed = spans.filter(({ status: { code } }) => code === 2).map(({ name }) => name);
    expect(new Set(failed)).toEqual(new Set(['mint', 'vend']));
    expect(spans.map(({ status: { message } }) => message)).not.toContain(expect.any(String));
  });
});

describe('a request by queue', () => {
  const send = (messageId: string, applicationProperties: Record<string, unknown>): void => {
    rig.sandbox.azure.broker.enqueue(WORLD.queues.request, { body: EXAMPLE, messageId, applicationProperties });
  };

  it.each(['traceparent', 'Diagnostic-Id'])('goes on with the trace of its %s, and so does its reply', async (name) => {
    const trace = newTrace();
    send(`by-${name}`, { [name]: trace.parent });
    const { applicationProperties } = await rig.replyTo(`by-${name}`);
    const spans = await traced(collector, trace.id, 'vend', 'reply');
    expect(parentage(spans)).toEqual([...VEND, 'reply < outside', 'vend < outside'].toSorted());
    const reply = spans.find((span) => span.name === 'reply');
    expect(reply?.attributes).toEqual({ 'vending.outcome': 'vended' });
    const traceparent = `00-${trace.id}-${reply?.spanId}-01`;
    expect(applicationProperties).toMatchObject({ traceparent, 'Diagnostic-Id': traceparent });
  });

  it('stays in its trace when it is rescheduled', async () => {
    const trace = newTrace();
    rig.fault({
      service: 'arm',
      operation: 'createApiKey',
      times: 1,
      fault: { status: 429, headers: { 'retry-after': '1' } },
    });
    send('rescheduled', { traceparent: trace.parent });
    const { applicationProperties } = await rig.replyTo('rescheduled');
    const spans = await traced(collector, trace.id, 'reply');
    expect(spans.filter(({ name }) => name === 'vend').map(({ attributes }) => attributes['vending.outcome'])).toEqual([
      'upstream-throttled',
      'vended',
    ]);
    expect(applicationProperties.traceparent).toContain(trace.id);
    expect((await pointOf(collector, 'vending.throttled', { service: 'arm' })).value).toBeGreaterThan(0);
  });

  it.each([`00-${'a'.repeat(32)}-${'b'.repeat(16)}`, `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, '|a.b.', true])(
    'drops what is no traceparent: %s',
    async (forged) => {
      send(`forged-${forged}`, { traceparent: forged, 'Diagnostic-Id': forged });
      const { applicationProperties } = await rig.replyTo(`forged-${forged}`);
      expect(applicationProperties.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-\d\d$/);
      expect(JSON.stringify(applicationProperties)).not.toContain(String(forged));
      expect(String(applicationProperties.traceparent)).not.toContain('a'.repeat(32));
    },
  );
});

it('an event by HTTP leads to a reply in the trace of its header', async () => {
  const trace = newTrace();
  const event = { specversion: '1.0', source: '/portal', id: 'traced-event', type: 'com.contoso.apikey.requested.v1' };
  const response = await fetch(`${rig.url}/api/v1/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await rig.token()}`,
      'content-type': 'application/cloudevents+json',
      traceparent: trace.parent,
    },
    body: JSON.stringify({ ...event, data: EXAMPLE }),
  });
  expect(response.status).toBe(200);
  const { applicationProperties } = await rig.replyTo(correlationOf(event));
  const spans = await traced(collector, trace.id, 'vend', 'reply');
  expect(applicationProperties.traceparent).toContain(spans.find(({ name }) => name === 'reply')?.spanId);
});
