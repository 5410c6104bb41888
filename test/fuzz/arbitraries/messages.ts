import fc, { type Arbitrary } from 'fast-check';
import { anyJson, hostileName, leaf } from './json.ts';
import { type Json, nearRequest, validRequest } from './requests.ts';
import { hostileText } from './text.ts';

/** A body, and metadata as host and library pass them on. */
export interface Message {
  readonly body: unknown;
  readonly metadata: Json;
}

const EVENT = { specversion: '1.0', id: 'e-1', source: '/onboarding', type: 'com.contoso.apikey.requested.v1' };
const event: Arbitrary<Json> = fc.record(
  {
    specversion: fc.constant('1.0'),
    id: fc.constantFrom('e-1', 'é', ' ', 'x'.repeat(3_000)),
    source: fc.constantFrom('/onboarding', 'urn:x', '\u0000'),
    type: fc.constantFrom(EVENT.type, 'apikey.requested.v1'),
    data: validRequest,
    datacontenttype: fc.constantFrom('application/json', 'application/cloudevents+json; charset=utf-8'),
    time: hostileText,
    extension: fc.oneof({ arbitrary: anyJson, weight: 30 }, { arbitrary: fc.constant('x'.repeat(261_500)), weight: 1 }),
    messageid: hostileText,
  },
  { requiredKeys: ['specversion', 'id', 'source', 'type', 'data'] },
);

const ATTRIBUTES = [...Object.keys(EVENT), 'data', 'datacontenttype', 'data_base64', 'dataschema', 'subject'];

/** CloudEvents with one attribute that may not be right. */
export const nearEvent: Arbitrary<Json> = fc
  .tuple(event, fc.constantFrom(...ATTRIBUTES), fc.oneof(leaf, anyJson, nearRequest, fc.constant(undefined)))
  .map(([sound, name, value]) => {
    const entries = Object.entries({ ...sound, [name]: value });
    return Object.fromEntries(entries.filter(([, attribute]) => attribute !== undefined));
  });

/** Operations on credentials, one field of which may not be right. */
const nearOperation: Arbitrary<Json> = fc
  .tuple(
    fc.record(
      {
        operation: fc.constantFrom('revoke', 'rotate', 'end-overlap'),
        id: fc.constantFrom('a'.repeat(26), 'mfxs2ylqnfwgk3tfobzgk2lton'),
        apiKeyId: fc.constantFrom('KEY1'),
        overlap: fc.constantFrom('P2D', 'PT1H'),
        validateOnly: fc.boolean(),
      },
      { requiredKeys: ['operation', 'id'] },
    ),
    fc.constantFrom('operation', 'id', 'apiKeyId', 'overlap', 'validateOnly', 'extra'),
    fc.oneof(leaf, anyJson, hostileText),
    fc.boolean(),
  )
  .map(([sound, name, value, isSound]): Json => (isSound ? sound : { ...sound, [name]: value }));

/** What a retry message of the function looks like, so that a sender could write one. */
const retry: Arbitrary<Json> = fc.record({
  envelope: fc.record(
    {
      origin: fc.constant('sender'),
      caller: fc.constantFrom('queue:vend-requests', 'queue:payments', 'entra:a:b'),
      roles: fc.constantFrom([], ['KeyVending.Requester']),
      rescheduleCount: fc.constantFrom(1, 2, 2 ** 53 - 1),
      attempts: fc.constantFrom(0, 1, 11, 12, 2 ** 53 - 1),
      reference: fc.oneof(fc.constant('r'), hostileText),
      reply: fc.record(
        {
          queue: fc.constantFrom('portal-replies', 'vend-results'),
          correlationId: fc.constantFrom('m', 'x'.repeat(128)),
          sequenceNumber: fc.constant('7'),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['origin', 'caller', 'roles', 'rescheduleCount', 'attempts', 'reference', 'reply'] },
  ),
  work: fc.record({
    kind: fc.constantFrom('operation', 'operation', 'operation', 'look', 'event'),
    key: fc.constantFrom(
      { kind: 'key', key: 'k' },
      { kind: 'msg', messageId: 'm' },
      { kind: 'ce', source: 's', id: 'i' },
    ),
    operation: fc.oneof(validRequest, nearRequest, nearOperation),
  }),
});

const oddEnvelope = fc.tuple(retry, hostileName, leaf).map(([{ envelope, work }, name, value]) => ({
  envelope: Object.fromEntries([...Object.entries(envelope as Json), [name, value]]),
  work,
}));
const ENVELOPE = ['origin', 'caller', 'roles', 'rescheduleCount', 'attempts', 'reference', 'reply', 'expiresAt'];
const brokenEnvelope = fc
  .tuple(retry, fc.constantFrom(...ENVELOPE), fc.oneof(leaf, anyJson, fc.constant('x'.repeat(100_000))))
  .map(([{ envelope, work }, name, value]) => ({ envelope: { ...(envelope as Json), [name]: value }, work }));

export const retryMessage: Arbitrary<Json> = fc.oneof(retry, oddEnvelope, brokenEnvelope);

/** Text is sent as it is, any other value as JSON. */
export const anyBody: Arbitrary<unknown> = fc.oneof(
  { arbitrary: nearRequest, weight: 5 },
  { arbitrary: nearEvent, weight: 5 },
  { arbitrary: nearOperation, weight: 2 },
  { arbitrary: event, weight: 1 },
  { arbitrary: retryMessage, weight: 1 },
  { arbitrary: anyJson, weight: 2 },
  { arbitrary: hostileText, weight: 1 },
);

const ids = fc.oneof(hostileText, leaf, anyJson, fc.constantFrom('m-1', 42, true, 'x'.repeat(128), 'x'.repeat(70_000)));
const numbers = fc
  .oneof(fc.constantFrom<unknown>(7, '7', { low: 7, high: 1, unsigned: false }), leaf, anyJson)
  .filter((number) => number !== undefined && number !== null && number !== '');

/** The library parses metadata that are JSON, so almost any value can be anywhere. */
export const metadata: Arbitrary<Json> = fc
  .tuple(
    fc.record(
      {
        messageId: ids,
        replyTo: fc.oneof(
          fc.constantFrom('vend-results', 'portal-replies', 'vend-requests', 'vend-retries'),
          leaf,
          anyJson,
        ),
        sequenceNumber: numbers,
        deliveryCount: numbers,
        correlationId: ids,
        applicationProperties: fc.oneof(anyJson, fc.constant({ vendCaller: 'queue:payments' })),
        enqueuedTimeUtc: leaf,
      },
      { requiredKeys: [] },
    ),
    fc.array(fc.tuple(hostileName, leaf), { maxLength: 3 }),
  )
  .map(([named, more]) =>
    Object.fromEntries([...more, ['lockToken', 'lock'], ['sequenceNumber', 7], ...Object.entries(named)]),
  );
