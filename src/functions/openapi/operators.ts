import { OPEN_REASONS } from '../../vending/review/open.ts';
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
