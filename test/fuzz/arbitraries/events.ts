import fc, { type Arbitrary } from 'fast-check';
import { keyVaultSamples, VALIDATION_SAMPLE } from '../../vending/events/samples.ts';
import { anyJson, leaf } from './json.ts';
import { nearEvent } from './messages.ts';
import { type Json, nearRequest, validRequest } from './requests.ts';
import { headerText, hostileText } from './text.ts';

const KEY_VAULT = ['Microsoft.KeyVault.SecretExpired', 'Microsoft.KeyVault.SecretNearExpiry'].flatMap((type) =>
  keyVaultSamples(type).flatMap(([, sample]) => sample),
);
const OPERATIONS = ['apikey.requested.v1', 'x.apikey.revoke.requested.v1', 'apikey.rotate.requested.v1', 'apikey.gone'];

/** Event Grid's own schema. */
const gridEvent: Arbitrary<Json> = fc.record(
  {
    id: fc.constantFrom('e-1', 'é', 'x'.repeat(3_000)),
    topic: fc.constantFrom('/subscriptions/a', '\u0000'),
    subject: hostileText,
    eventType: fc.constantFrom(...OPERATIONS, 'Microsoft.KeyVault.SecretExpired'),
    eventTime: hostileText,
    data: fc.oneof(validRequest, nearRequest, fc.record({ id: fc.constant('a'.repeat(26)), apiKeyId: leaf })),
    dataVersion: leaf,
  },
  { requiredKeys: ['id', 'topic', 'eventType', 'data'] },
);
const nearGridEvent: Arbitrary<Json> = fc
  .tuple(gridEvent, fc.constantFrom('id', 'topic', 'eventType', 'data', 'extra'), fc.option(fc.oneof(leaf, anyJson)))
  .map(([sound, name, value]) => (value === null ? sound : { ...sound, [name]: value }));
/** One field of the data of a published sample is another. */
const nearKeyVaultEvent = fc
  .tuple(
    fc.constantFrom(...KEY_VAULT),
    fc.constantFrom('Id', 'id', 'VaultName', 'ObjectType', 'ObjectName', 'Version', ' ID '),
    fc.option(fc.oneof(hostileText, leaf)),
  )
  .map(([sample, name, value]) => {
    const event = Object(sample);
    return value === null ? event : { ...event, data: { ...event.data, [name]: value } };
  });

export const anyEvent: Arbitrary<unknown> = fc.oneof(
  { arbitrary: nearEvent, weight: 5 },
  { arbitrary: nearGridEvent, weight: 4 },
  { arbitrary: nearKeyVaultEvent, weight: 3 },
  { arbitrary: fc.constantFrom<unknown>(...VALIDATION_SAMPLE), weight: 1 },
  { arbitrary: anyJson, weight: 2 },
);

/** What a webhook or the queue of events is sent: one event, several, or more than may come at once. */
export const anyEvents: Arbitrary<unknown> = fc.oneof(
  { arbitrary: anyEvent, weight: 12 },
  { arbitrary: fc.array(anyEvent, { maxLength: 4 }), weight: 7 },
  { arbitrary: anyEvent.map((event) => Array(101).fill(event)), weight: 1 },
);

const attribute = fc.oneof(
  headerText,
  fc.constantFrom('1.0', 'apikey.requested.v1', 'apikey.revoke.requested.v1', '%41'),
);

/** Binary mode has the attributes of an event in headers. */
export const eventHeaders: Arbitrary<Record<string, string>> = fc
  .tuple(
    fc.constantFrom(
      ...['application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json'],
      ...['application/json; charset=utf-16', 'application/xml', ''],
    ),
    fc.option(
      fc.record(
        {
          ...{ 'ce-specversion': fc.constantFrom('1.0', '0.3', '"1.0"'), 'ce-id': attribute, 'ce-source': attribute },
          ...{ 'ce-type': attribute, 'ce-extension': attribute, 'ce-data': attribute },
          'content-encoding': fc.constant('gzip'),
        },
        { requiredKeys: [] },
      ),
    ),
  )
  .map(([type, attributes]) => ({
    'content-type': type,
    ...Object.fromEntries(Object.entries(attributes ?? {}).filter(([, value]) => value !== undefined)),
  }));
