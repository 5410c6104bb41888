import { PROBLEMS, type ProblemType } from '../../vending/problems.ts';
import { problemTypeUri } from '../../vending/result.ts';

export type Operation = 'vend-key' | 'get-request' | 'list-intents' | 'resolve-intent';

const EVERY: readonly Operation[] = ['vend-key', 'get-request', 'list-intents', 'resolve-intent'];

/** Which operations answer with which problem; what only a queue message can get is answered by none of them. */
const ANSWERED_BY: Readonly<Record<ProblemType, readonly Operation[]>> = {
  'malformed-request': ['vend-key', 'resolve-intent'],
  'invalid-request': ['vend-key', 'list-intents', 'resolve-intent'],
  'idempotency-key-required': ['vend-key'],
  unauthenticated: EVERY,
  forbidden: ['vend-key', 'list-intents', 'resolve-intent'],
  'not-found': ['get-request', 'resolve-intent'],
  'target-not-found': ['vend-key'],
  'request-in-progress': ['vend-key'],
  'secret-name-taken': ['vend-key'],
  'secret-name-soft-deleted': ['vend-key'],
  'quota-exhausted': ['vend-key'],
  'not-resolvable': ['resolve-intent'],
  revoked: ['vend-key'],
  'payload-too-large': ['vend-key', 'resolve-intent'],
  'unsupported-media-type': ['vend-key', 'resolve-intent'],
  'idempotency-key-reused': ['vend-key'],
  'upstream-throttled': ['vend-key'],
  'upstream-unreachable': ['vend-key', 'resolve-intent'],
  'upstream-forbidden': ['vend-key'],
  'upstream-refused': ['vend-key'],
  'key-unusable': ['vend-key'],
  'owner-not-allowed': ['vend-key'],
  'outcome-unknown': ['vend-key'],
  'vault-unavailable': ['vend-key', 'resolve-intent'],
  'ledger-unavailable': EVERY,
  'identity-provider-unavailable': EVERY,
  paused: ['vend-key'],
  'not-yet-confirmed': ['vend-key'],
  'out-of-time': ['vend-key'],
  'queue-unavailable': [],
  'reply-not-allowed': [],
  'internal-error': EVERY,
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
