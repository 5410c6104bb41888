import * as z from 'zod';
import type { BearerVerdict, BearerVerifier } from '../kit/bearer.ts';
import type { EmulatorRequest, EmulatorResponse } from '../kit/http-service.ts';
import { type CloudEvent, parseCloudEvent } from './cloud-event.ts';

/** A custom topic that takes CloudEvents from those who may send them; access keys are turned off. */
export interface PublishedTopic {
  /** Object ids with the role EventGrid Data Sender. */
  readonly senderOids: readonly string[];
  accept(events: readonly CloudEvent[]): void;
}

const AUDIENCE = 'https://eventgrid.azure.net';
const API_VERSION = '2018-01-01';
/** Of the whole request: https://learn.microsoft.com/azure/event-grid/quotas-limits */
const MAX_BYTES = 1_048_576;

const SINGLE = /^application\/cloudevents\+json(\s*;\s*charset="?utf-8"?)?$/i;
const BATCH = /^application\/cloudevents-batch\+json(\s*;\s*charset="?utf-8"?)?$/i;

/** `POST /api/events` of a topic. All events are taken or none. */
export async function publish(
  verifier: BearerVerifier,
  topic: PublishedTopic,
  request: EmulatorRequest,
): Promise<EmulatorResponse> {
  const refusal = (await refuseCaller(verifier, topic, request)) ?? refuseForm(request);
  if (refusal !== undefined) return refusal;
  try {
    topic.accept(parseEvents(request));
    return { status: 200 };
  } catch (error) {
    if (error instanceof z.ZodError) return refuse(400, 'BadRequest', invalid(z.prettifyError(error)));
    if (error instanceof SyntaxError || error instanceof TypeError) {
      return refuse(400, 'BadRequest', invalid('The JSON received is not valid.'));
    }
    throw error;
  }
}

async function refuseCaller(
  verifier: BearerVerifier,
  topic: PublishedTopic,
  { headers }: EmulatorRequest,
): Promise<EmulatorResponse | undefined> {
  const verdict = await verifier.verify(headers.authorization, [AUDIENCE]);
  if (verdict.kind !== 'valid') return refuse(401, 'Unauthorized', unauthorized(verdict));
  if (topic.senderOids.includes(verdict.claims.oid)) return undefined;
  return refuse(
    403,
    'Forbidden',
    `The principal associated with access token presented with the incoming request does not have permission to send data to this topic (${verdict.claims.oid}).`,
  );
}

function unauthorized(verdict: Exclude<BearerVerdict, { kind: 'valid' }>): string {
  return verdict.kind === 'missing'
    ? 'The request does not contain an authorization header with a bearer token; access keys are disabled.'
    : `The bearer token is not accepted (${verdict.reason}). Its audience must be ${AUDIENCE}.`;
}

function refuseForm({ query, headers, body }: EmulatorRequest): EmulatorResponse | undefined {
  const version = query.get('api-version');
  if (version !== API_VERSION) {
    return refuse(400, 'BadRequest', `The api-version must be ${API_VERSION}, not ${version ?? 'absent'}.`);
  }
  if (body.length > MAX_BYTES) {
    return refuse(413, 'RequestEntityTooLarge', `The maximum size (${MAX_BYTES}) has been exceeded.`);
  }
  const type = headers['content-type'] ?? '';
  if (SINGLE.test(type) || BATCH.test(type)) return undefined;
  return refuse(
    415,
    'UnsupportedMediaType',
    "The Content-Type header is either missing or it doesn't have a valid value. It must be application/cloudevents+json or application/cloudevents-batch+json, in UTF-8.",
  );
}

/** @throws ZodError, SyntaxError or TypeError, the last for what is not UTF-8 */
function parseEvents({ headers, body }: EmulatorRequest): CloudEvent[] {
  const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  const events = BATCH.test(headers['content-type'] ?? '') ? z.array(z.unknown()).parse(json) : [json];
  return events.map(parseCloudEvent);
}

const invalid = (why: string): string =>
  `This resource is configured to receive event in 'CloudEventV10' schema. The JSON received does not conform to it. ${why}`;

export const refuse = (status: number, code: string, message: string): EmulatorResponse => ({
  status,
  body: { error: { code, message, details: [{ code, message }] } },
});
