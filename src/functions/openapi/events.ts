import { MAX_EVENTS } from '../../vending/events/incoming.ts';
import { eventExample } from './examples.ts';
import { json, schemaRef } from './json-content.ts';
import { problemResponses } from './problem-responses.ts';

const event = { type: 'object' };
const batch = { type: 'array', items: event, maxItems: MAX_EVENTS };

export function receiveEvents(): object {
  return {
    summary: 'Deliver events',
    description:
      'Events of Event Grid or CloudEvents 1.0, alone or in batches. The service acts on them later, and publishes what became of them.',
    requestBody: {
      required: true,
      description: `At most 1 MiB and ${MAX_EVENTS} events.`,
      content: {
        'application/json': {
          schema: { description: 'Either schema, or the data of an event in binary mode with `ce-` headers.' },
          example: [eventExample],
        },
        'application/cloudevents+json': { schema: event, example: eventExample },
        'application/cloudevents-batch+json': { schema: batch, example: [eventExample] },
      },
    },
    responses: {
      200: json(
        'How many events there were of each kind; or the answer to a validation event.',
        schemaRef('EventReceipt'),
        {
          counts: { accepted: 1, ignored: 0, refused: 0, unreadable: 0 },
          validation: { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' },
        },
      ),
      ...problemResponses('receiveEvents'),
    },
  };
}

export function agreeToEvents(): object {
  return {
    summary: 'Agree to events',
    description: 'The handshake of CloudEvents webhooks. The headers of the answer say yes.',
    security: [],
    parameters: [
      {
        name: 'WebHook-Request-Origin',
        in: 'header',
        required: true,
        description: 'The DNS name of the sender.',
        schema: { type: 'string' },
        example: 'eventgrid.azure.net',
      },
    ],
    responses: { 200: { description: 'The origin is allowed.' }, ...problemResponses('agreeToEvents') },
  };
}
