import { MAX_EVENTS } from '../../vending/events/incoming.ts';
import { json } from './json-content.ts';
import { problemResponses } from './problem-responses.ts';

const events = { type: 'array', items: { type: 'object' }, maxItems: MAX_EVENTS };
const one = { type: 'object' };

export function receiveEvents(): object {
  return {
    summary: 'Events of Event Grid or CloudEvents 1.0, alone or in batches. The service acts on them later.',
    requestBody: {
      required: true,
      description: 'At most 1 MiB. `application/json` is either schema, or binary mode with `ce-` headers.',
      content: {
        'application/json': { schema: { oneOf: [events, one] } },
        'application/cloudevents+json': { schema: one },
        'application/cloudevents-batch+json': { schema: events },
      },
    },
    responses: {
      200: json('How many were accepted, ignored, refused, unreadable; or the answer to a validation event.', one),
      ...problemResponses('receiveEvents'),
    },
  };
}

export function agreeToEvents(): object {
  return {
    summary: 'The handshake of CloudEvents webhooks.',
    security: [],
    parameters: [{ name: 'WebHook-Request-Origin', in: 'header', required: true, schema: { type: 'string' } }],
    responses: { 200: { description: 'The origin is allowed.' }, ...problemResponses('agreeToEvents') },
  };
}
