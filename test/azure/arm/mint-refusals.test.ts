import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { answering } from './answering.ts';
import { errorAnswer, goodCredential, MINT_PATH, mint, SECRET } from './fixtures.ts';
import { type Script, type ScriptedArm, startScriptedArm } from './scripted-arm.ts';

let arm: ScriptedArm;
let keys: ConfluentKeys;

beforeAll(async () => {
  arm = await startScriptedArm();
  keys = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint });
});
afterAll(() => arm.close());

/** Plays the script to one mint and counts the POSTs that arrived. */
async function mintAgainst(script: Script) {
  arm.play(script);
  const outcome = await mint(keys);
  return { outcome, posts: arm.posts() };
}

describe('a mint that ARM refuses', () => {
  it.each([
    [400, 'upstream-refused'],
    [401, 'upstream-forbidden'],
    [402, 'quota-exhausted'],
    [403, 'upstream-forbidden'],
    [404, 'target-not-found'],
    [405, 'upstream-refused'],
    [413, 'upstream-refused'],
    [415, 'upstream-refused'],
    [422, 'upstream-refused'],
  ] as const)('%d is a proven refusal: %s', async (status, reason) => {
    const { outcome, posts } = await mintAgainst(answering(status, errorAnswer('SomeCode')));
    expect(outcome).toEqual({
      kind: 'refused',
      reason,
      upstream: { service: 'arm', status, code: 'SomeCode', requestId: 'req-1' },
    });
    expect(posts).toBe(1);
  });

  it.each([
    ['API keys per service account is currently limited to 100.', 'BadRequest'],
    ['Creating this API key would exceed the quota for the organization.', 'BadRequest'],
    ['See the documentation.', 'quota_exceeded'],
  ])('knows an exhausted quota by its wording: %s %s', async (text, code) => {
    const { outcome } = await mintAgainst(answering(400, errorAnswer(code, text)));
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'quota-exhausted' });
    expect(JSON.stringify(outcome)).not.toContain(text);
  });

  it('takes no wording for a proof: an error may quote what the caller wrote', async () => {
    const text = 'The description "is currently limited to me" is in use.';
    const { outcome } = await mintAgainst(answering(409, errorAnswer('Conflict', text)));
    expect(outcome.kind).toBe('ambiguous');
  });

  it.each([
    [409, 'ScopeLocked', 'upstream-refused'],
    [409, 'ReadOnlyDisabledSubscription', 'upstream-refused'],
    [409, 'MissingSubscriptionRegistration', 'upstream-refused'],
    [409, 'ResourceGroupBeingDeleted', 'upstream-refused'],
    [409, 'RequestDisallowedByPolicy', 'upstream-forbidden'],
    [409, 'AuthorizationFailed', 'upstream-forbidden'],
    [403, 'RequestDisallowedByPolicy', 'upstream-forbidden'],
    [403, 'AuthorizationFailed', 'upstream-forbidden'],
  ] as const)('%d %s comes from ARM, which did not ask the provider: %s', async (status, code, reason) => {
    const { outcome, posts } = await mintAgainst(answering(status, errorAnswer(code)));
    expect(outcome).toMatchObject({ kind: 'refused', reason, upstream: { status, code } });
    expect(posts).toBe(1);
  });

  it.each([
    [409, 'upstream-refused'],
    [403, 'upstream-forbidden'],
    [404, 'target-not-found'],
  ] as const)('%d of the gateway is a proven refusal, whatever its code: %s', async (status, reason) => {
    const { outcome } = await mintAgainst(
      answering(status, errorAnswer('NewCode'), { 'x-ms-failure-cause': 'gateway' }),
    );
    expect(outcome).toMatchObject({ kind: 'refused', reason });
  });

  it.each([
    ['409 of the provider', answering(409, errorAnswer('Conflict'), { 'x-ms-failure-cause': 'service' })],
    ['500 of the gateway', answering(500, errorAnswer('X'), { 'x-ms-failure-cause': 'gateway' })],
    ['504 of the gateway', answering(504, errorAnswer('GatewayTimeout'), { 'x-ms-failure-cause': 'gateway' })],
    ['500 with a code of the gateway', answering(500, errorAnswer('ScopeLocked'))],
  ])('%s proves nothing', async (_name, script) => {
    expect((await mintAgainst(script)).outcome.kind).toBe('ambiguous');
  });

  it('goes by the status alone when the body of a refusal breaks off', async () => {
    const { outcome } = await mintAgainst((res) => {
      res.writeHead(404, { 'content-length': '500' });
      res.write('{"error":', () => res.destroy());
    });
    expect(outcome).toEqual({ kind: 'refused', reason: 'target-not-found', upstream: { service: 'arm', status: 404 } });
  });

  it.each([100_000, 'not a code!', SECRET, { text: 'x' }])('drops the error code %j', async (code) => {
    const { outcome } = await mintAgainst(answering(400, { error: { code } }));
    expect(outcome.upstream).toEqual({ service: 'arm', status: 400, requestId: 'req-1' });
  });

  it.each([300, 304, 307, 308, 406, 408, 409, 410, 412, 418, 499, 500, 501, 502, 503, 504, 599])(
    '%d proves nothing, and is not tried again',
    async (status) => {
      const { outcome, posts } = await mintAgainst(
        answering(status, undefined, { location: `${arm.endpoint}${MINT_PATH}`, 'retry-after': '0' }),
      );
      expect(outcome).toEqual({ kind: 'ambiguous', upstream: { service: 'arm', status, requestId: 'req-1' } });
      expect(posts).toBe(1);
    },
  );
});
