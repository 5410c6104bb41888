import * as z from 'zod';
import { previewSchema } from '../../vending/answers/preview.ts';
import { problemSchema, resultSchema } from '../../vending/answers/result.ts';
import { requestStatusSchema } from '../../vending/answers/status.ts';
import { IDEMPOTENCY_KEY_PATTERN, REQUEST_ID_PATTERN } from '../../vending/model/idempotency.ts';
import { intentPageSchema } from '../../vending/operate/list.ts';
import { operatorViewSchema } from '../../vending/operate/view.ts';
import { rotationSchema } from '../../vending/request/operation.ts';
import { requestSchema } from '../../vending/request/request.ts';
import { resolveSchema } from '../http/operations.ts';

export function components(): object {
  return {
    schemas: {
      VendRequest: jsonSchema(requestSchema),
      VendResult: jsonSchema(resultSchema),
      RequestStatus: jsonSchema(requestStatusSchema),
      Problem: jsonSchema(problemSchema),
      IntentPage: jsonSchema(intentPageSchema),
      OperatorView: jsonSchema(operatorViewSchema),
      Resolve: jsonSchema(resolveSchema),
      Rotation: jsonSchema(rotationSchema),
      Preview: jsonSchema(previewSchema),
    },
    parameters,
    headers,
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A token of Microsoft Entra ID.' },
    },
  };
}

/** `input`: what is written, not what a parse leaves; it keeps answers open for fields of later versions. */
export function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

const parameters = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Names the request for its caller: the same for every retry, another for every other request. Required unless ' +
      'the body has `idempotencyKey`; where both are given they must be equal.',
    schema: { type: 'string', pattern: IDEMPOTENCY_KEY_PATTERN.source },
    example: '6f1c7d7e-7d0b-4c53-9f0e-0d5b1f0a9c11',
  },
  RequestId: {
    name: 'requestId',
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: REQUEST_ID_PATTERN.source },
  },
};

const headers = {
  Location: {
    description: 'Where the request can be looked up.',
    schema: { type: 'string', format: 'uri-reference' },
  },
  IdempotencyReplayed: {
    description: 'The key was vended by an earlier request with this idempotency key.',
    schema: { type: 'string', const: 'true' },
  },
  CacheControl: { description: 'No answer may be cached.', schema: { type: 'string', const: 'no-store' } },
  RetryAfter: {
    description: 'Seconds to wait before the same request, with the same idempotency key, is sent again.',
    schema: { type: 'integer', minimum: 1 },
  },
  WwwAuthenticate: { description: 'The scheme to use.', schema: { type: 'string', const: 'Bearer' } },
};
