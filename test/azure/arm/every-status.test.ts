import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import { mintOutcomeOf } from '../../../src/azure/arm/mint-outcome.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { KNOWN_CODES } from '../codes.ts';
import { byProof, STATUSES } from '../statuses.ts';
import { answering } from './answering.ts';
import { errorAnswer, goodCredential, TARGET } from './fixtures.ts';
import { type ScriptedArm, startScriptedArm } from './scripted-arm.ts';

/*
 * One status too many on a list of proofs is a second key, or a living key that is forgotten. So every status is tried, and
 * the lists below are complete.
 */
type Headers = Readonly<Record<string, string>>;
const OF_THE_GATEWAY: Headers = { 'x-ms-failure-cause': 'gateway' };
const OF_THE_PROVIDER: Headers = { 'x-ms-failure-cause': 'service' };

describe('a POST: every other status proves nothing', () => {
  const REFUSED = [400, 401, 402, 403, 404, 405, 413, 415, 422];
  const WITH_CONFLICT = [400, 401, 402, 403, 404, 405, 409, 413, 415, 422];

  it.each([
    ['a code of the provider', 'Conflict', {}, REFUSED],
    ['a code of the provider, which it names', 'Conflict', OF_THE_PROVIDER, REFUSED],
    ['a code that nobody knows, of the gateway', 'NewCode', OF_THE_GATEWAY, WITH_CONFLICT],
    ['AuthorizationFailed', 'AuthorizationFailed', {}, WITH_CONFLICT],
    ['MissingSubscriptionRegistration', 'MissingSubscriptionRegistration', {}, WITH_CONFLICT],
    ['ReadOnlyDisabledSubscription', 'ReadOnlyDisabledSubscription', {}, WITH_CONFLICT],
    ['RequestDisallowedByPolicy', 'RequestDisallowedByPolicy', {}, WITH_CONFLICT],
    ['ResourceGroupBeingDeleted', 'ResourceGroupBeingDeleted', {}, WITH_CONFLICT],
    ['ScopeLocked', 'ScopeLocked', {}, WITH_CONFLICT],
  ] as const)('%s', (_name, code, headers, refused) => {
    const body = JSON.stringify(errorAnswer(code));
    const kinds = STATUSES.map((status) => {
      const answer = { status, headers: createHttpHeaders(headers), body };
      return [status, mintOutcomeOf({ kind: 'answered', answer }, 0).kind] as const;
    });
    expect(byProof(kinds, 'ambiguous')).toEqual({ refused, throttled: [429] });
  });
});

it('a POST that is answered 409: every code but six proves nothing', () => {
  const kinds = KNOWN_CODES.map((code) => {
    const answer = { status: 409, headers: createHttpHeaders({}), body: JSON.stringify(errorAnswer(code)) };
    const outcome = mintOutcomeOf({ kind: 'answered', answer }, 0);
    return [code, outcome.kind === 'refused' ? outcome.reason : outcome.kind] as const;
  });
  expect(byProof(kinds, 'ambiguous')).toEqual({
    'upstream-forbidden': ['AuthorizationFailed', 'RequestDisallowedByPolicy'],
    'upstream-refused': [
      ...[
        'MissingSubscriptionRegistration',
        'ReadOnlyDisabledSubscription',
        'ResourceGroupBeingDeleted',
        'ScopeLocked',
      ],
    ],
  });
});

describe('a deletion and a look-up: every other status says nothing about the key', () => {
  let arm: ScriptedArm;
  let keys: ConfluentKeys;

  beforeAll(async () => {
    arm = await startScriptedArm();
    keys = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint });
  });
  afterAll(() => arm.close());

  /** Each key is named by the status that its requests get. The client repeats those of 408, 429 and 5xx. */
  async function kindsOf(
    [code, headers]: readonly [string, Headers],
    ask: (keyId: string) => Promise<{ readonly kind: string }>,
  ): Promise<readonly (readonly [number, string])[]> {
    arm.play((res, request, faults) => {
      const status = Number(/apiKeys\/S(\d+)/.exec(request.url)?.[1]);
      answering(status, errorAnswer(code), headers)(res, request, faults);
    });
    const assigned = STATUSES.filter((status) => status < 452 || (status > 497 && status < 512));
    return Promise.all(assigned.map(async (status) => [status, (await ask(`S${status}`)).kind] as const));
  }

  it.each([
    ['a code of the provider', ['NotFound', {}], { deleted: [200], absent: [204, 404], forbidden: [403] }],
    [
      'a code that nobody knows, of the gateway',
      ['NewCode', OF_THE_GATEWAY],
      { deleted: [200], absent: [204], forbidden: [403], refused: [409] },
    ],
  ] as const)('deletion: %s', async (_name, answer, proves) => {
    const kinds = await kindsOf(answer, (keyId) => keys.deleteKey(TARGET, keyId));
    expect(byProof(kinds, 'unclear')).toEqual(proves);
  });

  it('look-up that is answered 404: these codes are about something else than the key', async () => {
    arm.play((res, request, faults) => {
      const code = /apiKeys\/(\w+)/.exec(request.url)?.[1] ?? '';
      answering(404, errorAnswer(code))(res, request, faults);
    });
    const kinds = await Promise.all(
      KNOWN_CODES.map(async (code) => [code, (await keys.getKey(TARGET, code)).kind] as const),
    );
    expect(byProof(kinds, 'absent')).toEqual({
      unclear: [
        ...[
          'AuthorizationFailed',
          'InvalidResourceNamespace',
          'InvalidResourceType',
          'MissingSubscriptionRegistration',
        ],
        ...['ParentResourceNotFound', 'ReadOnlyDisabledSubscription', 'RequestDisallowedByPolicy'],
        ...['ResourceGroupBeingDeleted', 'ResourceGroupNotFound', 'ScopeLocked', 'SubscriptionNotFound'],
      ],
    });
  });

  it.each([
    ['a code of the provider', ['NotFound', {}], { absent: [404], forbidden: [403] }],
    ['a code about something above the key', ['ResourceGroupNotFound', {}], { forbidden: [403] }],
  ] as const)('look-up: %s', async (_name, answer, proves) => {
    const kinds = await kindsOf(answer, (keyId) => keys.getKey(TARGET, keyId));
    expect(byProof(kinds, 'unclear')).toEqual(proves);
  });
});
