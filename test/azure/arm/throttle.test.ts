import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import { withDeadline } from '../../../src/azure/deadline.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { answering } from './answering.ts';
import { errorAnswer, exampleAnswer, goodCredential, MINT, mint, TARGET } from './fixtures.ts';
import { type ScriptedArm, startScriptedArm } from './scripted-arm.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
let now = START;
let arm: ScriptedArm;
let keys: ConfluentKeys;

beforeAll(async () => {
  arm = await startScriptedArm();
});
afterAll(() => arm.close());
beforeEach(() => {
  now = START;
  keys = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint, clock: { now: () => now } });
});

async function throttled(headers: Readonly<Record<string, string>>, target = TARGET): Promise<void> {
  arm.play(answering(429, errorAnswer('SubscriptionRequestsThrottled'), headers));
  expect((await mint(keys, { ...MINT, target })).kind).toBe('throttled');
}

it.each(['getKey', 'deleteKey'] as const)(
  '%s says that it is throttled, where the wait is longer than its time',
  async (call) => {
    const headers = { 'retry-after': '60', 'x-ms-request-id': 'r-1' };
    arm.play(answering(429, errorAnswer('SubscriptionRequestsThrottled'), headers));
    const answer = await withDeadline(5_000, () => keys[call](TARGET, 'KEY'));
    expect(answer).toMatchObject({ kind: 'unclear', upstream: { service: 'arm', status: 429, requestId: 'r-1' } });
  },
);

it('a look-up whose second try hangs says what made it necessary', async () => {
  const busy = answering(503, errorAnswer('ServerBusy'), { 'x-ms-request-id': 'r-2' });
  arm.play((...exchange) => (arm.seen().length === 1 ? busy(...exchange) : undefined));
  expect(await withDeadline(3_000, () => keys.getKey(TARGET, 'KEY'))).toEqual({
    kind: 'unclear',
    upstream: { service: 'arm', status: 503, requestId: 'r-2' },
  });
  expect(arm.seen()).toHaveLength(2);
});

describe('after a 429', () => {
  it('a mint that was sent before and succeeds after it shortens no wait', async () => {
    await throttled({ 'retry-after': '17' });
    arm.play(answering(200, exampleAnswer()));
    expect((await mint(keys)).kind).toBe('minted');
    expect(keys.throttledFor(TARGET)).toBe(17_000);
  });

  it('a later answer with a shorter wait shortens none: the requests were under way together', async () => {
    await throttled({ 'retry-after': '600' });
    now += 1_000;
    await throttled({ 'retry-after': '5' });
    expect(keys.throttledFor(TARGET)).toBe(599_000);
    await throttled({ 'retry-after': '900' });
    expect(keys.throttledFor(TARGET)).toBe(900_000);
  });

  it('the whole subscription waits, however it is spelled, and no other', async () => {
    expect(keys.throttledFor(TARGET)).toBe(0);
    await throttled({ 'retry-after': '17' });
    expect(keys.throttledFor(TARGET)).toBe(17_000);
    const subscriptionId = 'AAAAAAAA-0000-0000-0000-000000000000';
    expect(keys.throttledFor({ ...TARGET, clusterId: 'lkc-other', organizationName: 'other' })).toBe(17_000);
    expect(keys.throttledFor({ ...TARGET, subscriptionId })).toBe(0);
    await throttled({ 'retry-after': '19' }, { ...TARGET, subscriptionId: subscriptionId.toLowerCase() });
    expect(keys.throttledFor({ ...TARGET, subscriptionId })).toBe(19_000);
  });

  it('the wait passes, and a mint that is taken begins none', async () => {
    await throttled({ 'retry-after': '17' });
    now += 16_000;
    expect(keys.throttledFor(TARGET)).toBe(1_000);
    now += 1_000;
    expect(keys.throttledFor(TARGET)).toBe(0);
    arm.play(answering(200, exampleAnswer()));
    expect((await mint(keys)).kind).toBe('minted');
    expect(keys.throttledFor(TARGET)).toBe(0);
  });

  it('a wait of days, which is a broken clock, is one of an hour', async () => {
    await throttled({ 'retry-after': 'Thu, 08 Jan 2026 00:00:00 GMT' });
    expect(keys.throttledFor(TARGET)).toBe(3_600_000);
  });
});
