import { afterAll, beforeAll, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import { answering } from './answering.ts';
import { goodCredential, TARGET } from './fixtures.ts';
import { type ScriptedArm, startScriptedArm } from './scripted-arm.ts';

let arm: ScriptedArm;
beforeAll(async () => {
  arm = await startScriptedArm();
});
afterAll(() => arm.close());

it.each([429, 503])('a service that answers %d and asks to wait for an hour is asked once', async (status) => {
  arm.play(answering(status, undefined, { 'retry-after': '3600' }));
  const keys = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint });
  await keys.deleteKey(TARGET, 'KEY');
  expect(arm.seen()).toHaveLength(1);
});
