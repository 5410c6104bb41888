import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../src/sandbox/kit/faults.ts';
import { CANARY, found } from './canary.ts';
import { type CollectedSpan, Collector } from './collector.ts';
import { EXAMPLE, Rig, until } from './harness.ts';
import { newTrace, pointOf, reportingTo, traced } from './telemetry.ts';

let collector: Collector;
let rig: Rig;
beforeAll(async () => {
  collector = await Collector.start();
  rig = await Rig.start({
    ...reportingTo(collector),
    RECONCILE_SCHEDULE: '* * * * * *',
    STORE_DEADLINE_SECONDS: '3',
  });
});
afterEach(() => rig.heal());
afterAll(async () => {
  await rig.close();
  await collector.close();
});

describe('metrics', () => {
  it('count requests by what they came to', async () => {
    const repeat = () => rig.post(EXAMPLE, { key: 'counted' });
    await repeat();
    await repeat();
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { status: 400 } });
    await rig.post(EXAMPLE, { key: 'refused' });
    for (const outcome of ['vended', 'replayed', 'upstream-refused'])
      expect((await pointOf(collector, 'vending.outcomes', { operation: 'vend', outcome })).value).toBeGreaterThan(0);
  });

  it('time mint and store in seconds', async () => {
    const mint = await pointOf(collector, 'vending.mint.duration', { outcome: 'minted' });
    const store = await pointOf(collector, 'vending.store.duration', { outcome: 'stored' });
    for (const { value, sum = Number.NaN } of [mint, store]) expect(sum / value).toBeLessThan(5);
  });

  it('show what waits for a person and how late reviews are, run by run', async () => {
    expect(await pointOf(collector, 'vending.open_credentials', { state: 'unknown' })).toMatchObject({ value: 0 });
    expect(await pointOf(collector, 'vending.open_credentials', { state: 'undecided' })).toMatchObject({ value: 0 });
    expect(await pointOf(collector, 'vending.oldest_due', {})).toMatchObject({ value: expect.any(Number) });
  });
});

it('an outage of the collector costs spans, and no request', async () => {
  const trace = newTrace();
  collector.status = 503;
  const { status } = await rig.post(EXAMPLE, { key: 'blind', headers: { traceparent: trace.parent } });
  await until(() => collector.bodies.find((body) => body.includes(trace.id)));
  collector.status = 200;
  expect(status).toBe(201);
});

const ECHO = { error: { code: CANARY, message: CANARY } };
const MINTS_THE_CANARY: FaultRule = { service: 'arm', operation: 'createApiKey', fault: { secret: CANARY } };

it.each<[string, number, readonly FaultRule[]]>([
  ['a key that is vended', 201, [MINTS_THE_CANARY]],
  ['a refusal of ARM', 502, [{ service: 'arm', operation: 'createApiKey', fault: { status: 400, body: ECHO } }]],
  [
    'an error of ARM',
    502,
    [
      {
        service: 'arm',
        operation: 'createApiKey',
        fault: { status: 500, body: CANARY, headers: { 'x-ms-request-id': CANARY } },
      },
    ],
  ],
  [
    'a refusal of the vault',
    503,
    [
      MINTS_THE_CANARY,
      { service: 'vault', operation: 'setSecret', fault: { status: 400, body: { ...ECHO, value: CANARY } } },
    ],
  ],
])('nothing that the collector got of %s holds the secret', async (what, expected, faults) => {
  const trace = newTrace();
  for (const fault of faults) rig.fault(fault);
  const { status } = await rig.post(EXAMPLE, { key: `leak-${what}`, headers: { traceparent: trace.parent } });
  expect(status).toBe(expected);
  const [{ attributes }] = (await traced(collector, trace.id, 'vend')).filter(({ name }) => name === 'mint') as [
    CollectedSpan,
  ];
  expect(attributes['vending.upstream.service']).toBe('arm');
  const everything = collector.bodies.join('\n');
  expect(found(everything)).toEqual([]);
  expect(found(`${everything}${JSON.stringify({ stringValue: CANARY })}`)).not.toEqual([]);
});
