import { EXAMPLE, OPERATOR, STRANGER } from '../harness.ts';
import type { Case, HttpRequest } from './case.ts';
import { INVALID, JSON_TYPE, NOTHING, REPLAYED, VENDED, vend } from './requests.ts';

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
    sends: [vend('stranger', { status: 403, says: 'forbidden', words: /24 hours.*quote it/ }, { from: STRANGER })],
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

export const HTTP_CASES: readonly Case[] = [...SPELLINGS, ...CALLERS, ...BEYOND_THE_HANDLER];
