import { beforeEach, expect, it } from 'vitest';
import { RecordedTelemetry } from '../../vending/recorded-telemetry.ts';
import { bodyOf, only, REQUEST, Service } from './service.ts';

const SENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const OURS = `00-${'a'.repeat(32)}-${'c'.repeat(16)}-01`;
const metadata = { messageId: 'm-1', applicationProperties: { traceparent: SENT } };

let service: Service;
let telemetry: RecordedTelemetry;
beforeEach(() => {
  service = new Service();
  telemetry = new RecordedTelemetry();
  service.telemetry = telemetry;
});

it('the spans of a message continue its trace, and the last is that of its answer', async () => {
  await service.request(REQUEST, metadata);
  expect(telemetry.spans.at(-1)).toEqual({ name: 'reply', parent: SENT, attributes: { outcome: 'vended' } });
  expect(new Set(telemetry.spans.map(({ parent }) => parent))).toEqual(new Set([SENT]));
});

it('the spans of a retry continue the trace of the first message', async () => {
  service.isVaultWritable = false;
  const { message } = only(await service.request(REQUEST, metadata));
  service.isVaultWritable = true;
  telemetry.spans.splice(0);
  await service.retry(message);
  expect(telemetry.spans.map(({ name, parent }) => [name, parent])).toEqual([
    ['vend', SENT],
    ['reply', SENT],
  ]);
});

it('an answer carries on the trace from the span in which it is sent', async () => {
  class Spans extends RecordedTelemetry {
    override under = (): this => this;
    override traceparent = (): string => OURS;
  }
  service.telemetry = new Spans();
  const { message } = only(await service.request(REQUEST, metadata));
  expect(message.applicationProperties).toMatchObject({ traceparent: OURS });
});

it('a message that is no request is counted by what is wrong with it', async () => {
  await service.request('no JSON', metadata);
  const dimensions = { outcome: 'malformed-request' };
  expect(telemetry.measurements).toEqual([{ instrument: 'vending.outcomes', value: 1, dimensions }]);
});

it('several events of one message continue its trace', async () => {
  const event = { specversion: '1.0', source: '/w', type: 'x.apikey.requested.v1', data: REQUEST };
  const events = ['e-1', 'e-2'].map((id) => ({ ...event, id }));
  const sent = await service.event(events, metadata);
  expect(sent.map((each) => bodyOf(each).envelope)).toMatchObject([{ traceparent: SENT }, { traceparent: SENT }]);
});
