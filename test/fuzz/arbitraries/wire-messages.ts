import type { ServiceBusMessage } from '@azure/service-bus';
import fc, { type Arbitrary } from 'fast-check';
import { asksForKey, isRetryMessage } from '../is-message.ts';
import { deepText } from './json.ts';
import { anyBody } from './messages.ts';
import { validRequest } from './requests.ts';
import { headerText, hostileText } from './text.ts';

const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? '');

/** Leaves room for the properties in what Service Bus takes as one message, 256 KB. */
const LONGEST = 200_000;

/**
 * JSON that nobody could take for a request, whatever the message around it says, nor on the retry queue for a retry
 * message: those of one message are answered once, however many there are.
 */
const noRequest = anyBody
  .map((body) => JSON.stringify(body))
  .filter((text) => text.length <= LONGEST)
  .filter((text) => {
    const body: unknown = JSON.parse(text);
    return !asksForKey({ body, metadata: { messageId: 'm' } }, []) && !isRetryMessage(body);
  })
  .map((text) => Buffer.from(text));
const raw = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.oneof(hostileText, deepText).map((text) => Buffer.from(text)),
  fc.constantFrom(100_000, LONGEST).map((length) => bytesOf({ messageId: 'x'.repeat(length) })),
);

/** Properties of every kind that AMQP has and the client can send. */
const property = fc.oneof(
  hostileText,
  headerText,
  fc.double({ noInteger: true }),
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
  fc.constant(null),
);
const applicationProperties = fc
  .array(
    fc.tuple(
      fc.oneof(headerText, fc.constantFrom('vendCaller', 'Diagnostic-Id', 'traceparent', '__proto__')),
      property,
    ),
    { maxLength: 4 },
  )
  .map((entries) => Object.fromEntries(entries));

const properties = fc.record(
  {
    replyTo: fc.oneof(
      fc.constantFrom('vend-results', 'portal-replies', 'vend-requests', 'VEND-RESULTS', ''),
      headerText,
      hostileText,
    ),
    contentType: fc.oneof(fc.constantFrom('application/json', 'text/plain'), headerText),
    subject: hostileText,
    to: hostileText,
    correlationId: fc.oneof(hostileText, fc.nat()),
    applicationProperties,
  },
  { requiredKeys: [] },
);

/** Messages that must lead to no key. */
export const badMessage: Arbitrary<ServiceBusMessage> = fc.oneof(
  { arbitrary: fc.tuple(noRequest, properties).map(([body, more]) => ({ ...more, body })), weight: 6 },
  { arbitrary: fc.tuple(raw, properties).map(([body, more]) => ({ ...more, body })), weight: 3 },
  { arbitrary: validRequest.map((request) => ({ body: bytesOf(request), replyTo: 'vend-retries' })), weight: 1 },
);

/** Gives ids of every kind, no two the same: duplicate detection would swallow the second. */
export function identified(series: number): (message: ServiceBusMessage) => ServiceBusMessage {
  let serial = 0;
  return (message) => {
    serial++;
    const unique = `${series}-${serial}`;
    const number = series * 1_000_000 + serial;
    const texts = [
      unique,
      `${unique} ä\u0000`,
      unique.padEnd(128, 'x'),
      `"${unique}"`,
      `{"a":"${unique}"}`,
      `${number}0`,
    ];
    const ids = [...texts, number, undefined];
    const messageId = ids[serial % ids.length];
    return messageId === undefined ? message : { ...message, messageId };
  };
}
