import type { FaultRule } from '../../../src/sandbox/kit/faults.ts';
import { EXAMPLE } from '../harness.ts';
import type { Case, HttpAnswer } from './case.ts';

const JSON_TYPE = ['content-type', 'application/json'] as const;

/** What ARM's gateway, the provider or the vault says in an error. */
const answers = (
  service: 'arm' | 'vault',
  operation: string,
  [status, code, inner]: readonly [status: number, code: string, inner?: string],
): FaultRule => ({
  service,
  operation,
  times: 1,
  fault: {
    status,
    headers: { 'content-type': 'application/json', 'x-ms-request-id': 'upstream-1' },
    body: { error: { code, message: 'UPSTREAM TEXT', ...(inner !== undefined && { innererror: { code: inner } }) } },
  },
});

const vending = (
  name: string,
  faults: readonly FaultRule[],
  answer: HttpAnswer,
  keys: Pick<Case, 'minted' | 'living'>,
  logs?: string,
): Case => ({
  ...keys,
  name,
  faults,
  sends: [{ http: 'POST /api/v1/credentials', headers: [JSON_TYPE, ['idempotency-key', name]], body: EXAMPLE, answer }],
  ...(logs !== undefined && { logs }),
});
const NOTHING = { minted: 0, living: 0 } as const;

/** ARM's gateway refuses before it asks the provider, so nothing was minted and nobody has to look. */
const GATEWAY = [
  [409, 'ScopeLocked', 'upstream-refused'],
  [409, 'ReadOnlyDisabledSubscription', 'upstream-refused'],
  [409, 'MissingSubscriptionRegistration', 'upstream-refused'],
  [409, 'ResourceGroupBeingDeleted', 'upstream-refused'],
  [403, 'RequestDisallowedByPolicy', 'upstream-forbidden'],
  [403, 'AuthorizationFailed', 'upstream-forbidden'],
  [404, 'ResourceGroupNotFound', 'target-not-found'],
] as const;

const MINTING: readonly Case[] = [
  ...GATEWAY.map(([status, code, says]) =>
    vending(
      `create: ${status} ${code}`,
      [answers('arm', 'createApiKey', [status, code])],
      {
        status: says === 'target-not-found' ? 404 : 502,
        says,
        words: /^(?!.*UPSTREAM TEXT)/,
      },
      NOTHING,
    ),
  ),
  vending(
    'create: 409 of a code that nobody knows',
    [answers('arm', 'createApiKey', [409, 'Conflict'])],
    { status: 502, says: 'outcome-unknown', words: /description ends in/ },
    NOTHING,
    'outcome-unknown',
  ),
  vending(
    'create: 202 with an id',
    [{ service: 'arm', operation: 'createApiKey', times: 1, fault: { status: 202, body: { id: 'ABCDEFGHIJKLMNOP' } } }],
    { status: 502, says: 'outcome-unknown' },
    NOTHING,
  ),
  vending(
    'create: the answer is lost after the mint',
    [{ service: 'arm', operation: 'createApiKey', times: 1, fault: { drop: 'after' } }],
    { status: 502, says: 'outcome-unknown' },
    { minted: 1, living: 1 },
  ),
];

/** The key exists when the vault answers. */
const STORING: readonly Case[] = [
  vending(
    'store: 403 ForbiddenByRbac',
    [answers('vault', 'setSecret', [403, 'Forbidden', 'ForbiddenByRbac'])],
    { status: 503, says: 'vault-unavailable', headers: { 'retry-after': /^\d+$/ } },
    { minted: 1, living: 0 },
    'ForbiddenByRbac',
  ),
  vending(
    'store: 403 of a policy on the vault',
    [answers('vault', 'setSecret', [403, 'Forbidden', 'RequestDisallowedByPolicy'])],
    { status: 503, says: 'vault-refused', words: /policy on the vault/, headers: { 'retry-after': /^\d+$/ } },
    { minted: 1, living: 0 },
    'RequestDisallowedByPolicy',
  ),
  ...['ObjectIsBeingDeleted', 'ObjectIsBeingRecovered', 'SomethingNew'].map((inner) =>
    vending(
      `store: 409 ${inner}`,
      [answers('vault', 'setSecret', [409, 'Conflict', inner])],
      { status: 503, says: 'vault-unavailable', headers: { 'retry-after': /^\d+$/ } },
      { minted: 1, living: 0 },
    ),
  ),
  vending(
    'store: 409 ObjectIsDeletedButRecoverable',
    [answers('vault', 'setSecret', [409, 'Conflict', 'ObjectIsDeletedButRecoverable'])],
    { status: 409, says: 'secret-name-soft-deleted' },
    { minted: 1, living: 0 },
  ),
];

const revoking = (
  name: string,
  faults: readonly FaultRule[],
  answer: HttpAnswer,
  living: number,
  logs?: string,
): Case => ({
  name,
  given: 'a credential',
  faults,
  minted: 0,
  living,
  sends: [{ http: 'DELETE /api/v1/credentials/{id}', answer }],
  ...(logs !== undefined && { logs }),
});
const UNDER_WAY = { status: 202, says: 'revoking', headers: { 'retry-after': /^\d+$/ } } as const;

const DELETING: readonly Case[] = [
  revoking('delete: 200', [], { status: 200, says: 'revoked' }, 0),
  revoking(
    'delete: 204 for a young key, which proves nothing',
    [{ service: 'arm', operation: 'deleteApiKey', times: 1, fault: { status: 204 } }],
    UNDER_WAY,
    1,
  ),
  revoking(
    'delete: 409 ScopeLocked',
    [answers('arm', 'deleteApiKey', [409, 'ScopeLocked'])],
    UNDER_WAY,
    1,
    'deletion-refused',
  ),
  revoking(
    'delete: 403, and the key is still shown',
    [answers('arm', 'deleteApiKey', [403, 'AuthorizationFailed'])],
    UNDER_WAY,
    1,
    'deletion-refused',
  ),
  revoking(
    'delete: 404 ResourceGroupNotFound, which says nothing of the key',
    [
      answers('arm', 'getApiKey', [404, 'ResourceGroupNotFound']),
      answers('arm', 'deleteApiKey', [404, 'ResourceGroupNotFound']),
    ],
    UNDER_WAY,
    1,
  ),
];

export const UPSTREAM_CASES: readonly Case[] = [...MINTING, ...STORING, ...DELETING];

const vendingAgain = (key: string): Case['sends'][number] => ({
  http: 'POST /api/v1/credentials',
  headers: [JSON_TYPE, ['idempotency-key', key]],
  body: EXAMPLE,
  answer: { status: 503, says: 'upstream-throttled', headers: { 'retry-after': /^\d+$/ } },
});

export const THROTTLED_CASES: readonly Case[] = [
  {
    name: 'create: 429, and another request right after it, which is not sent to ARM',
    faults: [answers('arm', 'createApiKey', [429, 'TooManyRequests'])],
    minted: 0,
    living: 0,
    sends: [vendingAgain('throttled'), vendingAgain('throttled too')],
  },
  {
    name: 'create: 429 for an hour, and a message that may wait for a minute',
    faults: [{ service: 'arm', operation: 'createApiKey', fault: { status: 429, headers: { 'retry-after': '3600' } } }],
    minted: 0,
    living: 0,
    sends: [
      {
        message: { messageId: 'a-minute', timeToLiveMs: 60_000 },
        body: EXAMPLE,
        waits: 'PT61S',
        reply: { subject: 'expired', correlationId: 'a-minute' },
      },
    ],
  },
];
