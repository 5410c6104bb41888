import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readHostJson } from '../../../src/sandbox/host/host-json.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'host-json-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function read(hostJson: string, settings: Record<string, string> = {}) {
  await writeFile(join(directory, 'host.json'), hostJson);
  return readHostJson(directory, settings);
}

it("has the real host's defaults", async () => {
  expect(await read('{"version":"2.0"}')).toEqual({
    routePrefix: 'api',
    functionTimeout: 1_800_000,
    serviceBus: {
      maxConcurrentCalls: 16,
      prefetchCount: 0,
      autoCompleteMessages: true,
      maxAutoLockRenewalDuration: 300_000,
    },
    logLevels: {},
  });
});

it('reads durations with days, an unlimited timeout, and levels of any case', async () => {
  const options = await read(
    JSON.stringify({
      version: '2.0',
      functionTimeout: '-1',
      extensions: { serviceBus: { maxAutoLockRenewalDuration: '1.02:03:04' } },
      logging: { logLevel: { default: 'Warning', 'Function.x': 'TRACE' } },
    }),
  );
  expect(options.functionTimeout).toBe(Number.POSITIVE_INFINITY);
  expect(options.serviceBus.maxAutoLockRenewalDuration).toBe(((26 * 60 + 3) * 60 + 4) * 1000);
  expect(options.logLevels).toEqual({ default: 'warning', 'Function.x': 'trace' });
});

it('lets app settings override it', async () => {
  const settings = {
    AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls: '2',
    AzureFunctionsJobHost__extensions__serviceBus__autoCompleteMessages: 'False',
    AzureFunctionsJobHost__functionTimeout: '00:00:30',
  };
  const options = await read('{"version":"2.0","extensions":{"serviceBus":{"prefetchCount":3}}}', settings);
  expect(options.serviceBus).toMatchObject({ maxConcurrentCalls: 2, autoCompleteMessages: false, prefetchCount: 3 });
  expect(options.functionTimeout).toBe(30_000);
});

it.each([
  ['{ "version": "2.0", ', /host\.json: .*JSON/],
  ['[]', /host\.json: not a JSON object/],
  ['{}', /host\.json: version: /],
  ['{"version":"1.0"}', /host\.json: version: /],
  ['{"version":"2.0","functionTimeout":"5m"}', /host\.json: functionTimeout: /],
  ['{"version":"2.0","extensions":{"http":{"routePrefix":1}}}', /host\.json: extensions\.http\.routePrefix: /],
  ['{"version":"2.0","logging":{"logLevel":{"default":"loud"}}}', /host\.json: logging\.logLevel\.default: /],
])('refuses %s', async (hostJson, message) => {
  await expect(read(hostJson)).rejects.toThrow(message);
});

it('says that host.json is missing', async () => {
  await expect(readHostJson(directory, {})).rejects.toThrow(/host\.json: ENOENT/);
});
