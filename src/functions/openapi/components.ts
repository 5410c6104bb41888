import * as z from 'zod';
import { credentialAnswerSchema, operatorViewSchema } from '../../vending/answers/credential.ts';
import { previewSchema } from '../../vending/answers/preview.ts';
import { problemSchema } from '../../vending/answers/problem.ts';
import { bulkChangeSchema, bulkPreviewSchema, bulkSchema } from '../../vending/commands/bulk.ts';
import { bulkProgressSchema, bulkViewSchema } from '../../vending/commands/bulk-progress.ts';
import { keyViewSchema } from '../../vending/commands/find.ts';
import { credentialPageSchema } from '../../vending/commands/list.ts';
import { openPageSchema } from '../../vending/commands/open.ts';
import { resolutionSchema } from '../../vending/commands/resolution.ts';
import { CREDENTIAL_ID_PATTERN, IDEMPOTENCY_KEY_PATTERN } from '../../vending/model/idempotency.ts';
import { endOverlapSchema, rotationSchema } from '../../vending/request/operation.ts';
import { requestSchema } from '../../vending/request/request.ts';
import { responses } from './problem-responses.ts';

export function components(): object {
  return {
    schemas: {
      VendRequest: jsonSchema(requestSchema),
      Rotation: jsonSchema(rotationSchema),
      EndOverlap: jsonSchema(endOverlapSchema),
      Resolution: jsonSchema(resolutionSchema),
      Credential: openSchema(credentialAnswerSchema),
      CredentialPage: openSchema(credentialPageSchema),
      OperatorView: openSchema(operatorViewSchema),
      OpenPage: openSchema(openPageSchema),
      KeyView: openSchema(keyViewSchema),
      BulkRequest: jsonSchema(bulkSchema),
      BulkChange: jsonSchema(bulkChangeSchema),
      BulkPreview: openSchema(bulkPreviewSchema),
      Bulk: openSchema(bulkViewSchema),
      BulkProgress: openSchema(bulkProgressSchema),
      Preview: openSchema(previewSchema),
      Problem: openSchema(problemSchema),
    },
    parameters,
    headers,
    responses,
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A token of Microsoft Entra ID.' },
    },
  };
}

/** `input`: the text of a request, before it is parsed. */
function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

/** Of an answer. The schema is strict for us, and open for callers: later versions may add fields. */
function openSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema: node }) => {
      if (node.additionalProperties === false) delete node.additionalProperties;
    },
  });
  return rest;
}

const keySchema = { type: 'string', pattern: IDEMPOTENCY_KEY_PATTERN.source };
const ONE_LINE = 'One header line, without a comma: several lines arrive joined by commas and are refused.';

const limit = (maximum: number): object => ({
  name: 'limit',
  in: 'query',
  description: 'Most credentials of one page.',
  schema: { type: 'integer', minimum: 1, maximum, default: 50 },
});

const parameters = {
  IdempotencyKeyOfVend: {
    name: 'Idempotency-Key',
    in: 'header',
    description: `Names the request for its caller: the same for every retry, another for every other request. Required unless the body has \`idempotencyKey\`; where both are given they must be equal. ${ONE_LINE}`,
    schema: keySchema,
    example: '6f1c7d7e-7d0b-4c53-9f0e-0d5b1f0a9c11',
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description: `Names the rotation within its credential: the same for every retry. ${ONE_LINE}`,
    schema: keySchema,
    example: 'b1c4a7e2-55ce-4f61-9b6a-2f0f4f1d7c02',
  },
  IdempotencyKeyOfBulk: {
    name: 'Idempotency-Key',
    in: 'header',
    description: `Required unless \`validateOnly\` is set. Names the bulk operation: the same for every retry, another for every other one. ${ONE_LINE}`,
    schema: keySchema,
    example: 'leak-lkc-12345',
  },
  Id: {
    name: 'id',
    in: 'path',
    required: true,
    description: 'Of the credential.',
    schema: { type: 'string', pattern: CREDENTIAL_ID_PATTERN.source },
  },
  Limit: limit(50),
  LongLimit: limit(1_000),
  Cursor: { name: 'cursor', in: 'query', description: 'The `next` of an earlier page.', schema: { type: 'string' } },
};

const headers = {
  Location: {
    description: 'Where the credential is, relative to the URL of the request.',
    schema: { type: 'string', format: 'uri-reference' },
  },
  IdempotencyReplayed: {
    description: 'It was done by an earlier request with this idempotency key.',
    schema: { type: 'string', const: 'true' },
  },
  CacheControl: { description: 'No answer may be cached.', schema: { type: 'string', const: 'no-store' } },
  RetryAfter: {
    description: 'Seconds to wait before the same request, with the same idempotency key, is sent again.',
    schema: { type: 'integer', minimum: 1 },
  },
  Link: { description: 'Of a table: the reference to its next page.', schema: { type: 'string' } },
  WwwAuthenticate: { description: 'The scheme to use.', schema: { type: 'string', const: 'Bearer' } },
};
