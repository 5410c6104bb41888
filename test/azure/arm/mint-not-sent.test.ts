import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { answering } from './answering.ts';
import { exampleAnswer, failingCredential, goodCredential, MINT, mint, TARGET } from './fixtures.ts';
import { type ScriptedArm, startScriptedArm } from './scripted-arm.ts';

let arm: ScriptedArm;
let keys: ConfluentKeys;

beforeAll(async () => {
  arm = await startScriptedArm();
  keys = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint });
});
afterAll(() => arm.close());

describe('a mint that is not sent', () => {
  it('because there is no token', async () => {
    arm.play(answering(200, exampleAnswer()));
    const tokenless = createConfluentKeys({ credential: failingCredential, endpoint: arm.endpoint });
    expect(await mint(tokenless)).toEqual({
      kind: 'not-sent',
      upstream: { service: 'identity', code: 'CredentialUnavailableError' },
    });
    expect(arm.posts()).toBe(0);
  });

  it('because there is none any more: tokens are not refreshed behind the requests', async () => {
    arm.play(answering(200, exampleAnswer()));
    let asked = 0;
    const fading = () => ({ token: 'a-token', expiresOnTimestamp: Date.now() + 10_000 });
    const credential = { getToken: async () => (++asked === 1 ? fading() : null) };
    const client = createConfluentKeys({ credential, endpoint: arm.endpoint });
    expect((await mint(client)).kind).toBe('minted');
    expect(await mint(client)).toEqual({ kind: 'not-sent', upstream: { service: 'identity' } });
    expect({ asked, posts: arm.posts() }).toEqual({ asked: 2, posts: 1 });
  });

  it('because the deadline passed before the token came, nor is it sent once the token is there', async () => {
    arm.play(answering(200, exampleAnswer()));
    const token = Promise.withResolvers<{ token: string; expiresOnTimestamp: number }>();
    const late = createConfluentKeys({ credential: { getToken: () => token.promise }, endpoint: arm.endpoint });
    const outcome = await mint(late, MINT, 50);
    expect(outcome).toMatchObject({ kind: 'not-sent', upstream: { service: 'identity' } });
    token.resolve({ token: 'late', expiresOnTimestamp: Date.now() + 3_600_000 });
    // When a second mint has been answered, the first would have arrived long ago.
    await mint(late);
    expect(arm.posts()).toBe(1);
  });

  it.each([
    { ...TARGET, subscriptionId: 'myOrganization' },
    { ...TARGET, resourceGroupName: '..' },
    { ...TARGET, resourceGroupName: '' },
    { ...TARGET, organizationName: '.' },
    { ...TARGET, organizationName: 'a/b' },
    { ...TARGET, environmentId: '..' },
    { ...TARGET, environmentId: 'env-1?x' },
    { ...TARGET, clusterId: '..' },
    { ...TARGET, clusterId: 'lkc-1%2F..' },
    { ...TARGET, clusterId: 'lkc-1\n' },
  ])('because %j does not belong into a path', async (target) => {
    arm.play(answering(200, exampleAnswer()));
    expect(await mint(keys, { ...MINT, target })).toEqual({
      kind: 'refused',
      reason: 'upstream-refused',
      upstream: { service: 'arm', code: 'IllegalPathSegment' },
    });
    expect(arm.posts()).toBe(0);
  });
});
