import * as z from 'zod';
import { filterSchema } from '../../vending/commands/filter.ts';
import { credentialExample, requestExample } from './examples.ts';
import { json, optionalBody, requestBody, schemaRef } from './json-content.ts';
import { problemResponses } from './problem-responses.ts';

const id = { $ref: '#/components/parameters/Id' };
const page = [{ $ref: '#/components/parameters/LongLimit' }, { $ref: '#/components/parameters/Cursor' }];
const managed = {
  name: 'managed',
  in: 'query',
  description: 'Also those of others that policy lets the caller manage.',
  schema: { type: 'boolean', default: false },
};
const conditions = Object.entries(z.toJSONSchema(filterSchema, { io: 'input' }).properties ?? {}).map(
  ([name, schema]) => ({
    name,
    in: 'query',
    schema,
  }),
);
const location = { Location: { $ref: '#/components/headers/Location' } };
const replayed = { ...location, 'Idempotency-Replayed': { $ref: '#/components/headers/IdempotencyReplayed' } };
const credential = schemaRef('Credential');
const credentialOrPreview = { oneOf: [credential, schemaRef('Preview')] };
const examples = { vended: { value: credentialExample } };

export function vendKey(): object {
  return {
    summary: 'Vend the first API key of a credential.',
    parameters: [{ $ref: '#/components/parameters/IdempotencyKeyOfVend' }],
    requestBody: requestBody('VendRequest', {
      examples: { published: { summary: 'A key for one cluster', value: requestExample } },
    }),
    responses: {
      201: json('The key was minted and its secret is in the vault.', credential, { headers: location, examples }),
      200: json(
        'The credential of an earlier request with this idempotency key, as it is now; or what would happen.',
        credentialOrPreview,
        { headers: replayed, examples },
      ),
      ...problemResponses('vendKey'),
    },
  };
}

export function listCredentials(): object {
  return {
    summary: "The caller's own credentials, oldest first. For operators: all of them.",
    description:
      'All conditions that are given must hold. `Accept: text/csv` gets a table, and `Link` names its next page.',
    parameters: [...page, managed, ...conditions],
    responses: {
      200: json('One page. It may be short, or empty, and still have a `next`.', schemaRef('CredentialPage'), {
        headers: { Link: { $ref: '#/components/headers/Link' } },
        orCsv: true,
      }),
      ...problemResponses('listCredentials'),
    },
  };
}

export function getCredential(): object {
  return {
    summary: 'One credential as it is now; for its caller, its managers and operators.',
    parameters: [id],
    responses: { 200: json('Where the secret is, and the keys.', credential), ...problemResponses('getCredential') },
  };
}

export function rotateKey(): object {
  return {
    summary: 'Put another key and another version of the same secret in the place of the current one.',
    description:
      'The old key lives on for the overlap, as `previous`. The same idempotency key is one rotation, however often it is sent. While `previous` lives there is no other rotation.',
    parameters: [id, { $ref: '#/components/parameters/IdempotencyKey' }],
    requestBody: optionalBody('Rotation'),
    responses: {
      201: json('The credential with its new key.', credential, { headers: location }),
      200: json(
        'The credential as it is now, and the key that this rotation made; or what would happen.',
        credentialOrPreview,
        {
          headers: replayed,
        },
      ),
      ...problemResponses('rotateKey'),
    },
  };
}

export function endOverlap(): object {
  return {
    summary: 'Revoke the previous key now, before its overlap is over.',
    description: 'For a key that leaked. Repeated, it is answered alike, and it ends no other overlap.',
    parameters: [id],
    requestBody: requestBody('EndOverlap'),
    responses: {
      200: json(
        'The previous key is gone, or its deletion has begun: then `previous` is still there. Or what would happen.',
        credentialOrPreview,
      ),
      ...problemResponses('endOverlap'),
    },
  };
}

export function revokeCredential(): object {
  return {
    summary: 'Delete every key of the credential and disable its secret.',
    description: 'It takes the current key, the previous one, and what an attempt under way mints. It takes no body.',
    parameters: [
      id,
      {
        name: 'validateOnly',
        in: 'query',
        description: 'Says what would happen; nothing is deleted, nothing is written.',
        schema: { type: 'boolean', default: false },
      },
    ],
    responses: {
      200: json(
        'Nothing of the credential lives, by this request or by an earlier one; or what would happen.',
        credentialOrPreview,
      ),
      202: json('It is being revoked. Send the request again to see it proven.', credential, {
        headers: { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } },
      }),
      ...problemResponses('revokeCredential'),
    },
  };
}
