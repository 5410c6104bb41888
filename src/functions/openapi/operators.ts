import { OPEN_REASONS } from '../../vending/commands/open.ts';
import { CREDENTIAL_ID_PATTERN } from '../../vending/model/idempotency.ts';
import { json, requestBody, schemaRef } from './json-content.ts';
import { problemResponses } from './problem-responses.ts';

export function listOpenCredentials(): object {
  return {
    summary: 'Credentials that wait for a person, the longest first; for operators.',
    parameters: [
      {
        name: 'reason',
        in: 'query',
        description: 'Why they wait. Absent: any reason.',
        schema: { type: 'string', enum: OPEN_REASONS },
      },
      { $ref: '#/components/parameters/Limit' },
      { $ref: '#/components/parameters/Cursor' },
    ],
    responses: {
      200: json('One page. It may be short, or empty, and still have a `next`.', schemaRef('OpenPage')),
      ...problemResponses('listOpenCredentials'),
    },
  };
}

const bulkId = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Of the bulk operation.',
  schema: { type: 'string', pattern: CREDENTIAL_ID_PATTERN.source },
};

export function beginBulk(): object {
  return {
    summary: 'Revoke or rotate what a filter names; for operators.',
    description:
      'First with `validateOnly`: the answer says how many credentials and which. Then with `expect`, which must be that number. Members are fixed at the start. Their reviews do the rest.',
    parameters: [{ $ref: '#/components/parameters/IdempotencyKeyOfBulk' }],
    requestBody: requestBody('BulkRequest'),
    responses: {
      202: json('It has begun.', schemaRef('Bulk')),
      200: json('What would be affected; or the operation of this idempotency key.', {
        oneOf: [schemaRef('BulkPreview'), schemaRef('Bulk')],
      }),
      ...problemResponses('beginBulk'),
    },
  };
}

export function getBulk(): object {
  return {
    summary: 'How far a bulk operation is; for operators.',
    parameters: [bulkId],
    responses: { 200: json('As its members are now.', schemaRef('BulkProgress')), ...problemResponses('getBulk') },
  };
}

export function controlBulk(): object {
  return {
    summary: 'Pause, resume or cancel a bulk operation; for operators.',
    description: 'Credentials that it has marked already go on.',
    parameters: [bulkId],
    requestBody: requestBody('BulkChange'),
    responses: {
      200: json('As it is now.', schemaRef('Bulk')),
      ...problemResponses('controlBulk'),
    },
  };
}

export function findKey(): object {
  return {
    summary: 'Whose an API key is, from the ledger alone; for operators.',
    parameters: [{ name: 'apiKeyId', in: 'path', required: true, schema: { type: 'string' } }],
    responses: { 200: json('Its credential.', schemaRef('KeyView')), ...problemResponses('findKey') },
  };
}

export function resolveCredential(): object {
  return {
    summary: 'Decide what the service cannot find out about a credential; for operators.',
    parameters: [{ $ref: '#/components/parameters/Id' }],
    requestBody: requestBody('Resolution'),
    responses: {
      200: json('The credential as it is now; or what would be done.', {
        oneOf: [schemaRef('OperatorView'), schemaRef('Preview')],
      }),
      ...problemResponses('resolveCredential'),
    },
  };
}
