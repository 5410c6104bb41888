import { expect, it } from 'vitest';
import {
  CLEANING_UP,
  IN_PROGRESS,
  LEDGER_UNAVAILABLE,
  NOTHING_RECORDED,
  OUT_OF_TIME,
  PAUSED,
  PROBLEMS,
  UNCONFIRMED,
  VAULT_UNAVAILABLE,
} from '../../../src/vending/model/problems.ts';

it('a problem that passes says in how many seconds to ask again: callers wait that long', () => {
  const passing = {
    ...{ LEDGER_UNAVAILABLE, NOTHING_RECORDED, VAULT_UNAVAILABLE, IN_PROGRESS, CLEANING_UP },
    ...{ PAUSED, UNCONFIRMED, OUT_OF_TIME },
  };
  expect(Object.entries(passing).map(([name, { retryAfterMs = 0 }]) => [name, retryAfterMs / 1000])).toEqual([
    ['LEDGER_UNAVAILABLE', 5],
    ['NOTHING_RECORDED', 5],
    ['VAULT_UNAVAILABLE', 15],
    ['IN_PROGRESS', 2],
    ['CLEANING_UP', 15],
    ['PAUSED', 60],
    ['UNCONFIRMED', 15],
    ['OUT_OF_TIME', 5],
  ]);
});

it('every problem has its status, and is tried again only where that may help: callers have built on it', () => {
  const lines = Object.entries(PROBLEMS).map(
    ([type, { status, transient }]) => `${status} ${type}${transient ? ', transient' : ''}`,
  );
  expect(lines.toSorted((a, b) => (a < b ? -1 : 1)).join('\n')).toMatchInlineSnapshot(`
    "400 idempotency-key-required
    400 invalid-request
    400 malformed-request
    400 reply-not-allowed
    401 unauthenticated
    403 forbidden
    404 not-found
    404 target-not-found
    409 already-rotated
    409 bulk-conflict
    409 no-overlap
    409 not-paused
    409 not-resolvable
    409 not-rotatable
    409 quota-exhausted
    409 record-full
    409 request-in-progress, transient
    409 rotation-too-soon
    409 secret-name-soft-deleted
    409 secret-name-taken
    410 expired
    410 revoked
    413 payload-too-large
    415 unsupported-media-type
    422 idempotency-key-reused
    500 internal-error, transient
    502 key-unusable
    502 outcome-unknown
    502 owner-not-allowed
    502 upstream-forbidden
    502 upstream-refused
    503 identity-provider-unavailable, transient
    503 ledger-unavailable, transient
    503 not-settled, transient
    503 not-yet-confirmed, transient
    503 out-of-time, transient
    503 paused, transient
    503 queue-unavailable, transient
    503 upstream-throttled, transient
    503 upstream-unreachable, transient
    503 vault-refused, transient
    503 vault-unavailable, transient"
  `);
});
