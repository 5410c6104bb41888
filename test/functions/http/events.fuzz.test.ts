import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keyVaultSamples, VALIDATION_SAMPLE } from '../../vending/events/samples.ts';
import { EVENT_GRID, PORTAL, Webhook } from './webhook.ts';

const sample = fc.constantFrom(
  ...keyVaultSamples('Microsoft.KeyVault.SecretExpired').map(([, event]) => event),
  ...VALIDATION_SAMPLE,
  { specversion: '1.0', id: 'c', source: '/s', type: 'apikey.requested.v1', data: {} },
  { specversion: '1.0', id: 'o', source: '/s', type: 'other' },
);
const event = fc.oneof(sample, fc.jsonValue());
const json = fc.oneof(event, fc.array(event)).map((value) => new TextEncoder().encode(JSON.stringify(value)));
const body = fc.oneof({ weight: 4, arbitrary: json }, { weight: 1, arbitrary: fc.uint8Array() });
const contentType = fc.constantFrom(
  'application/json',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
  'application/xml',
);
const attribute = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) });
const headers = fc.record(
  {
    'content-type': contentType,
    'ce-specversion': fc.constantFrom('1.0', '0.3', '"1.0"'),
    'ce-id': attribute,
    'ce-source': attribute,
    'ce-type': fc.oneof(fc.constantFrom('apikey.requested.v1', 'other'), attribute),
    'ce-extension': attribute,
  },
  { requiredKeys: ['content-type'] },
);

it('whatever is delivered, the answer is one of those meant, and everything is accounted for', async () => {
  const statuses = new Set<number | undefined>();
  await fc.assert(
    fc.asyncProperty(body, headers, fc.constantFrom(PORTAL, EVENT_GRID), async (bytes, given, caller) => {
      const webhook = new Webhook().as(caller);
      const { status, jsonBody } = await webhook.deliver({ body: bytes, headers: given });
      statuses.add(status);
      expect([200, 400, 403, 415]).toContain(status);
      const taken = webhook.taken.flatMap(({ events }) => events);
      if (status !== 200) expect(taken).toEqual([]);
      else if (!('validationResponse' in jsonBody)) expect(jsonBody.accepted).toBe(taken.length);
      if (caller === PORTAL) expect(taken.filter(({ kind }) => kind === 'key-vault')).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
  expect(statuses).toEqual(new Set([200, 400, 403, 415]));
});
