import type { AccessToken, GetTokenOptions } from '@azure/identity';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createConfluentKeys } from '../../src/azure/arm/confluent-keys.ts';
import { cachingCredential } from '../../src/azure/credential.ts';
import { answering } from './arm/answering.ts';
import { errorAnswer, goodCredential, mint, TARGET } from './arm/fixtures.ts';
import { type ScriptedArm, startScriptedArm } from './arm/scripted-arm.ts';

let arm: ScriptedArm;
beforeAll(async () => {
  arm = await startScriptedArm();
});
afterAll(() => arm.close());

const CHALLENGE = `Bearer error="insufficient_claims", claims="${btoa('{"access_token":{"nbf":{"essential":true}}}')}"`;
const revoked = answering(401, errorAnswer('Claims'), { 'www-authenticate': CHALLENGE });

it('a token that answered a challenge is used by the next request', async () => {
  let asked = 0;
  const identity = {
    getToken: async (_scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken> => {
      asked += 1;
      return { token: options?.claims === undefined ? 'revoked' : 'good', expiresOnTimestamp: Date.now() + 86_400_000 };
    },
  };
  arm.play((res, request, faults) =>
    (request.headers.authorization === 'Bearer revoked' ? revoked : answering(204))(res, request, faults),
  );
  const keys = createConfluentKeys({ credential: cachingCredential(identity), endpoint: arm.endpoint });
  for (let n = 0; n < 3; n++) expect((await keys.deleteKey(TARGET, 'KEY')).kind).toBe('absent');
  expect(arm.seen().map(({ headers }) => headers.authorization)).toEqual([
    'Bearer revoked',
    'Bearer good',
    'Bearer good',
    'Bearer good',
  ]);
  expect(asked).toBe(2);
});

it('the tokens of all requests are such as a service may challenge before they end', async () => {
  const asked: unknown[] = [];
  const credential = {
    getToken: (scopes: string | string[], options?: GetTokenOptions) => {
      asked.push(options);
      return goodCredential.getToken(scopes);
    },
  };
  arm.play(answering(204));
  const keys = createConfluentKeys({ credential, endpoint: arm.endpoint });
  await keys.deleteKey(TARGET, 'KEY');
  await mint(keys);
  expect(asked).toEqual([{ enableCae: true }, { enableCae: true }]);
});
