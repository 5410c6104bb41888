import { expect, it } from 'vitest';
import { eventsOf } from '../../../src/vending/events/outgoing.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import type { TransitionName } from '../../../src/vending/model/transitions.ts';
import { NEXT, NOW, rows } from '../model/credentials.ts';

const attemptsOf = (change: TransitionName, before: Credential, after: Credential): readonly number[] =>
  eventsOf({ change, before, after, at: NOW }).map(({ data }) => data.attempt);

it('an event tells of the attempt under way, or else of the latest', () => {
  const under = { revocation: { since: NOW, by: 'queue:orders' }, attempts: 5 };
  const attempt = { attempt: 3 };
  const beside = rows.compensating({ ...under, current: NEXT }, attempt);
  expect(attemptsOf('recordRevoked', beside, rows.compensating(under, attempt))).toEqual([3]);
  expect(attemptsOf('recordRevoked', rows.revoking(under), rows.revoked({ attempts: 5 }))).toEqual([5]);
});

it('the event of a failure tells of the attempt that failed, although a later one is the latest', () => {
  const [before, after] = [rows.compensating({ attempts: 5 }, { attempt: 3 }), rows.failed({ attempts: 5 })];
  expect(attemptsOf('recordCompensated', before, after)).toEqual([3]);
});
