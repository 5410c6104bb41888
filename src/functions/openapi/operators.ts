import * as z from 'zod';
import { OPEN_REASONS } from '../../vending/commands/open.ts';
import { CREDENTIAL_ID_PATTERN } from '../../vending/model/idempotency.ts';
import { API_KEY_ID } from '../../vending/model/resources.ts';
import {
  bulkExample,
  bulkPreviewExample,
  bulkPreviewRequest,
  bulkProgressExample,
  bulkRequest,
  keyViewExample,
  previewExamples,
  recoveryExample,
  resolvedExample,
  unknownExample,
} from './examples.ts';
import { json, requestBody, schemaRef } from './json-content.ts';
import { problemResponses } from './problem-responses.ts';
import { closedSchema } from './schemas.ts';

export function listOpenCredentials(): object {
  return {
    summary: 'List what waits for a person',
    description: 'The longest first; for operators.',
    parameters: [
      {
        name: 'reason',
        in: 'query',
        description: 'Why they wait. Absent: any reason.',
        schema: closedSchema(z.enum(OPEN_REASONS)),
      },
      { $ref: '#/components/parameters/Limit' },
      { $ref: '#/components/parameters/Cursor' },
    ],
    responses: {
      200: json('One page. It may be short, or empty, and still have a `next`.', schemaRef('CredentialPage'), {
        page: { credentials: [unknownExample] },
      }),
      ...problemResponses('listOpenCredentials'),
    },
  };
}

const bulkId = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The `id` of the bulk operation.',
  schema: { type: 'string', pattern: CREDENTIAL_ID_PATTERN.source },
  example: bulkExample.id,
};

export function beginBulk(): object {
  return {
    summary: 'Begin a bulk operation',
    description:
      'Revokes or rotates what a filter names; for operators. First with `validateOnly`: the answer says how many credentials and which. Then with `expect`, which must be that number. Members are fixed at the start. Their reviews do the rest.',
    parameters: [{ $ref: '#/components/parameters/IdempotencyKeyOfBulk' }],
    requestBody: requestBody('BulkRequest', { count: bulkPreviewRequest, begin: bulkRequest }),
    responses: {
      202: json('It has begun.', schemaRef('Bulk'), { begun: bulkExample }),
      200: json('What would be affected; or the operation of this idempotency key.', schemaRef('Bulk'), {
        previewed: bulkPreviewExample,
        replayed: bulkExample,
      }),
      ...problemResponses('beginBulk'),
    },
  };
}

export function getBulk(): object {
  return {
    summary: 'Read a bulk operation',
    description: 'How far it is; for operators.',
    parameters: [bulkId],
    responses: {
      200: json('As its members are now.', schemaRef('Bulk'), { done: bulkProgressExample }),
      ...problemResponses('getBulk'),
    },
  };
}

export function controlBulk(): object {
  return {
    summary: 'Pause, resume or cancel a bulk operation',
    description: 'For operators. Credentials that it has marked already go on.',
    parameters: [bulkId],
    requestBody: requestBody('BulkChange', { pause: { state: 'paused' } }),
    responses: {
      200: json('As it is now.', schemaRef('Bulk'), { paused: { ...bulkExample, state: 'paused' } }),
      ...problemResponses('controlBulk'),
    },
  };
}

export function recoverLedger(): object {
  return {
    summary: 'Recover a ledger that lost rows',
    description:
      'Inserts the missing rows from the tags of one vault; for operators. Only while the service is paused, and has been for some minutes. First with `validateOnly`. One page of secrets for each call. No row is replaced, so every call may be repeated.',
    requestBody: requestBody('RecoveryRequest', { preview: { validateOnly: true } }),
    responses: {
      200: json('What was inserted, or would be, and what was not and why.', schemaRef('RecoveryPage'), {
        previewed: recoveryExample,
      }),
      ...problemResponses('recoverLedger'),
    },
  };
}

export function findKey(): object {
  return {
    summary: 'Find the owner of a key',
    description: 'Whose an API key is, from the ledger alone; for operators.',
    parameters: [
      {
        name: 'apiKeyId',
        in: 'path',
        required: true,
        description: 'The API key, which clients use as user name.',
        schema: { type: 'string', pattern: API_KEY_ID.source },
        example: keyViewExample.apiKeyId,
      },
    ],
    responses: {
      200: json('Its credential.', schemaRef('KeyView'), { current: keyViewExample }),
      ...problemResponses('findKey'),
    },
  };
}

export function resolveCredential(): object {
  return {
    summary: 'Resolve a credential',
    description: 'Decides what the service cannot find out about it; for operators.',
    parameters: [{ $ref: '#/components/parameters/Id' }],
    requestBody: requestBody('Resolution', { none: { decision: 'none' } }),
    responses: {
      200: json('The credential as it is now; or what would be done.', schemaRef('Credential'), {
        resolved: resolvedExample,
        previewed: previewExamples.resolve,
      }),
      ...problemResponses('resolveCredential'),
    },
  };
}
