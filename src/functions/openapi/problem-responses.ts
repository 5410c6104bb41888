import { problemTypeUri } from '../../vending/answers/result.ts';
import { PROBLEMS, type ProblemType } from '../../vending/model/problems.ts';

const OPERATIONS = [
  'vend-key',
  'get-request',
  'revoke-key',
  'rotate-key',
  'receive-events',
  'agree-to-events',
  'list-intents',
  'resolve-intent',
] as const;
export type Operation = (typeof OPERATIONS)[number];

const AUTHENTICATED = OPERATIONS.filter((operation) => operation !== 'agree-to-events');
const ON_LEDGER = AUTHENTICATED.filter((operation) => operation !== 'receive-events');
const MINTING = ['vend-key', 'rotate-key'] as const;
const WITH_BODY = ['vend-key', 'rotate-key', 'receive-events', 'resolve-intent'] as const;

/** Which operations answer with which problem; what only a queue message can get is answered by none of them. */
const ANSWERED_BY: Readonly<Record<ProblemType, readonly Operation[]>> = {
  'malformed-request': WITH_BODY,
  'invalid-request': [...WITH_BODY, 'revoke-key', 'list-intents'],
  'idempotency-key-required': ['vend-key'],
  unauthenticated: AUTHENTICATED,
  forbidden: ['vend-key', 'rotate-key', 'receive-events', 'agree-to-events', 'list-intents', 'resolve-intent'],
  'not-found': ['get-request', 'revoke-key', 'rotate-key', 'resolve-intent'],
  'target-not-found': MINTING,
  'request-in-progress': [...MINTING, 'revoke-key'],
  'secret-name-taken': MINTING,
  'secret-name-soft-deleted': MINTING,
  'quota-exhausted': MINTING,
  'not-resolvable': ['resolve-intent'],
  'not-revocable': ['revoke-key'],
  'not-rotatable': ['rotate-key'],
  'rotation-too-soon': ['rotate-key'],
  revoked: MINTING,
  'payload-too-large': WITH_BODY,
  'unsupported-media-type': WITH_BODY,
  'idempotency-key-reused': ['vend-key'],
  'upstream-throttled': MINTING,
  'upstream-unreachable': [...MINTING, 'resolve-intent'],
  'upstream-forbidden': [...MINTING, 'revoke-key'],
  'upstream-refused': MINTING,
  'key-unusable': MINTING,
  'owner-not-allowed': MINTING,
  'outcome-unknown': MINTING,
  'vault-unavailable': [...MINTING, 'resolve-intent'],
  'ledger-unavailable': ON_LEDGER,
  'identity-provider-unavailable': AUTHENTICATED,
  'queue-unavailable': ['receive-events'],
  paused: MINTING,
  'not-yet-confirmed': MINTING,
  'not-yet-revoked': ['revoke-key'],
  'out-of-time': MINTING,
  'reply-not-allowed': [],
  'internal-error': OPERATIONS,
};

/** One response for each status, with the problem types that it can carry. */
export function problemResponses(operation: Operation): Record<string, object> {
  const types = (Object.keys(PROBLEMS) as ProblemType[]).filter((type) => ANSWERED_BY[type].includes(operation));
  const byStatus = Object.groupBy(types, (type) => PROBLEMS[type].status);
  return Object.fromEntries(Object.entries(byStatus).map(([status, group = []]) => [status, responseFor(group)]));
}

function responseFor(types: readonly ProblemType[]): object {
  const retry = types.some((type) => PROBLEMS[type].transient);
  return {
    description: types.map((type) => PROBLEMS[type].title).join('; '),
    headers: {
      'Cache-Control': { $ref: '#/components/headers/CacheControl' },
      ...(retry ? { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } : {}),
      ...(types.includes('unauthenticated')
        ? { 'WWW-Authenticate': { $ref: '#/components/headers/WwwAuthenticate' } }
        : {}),
    },
    content: {
      'application/problem+json': {
        schema: {
          $ref: '#/components/schemas/Problem',
          properties: { type: { enum: types.map(problemTypeUri) } },
        },
      },
    },
  };
}
