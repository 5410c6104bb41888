import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { traceparentOf } from '../../../src/azure/telemetry/open-telemetry.ts';
import { type ClosableTelemetry, createTelemetry } from '../../../src/azure/telemetry/telemetry.ts';
import { INSTRUMENTS } from '../../../src/vending/ports/telemetry.ts';
import { Collector } from '../../e2e/collector.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

let collector: Collector;
let telemetry: ClosableTelemetry;
beforeEach(async () => {
  collector = await Collector.start();
  telemetry = createTelemetry({
    endpoint: collector.endpoint,
    serviceName: 'vending',
    spanDelayMs: 10,
    metricIntervalMs: 60_000,
  });
});
afterEach(() => collector.close());

const spanNamed = (name: string) => collector.spans.find((span) => span.name === name);

describe('spans', () => {
  it('are children of the one that is active, and of the trace that is gone on with', async () => {
    const traced = telemetry.under(PARENT);
    await traced.span('vend', { credentialId: 'c-1' }, () => traced.span('mint', { attempt: 1 }, async () => 'minted'));
    await telemetry.close();
    const [vend, mint] = [spanNamed('vend'), spanNamed('mint')];
    expect(vend).toMatchObject({ traceId: TRACE, parentSpanId: 'b7ad6b7169203331' });
    expect(mint).toMatchObject({ traceId: TRACE, parentSpanId: vend?.spanId });
    // The parent of the outer one is in another process, and that of the inner one is not.
    const flags = (hex: number) => expect.stringMatching(new RegExp(`"flags":${hex}\\b`));
    expect(collector.bodies).toEqual([flags(0x301)]);
    expect(collector.bodies).toEqual([flags(0x101)]);
  });

  it('have their flags in two digits of a traceparent', () => {
    const span = { traceId: TRACE, spanId: 'b7ad6b7169203331' };
    expect(traceparentOf({ ...span, traceFlags: 1 })).toBe(PARENT);
    expect(traceparentOf({ ...span, traceFlags: 0x1a })).toBe(`00-${TRACE}-b7ad6b7169203331-1a`);
  });

  it('begin a trace of their own where none is gone on with', async () => {
    await telemetry.span('revoke', {}, async () => undefined);
    await telemetry.close();
    expect(spanNamed('revoke')?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(spanNamed('revoke')?.parentSpanId ?? '').toBe('');
  });

  it('tell what the work came to, its upstream by code alone, and that it failed', async () => {
    const upstream = { service: 'arm', status: 503, code: 'ServerBusy', requestId: 'ms-1' } as const;
    const describeIt = () => ({ outcome: 'upstream-unreachable', failed: true, upstream, apiKeyId: 'KEY1' });
    await telemetry.span('mint', { attempt: 2 }, async () => 'x', describeIt);
    await telemetry.close();
    const span = spanNamed('mint');
    expect(JSON.stringify(span?.attributes)).toContain('upstream-unreachable');
    expect(JSON.stringify(span?.attributes)).toContain('ServerBusy');
    expect(span?.status.code).toBe(2);
  });

  it('of work that came to nothing worth a word have neither attributes nor a failure', async () => {
    await telemetry.span('store', { credentialId: '' }, async () => 'x');
    await telemetry.span(
      'mint',
      {},
      async () => 'x',
      () => ({}),
    );
    await telemetry.close();
    for (const name of ['store', 'mint'])
      expect([spanNamed(name)?.attributes, spanNamed(name)?.status.code]).toEqual([{}, 0]);
  });

  it('name all that their attributes may have, as dashboards know it', async () => {
    const upstream = { service: 'arm', status: 503, code: 'ServerBusy', requestId: 'ms-1' } as const;
    const all = { credentialId: 'c', attempt: 2, apiKeyId: 'KEY1', outcome: 'o', failed: false, upstream } as const;
    await telemetry.span('mint', all, async () => 'x');
    await telemetry.close();
    expect(spanNamed('mint')?.attributes).toMatchInlineSnapshot(`
      {
        "http.response.status_code": 503,
        "vending.api_key_id": "KEY1",
        "vending.attempt": 2,
        "vending.credential_id": "c",
        "vending.outcome": "o",
        "vending.upstream.code": "ServerBusy",
        "vending.upstream.request_id": "ms-1",
        "vending.upstream.service": "arm",
      }
    `);
  });

  it('end with a work that throws, whose message they do not tell, and let it throw', async () => {
    const work = () => Promise.reject(new Error('cflt/hush-hush'));
    await expect(telemetry.span('store', {}, work)).rejects.toThrow('cflt/hush-hush');
    await telemetry.close();
    expect(spanNamed('store')?.status.code).toBe(2);
    expect(collector.bodies.join()).not.toContain('hush-hush');
  });

  it('say how a message goes on with them', async () => {
    const traced = telemetry.under(PARENT);
    let inside: string | undefined;
    await traced.span('reply', {}, async () => {
      inside = traced.traceparent();
    });
    await telemetry.close();
    expect(inside).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-0[01]$`));
    expect(inside).toContain(spanNamed('reply')?.spanId);
    expect(traced.traceparent()).toBe(PARENT);
  });
});

it('counts, times and measures by few dimensions', async () => {
  telemetry.measure('vending.outcomes', 1, { operation: 'vend', outcome: 'vended' });
  telemetry.measure('vending.outcomes', 1, { operation: 'vend', outcome: 'vended' });
  telemetry.measure('vending.mint.duration', 1.5, { outcome: 'minted' });
  telemetry.measure('vending.open_credentials', 3, { state: 'unknown' });
  await telemetry.span('vend', {}, async () => undefined);
  await telemetry.close();
  expect(collector.points('vending.outcomes')).toEqual([
    { dimensions: { operation: 'vend', outcome: 'vended' }, value: 2 },
  ]);
  expect(collector.points('vending.mint.duration')).toEqual([
    { dimensions: { outcome: 'minted' }, value: 1, sum: 1.5 },
  ]);
  expect(collector.points('vending.open_credentials')).toEqual([{ dimensions: { state: 'unknown' }, value: 3 }]);
  for (const name of ['vending.outcomes', 'vending.mint.duration', 'vending.open_credentials'] as const) {
    const { unit, description } = INSTRUMENTS[name];
    expect(collector.bodies.join()).toContain(JSON.stringify({ name, description, unit }).slice(0, -1));
  }
});

it('sorts durations into buckets of seconds, for an attempt has a minute', async () => {
  telemetry.measure('vending.mint.duration', 1.5, { outcome: 'minted' });
  await telemetry.close();
  expect(collector.bodies.join()).toContain('"explicitBounds":[0.05,0.1,0.25,0.5,1,2,3,5,10,20,30,60]');
});

it('a collector that does not answer keeps nobody from working, or from ending', async () => {
  await collector.close();
  expect(await telemetry.span('vend', {}, async () => 'done')).toBe('done');
  await telemetry.close();
  collector = await Collector.start();
});

it('a collector that takes what it gets and never answers is waited for, for five seconds', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const unheard = createTelemetry({ endpoint, serviceName: 'vending', spanDelayMs: 10, metricIntervalMs: 60_000 });
  await unheard.span('vend', {}, async () => undefined);
  const begin = performance.now();
  await unheard.close();
  expect(performance.now() - begin).toBeGreaterThan(4_900);
  expect(performance.now() - begin).toBeLessThan(8_000);
  silent.closeAllConnections();
  silent.close();
});

it('its end leaves no timer behind, which the end of the process would wait for', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  await telemetry.span('vend', {}, async () => undefined);
  const before = timers();
  await telemetry.close();
  expect(timers()).toBeLessThanOrEqual(before);
});

it('spans and measurements say which service, version and instance they are of', async () => {
  await telemetry.span('vend', {}, async () => undefined);
  telemetry.measure('vending.outcomes', 1, { outcome: 'vended' });
  await telemetry.close();
  const resources = collector.bodies.map((body) => /"resource":(.*?\]\})/.exec(body)?.[1] ?? '');
  expect(resources).toHaveLength(2);
  for (const resource of resources)
    for (const text of [
      '"service.name","value":{"stringValue":"vending"}',
      '"service.version"',
      '"service.instance.id"',
    ])
      expect(resource).toContain(text);
});
