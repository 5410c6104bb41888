import { ConfluentManagementClient } from '@azure/arm-confluent';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { answering } from './answering.ts';
import { exampleAnswer, goodCredential, MINT, mint, SECRET, TARGET } from './fixtures.ts';
import { type ScriptedArm, startScriptedArm } from './scripted-arm.ts';
import { shown } from './shown.ts';

let arm: ScriptedArm;
let keys: ConfluentKeys;
let stock: ConfluentManagementClient;

beforeAll(async () => {
  arm = await startScriptedArm();
  keys = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint });
  stock = new ConfluentManagementClient(goodCredential, TARGET.subscriptionId, {
    endpoint: arm.endpoint,
    apiVersion: '2024-07-01',
    retryOptions: { retryDelayInMs: 1, maxRetryDelayInMs: 1 },
  });
});
afterAll(() => arm.close());

const mintWithStock = () =>
  stock.organization.createAPIKey(
    TARGET.resourceGroupName,
    TARGET.organizationName,
    TARGET.environmentId,
    TARGET.clusterId,
    { name: MINT.name, description: MINT.description },
  );

it('says the same as the client that is generated from the specification', async () => {
  arm.play(answering(200, exampleAnswer()));
  await mintWithStock();
  await mint(keys);
  const [theirs, ours] = arm.seen();
  expect(ours?.url).toBe(theirs?.url);
  expect(JSON.parse(ours?.body ?? '')).toEqual(JSON.parse(theirs?.body ?? ''));
  expect(ours?.headers['content-type']).toBe(theirs?.headers['content-type']);
});

it('sends one POST where that client sends several, each of which may mint', async () => {
  arm.play((_res, _request, faults) => faults.reset());
  await expect(mintWithStock()).rejects.toThrow();
  expect(arm.posts()).toBe(4);

  arm.play((_res, _request, faults) => faults.reset());
  expect((await mint(keys)).kind).toBe('ambiguous');
  expect(arm.posts()).toBe(1);
});

it('keeps the secret to itself where that client puts it into an error', async () => {
  arm.play(answering(201, exampleAnswer()));
  const error: unknown = await mintWithStock().catch((thrown: unknown) => thrown);
  expect(shown(error)).toContain(SECRET);
  expect(shown(await mint(keys))).not.toContain(SECRET);
});
