import { expect, it } from 'vitest';
import * as z from 'zod';
import { settingsSchema } from '../../src/settings.ts';
import { infraFile } from './bicep/syntax.ts';

const host: unknown = JSON.parse(infraFile('../host.json'));

/** Every value of host.json, by its path. */
function valuesOf(value: unknown, path = ''): readonly (readonly [path: string, value: unknown])[] {
  const { data } = z.record(z.string(), z.unknown()).safeParse(value);
  if (data === undefined) return [[path, value]];
  return Object.entries(data).flatMap(([name, part]) => valuesOf(part, path === '' ? name : `${path}.${name}`));
}

const LINES: readonly (readonly [so: string, path: string, value: unknown])[] = [
  ['the host reads the rest as it is meant', 'version', '2.0'],
  ['an invocation has more time than it takes', 'functionTimeout', '00:05:00'],
  ['what is no request, exception or trace is sampled', 'logging.applicationInsights.samplingSettings.isEnabled', true],
  [
    'alerts and audit trail read every request, exception and trace',
    'logging.applicationInsights.samplingSettings.excludedTypes',
    'Request;Exception;Trace',
  ],
  ['callers find the routes', 'extensions.http.routePrefix', 'api'],
  ['no message waits in an instance while its lock runs', 'extensions.serviceBus.prefetchCount', 0],
  ['a handler that returns completes, one that throws abandons', 'extensions.serviceBus.autoCompleteMessages', true],
  ['an instance works on as many messages as were measured', 'extensions.serviceBus.maxConcurrentCalls', 16],
  ['no message comes back while its invocation runs', 'extensions.serviceBus.maxAutoLockRenewalDuration', '00:05:00'],
  ['the triggers are there', 'extensionBundle.id', 'Microsoft.Azure.Functions.ExtensionBundle'],
  ['the triggers are those that the function was written for', 'extensionBundle.version', '[4.0.0, 5.0.0)'],
];

it.each(LINES)('%s: %s is %j', (_, path, value) => {
  expect(new Map(valuesOf(host)).get(path)).toBe(value);
});

it('has no line without a reason: telemetryMode would end the telemetry that the alerts were written for', () => {
  expect(valuesOf(host).map(([path]) => path)).toEqual(LINES.map(([, path]) => path));
});

it('the function knows the time that the host gives it', () => {
  const { AzureFunctionsJobHost__functionTimeout: timeout } = settingsSchema.shape;
  const { functionTimeout } = z.looseObject({ functionTimeout: z.string() }).parse(host);
  expect(timeout.parse(functionTimeout)).toBe(timeout.parse(undefined));
});
