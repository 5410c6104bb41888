import { json } from './json-content.ts';
import { problemResponses } from './problem-responses.ts';

const requestId = { $ref: '#/components/parameters/RequestId' };
const replayed = { 'Idempotency-Replayed': { $ref: '#/components/headers/IdempotencyReplayed' } };
const location = { Location: { $ref: '#/components/headers/Location' } };
const resultOrPreview = {
  oneOf: [{ $ref: '#/components/schemas/VendResult' }, { $ref: '#/components/schemas/Preview' }],
};
const statusOrPreview = {
  oneOf: [{ $ref: '#/components/schemas/RequestStatus' }, { $ref: '#/components/schemas/Preview' }],
};

export function revokeKey(): object {
  return {
    operationId: 'revoke-key',
    summary: 'Delete the key and take its secret out of force; for its own caller and for operators.',
    parameters: [
      requestId,
      {
        name: 'validateOnly',
        in: 'query',
        description: 'Says what would happen; nothing is deleted, nothing is written.',
        schema: { type: 'boolean', default: false },
      },
    ],
    responses: {
      200: json('The key is gone, by this request or before; `successor` names a rotation of it.', statusOrPreview),
      ...problemResponses('revoke-key'),
    },
  };
}

export function rotateKey(): object {
  return {
    operationId: 'rotate-key',
    summary:
      'Put another key and another version of the same secret in its place; the old key lives on for the overlap.',
    description: 'A rotation is named by the request whose key it replaces, so that a repetition is a replay.',
    parameters: [requestId],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Rotation' } } },
    },
    responses: {
      201: json(
        'The new key, under a request id of its own.',
        { $ref: '#/components/schemas/VendResult' },
        { headers: location },
      ),
      200: json('The same, of an earlier rotation; or what would happen.', resultOrPreview, {
        headers: { ...location, ...replayed },
      }),
      ...problemResponses('rotate-key'),
    },
  };
}

const events = { type: 'array', items: { type: 'object' } };
const one = { type: 'object' };

export function receiveEvents(): object {
  return {
    operationId: 'receive-events',
    summary: 'Events of Event Grid or CloudEvents 1.0, alone or in batches; acted on later.',
    requestBody: {
      required: true,
      description: 'At most 1 MiB; `application/json` is either schema, or binary mode with `ce-` headers.',
      content: {
        'application/json': { schema: { oneOf: [events, one] } },
        'application/cloudevents+json': { schema: one },
        'application/cloudevents-batch+json': { schema: events },
      },
    },
    responses: {
      200: json('How many were accepted, ignored, refused, unreadable; or the answer to a validation event.', one),
      ...problemResponses('receive-events'),
    },
  };
}

export function agreeToEvents(): object {
  return {
    operationId: 'agree-to-events',
    summary: 'The handshake of CloudEvents webhooks.',
    security: [],
    parameters: [{ name: 'WebHook-Request-Origin', in: 'header', required: true, schema: { type: 'string' } }],
    responses: {
      200: { description: 'The origin is allowed.' },
      ...problemResponses('agree-to-events'),
    },
  };
}
