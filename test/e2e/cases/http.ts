import { EXAMPLE, OPERATOR, STRANGER } from '../harness.ts';
import type { Case, HttpAnswer, HttpRequest } from './case.ts';

const JSON_TYPE = ['content-type', 'application/json'] as const;

const vend = (key: string, answer: HttpAnswer, more: Partial<HttpRequest> = {}): HttpRequest => ({
  http: 'POST /api/v1/credentials',
  headers: [JSON_TYPE, ['idempotency-key', key]],
  body: EXAMPLE,
  answer,
  ...more,
});
const withType = (type: string, key: string): HttpRequest =>
  vend(
    key,
    { status: 201, says: 'vended' },
    {
      headers: [
        ['content-type', type],
        ['idempotency-key', key],
      ],
    },
  );
const VENDED = { status: 201, says: 'vended' } as const;
const REPLAYED = { status: 200, says: 'vended', headers: { 'idempotency-replayed': /^true$/ } } as const;
const INVALID = { status: 400, says: 'invalid-request' } as const;
const NOTHING = { minted: 0, living: 0 } as const;
const UNHARMED = { given: 'a credential', minted: 0, living: 1 } as const;

const MISSPELT = ['validateonly=true', 'ValidateOnly=true', 'dryRun=true', 'validateOnly=true&ValidateOnly=true'];

/** Parameters and bodies that somebody takes for a rehearsal. The real thing must not happen. */
const REHEARSALS: readonly Case[] = [
  ...MISSPELT.map(
    (query): Case => ({
      ...UNHARMED,
      name: `DELETE with ?${query}`,
      sends: [{ http: `DELETE /api/v1/credentials/{id}?${query}`, answer: INVALID }],
    }),
  ),
  {
    ...UNHARMED,
    name: 'DELETE with validateOnly in a body',
    sends: [
      {
        http: 'DELETE /api/v1/credentials/{id}',
        headers: [JSON_TYPE],
        body: { validateOnly: true },
        answer: { ...INVALID, words: /body/ },
      },
    ],
  },
  {
    ...NOTHING,
    name: 'a vend with validateOnly in the query',
    sends: [vend('a', { ...INVALID, words: /validateOnly/ }, { http: 'POST /api/v1/credentials?validateOnly=true' })],
  },
  ...['rotate', 'end-overlap'].map(
    (operation): Case => ({
      ...UNHARMED,
      name: `${operation} with validateOnly in the query`,
      sends: [
        {
          http: `POST /api/v1/credentials/{id}/${operation}?validateOnly=true`,
          headers: [JSON_TYPE, ['idempotency-key', 'r']],
          body: {},
          answer: INVALID,
        },
      ],
    }),
  ),
  {
    ...UNHARMED,
    name: 'resolve with validateOnly in the query',
    sends: [
      {
        http: 'POST /api/v1/operations/credentials/{id}/resolve?validateOnly=true',
        headers: [JSON_TYPE],
        body: { decision: 'none' },
        from: OPERATOR,
        answer: INVALID,
      },
    ],
  },
];

/** Headers and bodies as clients and gateways write them. */
const SPELLINGS: readonly Case[] = [
  {
    name: 'the header line Idempotency-Key twice, then once',
    minted: 1,
    living: 1,
    sends: [
      vend(
        'twice',
        { ...INVALID, words: /one header line/ },
        {
          headers: [JSON_TYPE, ['idempotency-key', 'twice'], ['idempotency-key', 'twice']],
        },
      ),
      vend('twice', VENDED),
    ],
  },
  ...['', ' charset=utf8', ' odata.metadata=minimal', 'profile=https://example.com/p', ' charset="UTF-8"'].map(
    (parameter): Case => ({
      name: `the content type application/json;${parameter}`,
      minted: 1,
      living: 1,
      sends: [withType(`application/json;${parameter}`, `type ${parameter.length}`)],
    }),
  ),
  {
    ...NOTHING,
    name: 'a chunked body, which the host does not pass on',
    sends: [
      vend(
        'chunked',
        { status: 400, says: 'malformed-request', words: /Content-Length.*LoadIntoBufferAsync/ },
        { chunked: true },
      ),
    ],
  },
  {
    name: 'a null for each unset field, then none of them',
    minted: 1,
    living: 1,
    sends: [
      vend('nulls', VENDED, { body: { ...EXAMPLE, validFor: null, secretName: null, organizationName: null } }),
      vend('nulls', REPLAYED),
    ],
  },
  {
    given: 'a credential',
    minted: 1,
    living: 2,
    name: 'a rotation without a body',
    sends: [
      {
        http: 'POST /api/v1/credentials/{id}/rotate',
        headers: [['idempotency-key', 'no-body']],
        answer: VENDED,
      },
    ],
  },
  {
    name: 'a repetition with the resource group in other case',
    minted: 1,
    living: 1,
    sends: [
      vend('case', VENDED, { body: { ...EXAMPLE, resourceGroupName: 'myResourceGroup' } }),
      vend('case', REPLAYED, { body: { ...EXAMPLE, resourceGroupName: 'MYRESOURCEGROUP' } }),
    ],
  },
  {
    name: 'an answer, which PowerShell 5.1 and gateways with a path prefix have to understand',
    minted: 1,
    living: 1,
    sends: [
      vend(
        'umlaut',
        {
          ...VENDED,
          headers: {
            'content-type': /^application\/json; charset=utf-8$/,
            location: /^(?!\/|https?:)[^/]*credentials\//,
          },
        },
        { body: { ...EXAMPLE, description: 'für München' } },
      ),
    ],
  },
];

/** Who asks, and what becomes of it. */
const CALLERS: readonly Case[] = [
  {
    given: 'a rotated credential',
    minted: 0,
    living: 0,
    name: 'DELETE of the one id after a rotation',
    sends: [{ http: 'DELETE /api/v1/credentials/{id}', answer: { status: 200, says: 'revoked' } }],
  },
  {
    ...NOTHING,
    name: 'a request without a token',
    sends: [vend('nobody', { status: 401, says: 'unauthenticated' }, { from: 'nobody' })],
    logs: 'request-denied',
  },
  {
    ...NOTHING,
    name: 'a caller without a rule, or whose role is an hour old',
    sends: [vend('stranger', { status: 403, says: 'forbidden', words: /24 hours/ }, { from: STRANGER })],
    logs: 'request-denied',
  },
  {
    ...NOTHING,
    name: "an operator's list with a reason that does not exist",
    sends: [
      {
        http: 'GET /api/v1/operations/credentials?reason=lost',
        from: OPERATOR,
        answer: { ...INVALID, words: /"parameter":"reason".*must be one of/ },
      },
    ],
  },
  {
    ...NOTHING,
    name: "an operator's list that ends, without a next page",
    sends: [
      { http: 'GET /api/v1/operations/credentials', from: OPERATOR, answer: { status: 200, words: /^(?!.*"next")/ } },
    ],
  },
];

/** What the client library throws on before any handler runs. */
const BEYOND_THE_HANDLER: readonly Case[] = [
  {
    ...NOTHING,
    name: 'a header with a character beyond U+00FF',
    sends: [vend('omega', { status: 500 }, { headers: [JSON_TYPE, ['idempotency-key', 'o'], ['x-note', 'Ω']] })],
  },
];

export const HTTP_CASES: readonly Case[] = [...REHEARSALS, ...SPELLINGS, ...CALLERS, ...BEYOND_THE_HANDLER];
