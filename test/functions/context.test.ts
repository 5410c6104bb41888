import { InvocationContext } from '@azure/functions';
import { expect, it } from 'vitest';
import { contextFor } from '../../src/functions/context.ts';
import { RecordedTelemetry } from '../vending/recorded-telemetry.ts';
import { World } from '../vending/world/world.ts';

const SENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const HOSTS = `00-${'a'.repeat(32)}-${'c'.repeat(16)}-01`;
const OTHER = `00-${'d'.repeat(32)}-${'e'.repeat(16)}-01`;

it.each([
  ['what was sent', SENT, undefined, SENT],
  ['the host’s own span, where it is of the same trace', SENT, HOSTS, HOSTS],
  ['what was sent, where the host’s span is of another trace', SENT, OTHER, SENT],
])('the spans of an invocation continue %s', async (_, sent, traceParent, parent) => {
  const telemetry = new RecordedTelemetry();
  const context = new InvocationContext({ ...(traceParent !== undefined && { traceContext: { traceParent } }) });
  const actor = { party: 'worker', name: 'worker' } as const;
  const ctx = contextFor({ ...new World().effects(), telemetry }, context, actor, sent);
  await ctx.telemetry?.span('vend', {}, async () => undefined);
  expect(telemetry.spans).toEqual([{ name: 'vend', parent, attributes: {} }]);
});
