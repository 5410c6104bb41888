import { filterSchema } from '../../vending/commands/filter.ts';
import {
  overlapEndedExample,
  previewExamples,
  requestExample,
  revokedExample,
  revokingExample,
  rotatedExample,
  vendedExample,
} from './examples.ts';
import { json, optionalBody, requestBody, schemaRef } from './json-content.ts';
import { problemResponses } from './problem-responses.ts';
import { closedSchema } from './schemas.ts';

const id = { $ref: '#/components/parameters/Id' };
const page = [{ $ref: '#/components/parameters/LongLimit' }, { $ref: '#/components/parameters/Cursor' }];
const managed = {
  name: 'managed',
  in: 'query',
  description: 'With `true` also those of others that policy lets the caller manage.',
  schema: { type: 'boolean' },
};
/** The conditions of a filter, as query parameters. */
const conditions = Object.entries(closedSchema(filterSchema).properties ?? {}).map(
  ([name, { description, ...schema }]) => ({ name, in: 'query', description, schema }),
);
const location = { Location: { $ref: '#/components/headers/Location' } };
const replayed = { ...location, 'Idempotency-Replayed': { $ref: '#/components/headers/IdempotencyReplayed' } };
const credential = schemaRef('Credential');

export function vendKey(): object {
  return {
    summary: 'Vend a key',
    description:
      'Makes the first API key of a credential and puts its secret into the vault. Repeat it with the same idempotency key after a 5xx or a lost connection: that makes no second key.',
    parameters: [{ $ref: '#/components/parameters/IdempotencyKeyOfVend' }],
    requestBody: requestBody('VendRequest', { published: requestExample }),
    responses: {
      201: json(
        'The key was minted and its secret is in the vault.',
        credential,
        { vended: vendedExample },
        { headers: location },
      ),
      200: json(
        'The credential of an earlier request with this idempotency key, as it is now; or what would happen.',
        credential,
        { replayed: vendedExample, previewed: previewExamples.vend },
        { headers: replayed },
      ),
      ...problemResponses('vendKey'),
    },
  };
}

export function listCredentials(): object {
  return {
    summary: 'List credentials',
    description:
      "The caller's own, oldest first. For operators: all. All conditions that are given must hold. `Accept: text/csv` gets a table, and `Link` names its next page.",
    parameters: [...page, managed, ...conditions],
    responses: {
      200: json(
        'One page. It may be short, or empty, and still have a `next`.',
        schemaRef('CredentialPage'),
        { page: { credentials: [vendedExample], next: vendedExample.id } },
        { headers: { Link: { $ref: '#/components/headers/Link' } }, orCsv: true },
      ),
      ...problemResponses('listCredentials'),
    },
  };
}

export function getCredential(): object {
  return {
    summary: 'Read a credential',
    description: 'As it is now; for its caller, its managers and operators. To others it does not exist.',
    parameters: [id],
    responses: {
      200: json('Where the secret is, and the keys.', credential, {
        vended: vendedExample,
        rotated: rotatedExample,
        revoked: revokedExample,
      }),
      ...problemResponses('getCredential'),
    },
  };
}

export function rotateKey(): object {
  return {
    summary: 'Rotate a key',
    description:
      'Puts another key and another version of the same secret in the place of the current one. The old key lives on for the overlap, as `previous`. The same idempotency key is one rotation, however often it is sent. While `previous` lives there is no other rotation.',
    parameters: [id, { $ref: '#/components/parameters/IdempotencyKey' }],
    requestBody: optionalBody('RotationRequest', { terms: { replaces: vendedExample.apiKey.id, overlap: 'PT25H' } }),
    responses: {
      201: json('The credential with its new key.', credential, { rotated: rotatedExample }, { headers: location }),
      200: json(
        'The credential as it is now, and the key that this rotation made; or what would happen.',
        credential,
        { replayed: rotatedExample, previewed: previewExamples.rotate },
        { headers: replayed },
      ),
      ...problemResponses('rotateKey'),
    },
  };
}

export function endOverlap(): object {
  return {
    summary: 'End an overlap',
    description:
      'Revokes the previous key now. For a key that leaked. Repeated, it is answered alike, and it ends no other overlap.',
    parameters: [id],
    requestBody: requestBody('EndOverlapRequest', { leaked: { apiKeyId: rotatedExample.previous.apiKeyId } }),
    responses: {
      200: json(
        'The previous key is gone, or its deletion has begun: then `previous` is still there. Or what would happen.',
        credential,
        { gone: overlapEndedExample, previewed: previewExamples['end-overlap'] },
      ),
      ...problemResponses('endOverlap'),
    },
  };
}

export function revokeCredential(): object {
  return {
    summary: 'Revoke a credential',
    description:
      'Deletes every key of the credential and disables its secret. It takes the current key, the previous one, and what an attempt under way mints. It takes no body.',
    parameters: [
      id,
      {
        name: 'validateOnly',
        in: 'query',
        description: 'With `true` it says what would happen; nothing is deleted, nothing is written.',
        schema: { type: 'boolean' },
      },
    ],
    responses: {
      200: json(
        'Nothing of the credential lives, by this request or by an earlier one; or what would happen.',
        credential,
        { revoked: revokedExample, previewed: previewExamples.revoke },
      ),
      202: json(
        'It is being revoked. Send the request again to see it proven.',
        credential,
        { revoking: revokingExample },
        { headers: { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } },
      ),
      ...problemResponses('revokeCredential'),
    },
  };
}
