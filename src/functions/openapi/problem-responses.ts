import { problemBody } from '../../vending/answers/problem.ts';
import {
  invalidField,
  PROBLEM_TYPES,
  PROBLEMS,
  type Problem,
  type ProblemType,
  problemOf,
} from '../../vending/model/problems.ts';
import { schemaRef } from './json-content.ts';

const ON_CREDENTIALS = [
  'vendKey',
  'listCredentials',
  'getCredential',
  'revokeCredential',
  'rotateKey',
  'endOverlap',
  'listOpenCredentials',
  'beginBulk',
  'getBulk',
  'controlBulk',
  'recoverLedger',
  'findKey',
  'resolveCredential',
] as const;
const AUTHENTICATED = [...ON_CREDENTIALS, 'receiveEvents'] as const;
const ALL = [...AUTHENTICATED, 'agreeToEvents'] as const;
type Operation = (typeof ALL)[number];

const MINTING = ['vendKey', 'rotateKey'] as const;
const WITH_BODY = [
  ...MINTING,
  'endOverlap',
  'beginBulk',
  'controlBulk',
  'recoverLedger',
  'resolveCredential',
  'receiveEvents',
] as const;
const WITH_ID = ['getCredential', 'revokeCredential', 'rotateKey', 'endOverlap', 'resolveCredential'] as const;
const BULK = ['beginBulk', 'getBulk', 'controlBulk'] as const;
const FOR_OPERATORS = ['listOpenCredentials', ...BULK, 'recoverLedger', 'findKey', 'resolveCredential'] as const;

/** Which operations answer with which problem. None answers with what only a queue message can get. */
const ANSWERED_BY: Readonly<Record<ProblemType, readonly Operation[]>> = {
  'malformed-request': WITH_BODY,
  'invalid-request': AUTHENTICATED,
  'idempotency-key-required': [...MINTING, 'beginBulk'],
  unauthenticated: AUTHENTICATED,
  forbidden: [...MINTING, ...FOR_OPERATORS, 'receiveEvents', 'agreeToEvents'],
  'not-found': [...WITH_ID, 'getBulk', 'controlBulk', 'findKey'],
  'target-not-found': MINTING,
  'request-in-progress': MINTING,
  'secret-name-taken': MINTING,
  'secret-name-soft-deleted': MINTING,
  'quota-exhausted': MINTING,
  'not-resolvable': ['resolveCredential'],
  'bulk-conflict': ['beginBulk', 'controlBulk'],
  'not-paused': ['recoverLedger'],
  'not-settled': ['recoverLedger'],
  'not-rotatable': ['rotateKey'],
  'already-rotated': ['rotateKey'],
  'no-overlap': ['endOverlap'],
  'record-full': MINTING,
  'rotation-too-soon': ['rotateKey'],
  revoked: MINTING,
  'payload-too-large': WITH_BODY,
  'unsupported-media-type': WITH_BODY,
  'idempotency-key-reused': [...MINTING, 'beginBulk'],
  'upstream-throttled': MINTING,
  'upstream-unreachable': [...MINTING, 'resolveCredential'],
  'upstream-forbidden': MINTING,
  'upstream-refused': MINTING,
  'key-unusable': MINTING,
  'owner-not-allowed': MINTING,
  'outcome-unknown': MINTING,
  'vault-refused': MINTING,
  'vault-unavailable': [...MINTING, 'recoverLedger', 'resolveCredential'],
  'ledger-unavailable': ON_CREDENTIALS,
  'identity-provider-unavailable': AUTHENTICATED,
  'queue-unavailable': ['receiveEvents'],
  paused: MINTING,
  'not-yet-confirmed': MINTING,
  'out-of-time': MINTING,
  'reply-not-allowed': [],
  expired: [],
  'internal-error': ALL,
};

/** One response for each status, with the problem types that it can carry. */
export function problemResponses(operation: Operation): Record<string, object> {
  const types = PROBLEM_TYPES.filter((type) => ANSWERED_BY[type].includes(operation));
  const byStatus = Object.groupBy(types, (type) => PROBLEMS[type].status);
  return {
    ...Object.fromEntries(Object.entries(byStatus).map(([status, group = []]) => [status, responseFor(group)])),
    default: { $ref: '#/components/responses/OfTheHost' },
  };
}

/** Beside the problems of the service. */
export const responses = {
  OfTheHost: {
    description:
      'An answer without a problem body comes from the host: it restarts the function, or the body is too large for it. After a 5xx send the same request again, with the same idempotency key.',
  },
  OfTheNetwork: { description: 'The network rules of the deployment do not let this address in. There is no body.' },
};

/** One for each type. */
export const problemExamples = (): object =>
  Object.fromEntries(
    PROBLEM_TYPES.filter((type) => ANSWERED_BY[type].length > 0).map((type) => [
      type,
      { value: problemBody(exampleOf(type)) },
    ]),
  );

function exampleOf(type: ProblemType): Problem {
  if (type === 'invalid-request') return invalidField('/name', 'is required');
  return problemOf(type, `${PROBLEMS[type].title}. This text is for people: it says more, and what to do.`);
}

function responseFor(types: readonly ProblemType[]): object {
  const retry = types.some((type) => PROBLEMS[type].transient);
  return {
    description: types.map((type) => PROBLEMS[type].title).join('; '),
    headers: {
      'Cache-Control': { $ref: '#/components/headers/CacheControl' },
      ...(retry && { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }),
      ...(types.includes('unauthenticated') && {
        'WWW-Authenticate': { $ref: '#/components/headers/WwwAuthenticate' },
      }),
    },
    content: {
      'application/problem+json': {
        schema: schemaRef('Problem'),
        examples: Object.fromEntries(types.map((type) => [type, { $ref: `#/components/examples/${type}` }])),
      },
    },
  };
}
