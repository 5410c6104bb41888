import { beforeEach, expect, it } from 'vitest';
import { CALLER, currentKeyIn, DAY, HOUR, ID, revokeIn, SETTINGS, withRule } from '../world/steps.ts';
import { World } from '../world/world.ts';
import { tickIn, vended } from './scenes.ts';

/*
 * Alerts and the runbook go by these lines. A line without its ids tells an operator that something is wrong, and not where.
 */

const MINUTE = 60_000;
let world: World;
let key: string;
beforeEach(async () => {
  world = new World();
  await vended(world, { settings: withRule({ rotateEvery: 'P10D' }) });
  key = currentKeyIn(world);
});
const lineOf = (event: string): object | undefined => world.logs.findLast((line) => line.event === event);

it('a rotation that policy no longer grants: whose it is', async () => {
  await tickIn(world, 10 * DAY + 1, { ...SETTINGS, policy: { rules: [] } });
  const line = { level: 'error', event: 'rotation-suspended', credentialId: ID, caller: CALLER.id };
  expect(lineOf('rotation-suspended')).toEqual(line);
});

it('a rotation that the bus did not take: which, and what the bus said', async () => {
  world.fault = (call) => (call === 'requestRotation' ? 'refused' : undefined);
  await tickIn(world, 10 * DAY + 1, withRule({ rotateEvery: 'P10D' }));
  const upstream = { service: 'bus', status: 503 };
  const line = { level: 'error', event: 'rotation-not-requested', credentialId: ID, upstream };
  expect(lineOf('rotation-not-requested')).toEqual(line);
});

it('reviews that run late: the oldest, and for how long', async () => {
  world.fault = (call) => (call === 'requestRotation' ? 'refused' : undefined);
  await tickIn(world, 10 * DAY + 20 * MINUTE, withRule({ rotateEvery: 'P10D' }));
  const line = { level: 'warn', event: 'reviews-late', credentialId: ID, counts: { seconds: 20 * 60 } };
  expect(lineOf('reviews-late')).toEqual(line);
});

it('a key that Confluent does not delete: which, of which credential, and what Confluent said', async () => {
  world.confluent.isLocked = true;
  await revokeIn(world);
  const upstream = expect.objectContaining({ service: 'arm' });
  const line = { level: 'error', event: 'deletion-refused', credentialId: ID, apiKeyId: key, upstream };
  expect(lineOf('deletion-refused')).toEqual(line);
});

it('a key that Confluent says nothing about: the same', async () => {
  world.fault = (call) => (call === 'getKey' ? 'refused' : undefined);
  await revokeIn(world);
  const upstream = expect.objectContaining({ service: 'arm' });
  const line = { level: 'warn', event: 'deletion-unproven', credentialId: ID, apiKeyId: key, upstream };
  expect(lineOf('deletion-unproven')).toEqual(line);
});

it('a key without our marker: which, and the credential that names it', async () => {
  const found = world.confluent.find(key);
  if (found !== undefined) found.record.spec.description = 'of somebody else';
  await revokeIn(world);
  expect(lineOf('foreign-key')).toEqual({ level: 'error', event: 'foreign-key', credentialId: ID, apiKeyId: key });
});

it('a review that decides nothing: what it waits for, and whom', async () => {
  world.fault = (call) => (call === 'deleteKey' ? 'lost' : undefined);
  await revokeIn(world);
  await tickIn(world, HOUR);
  const upstream = expect.objectContaining({ service: 'arm' });
  const line = { level: 'warn', event: 'review-undecided', credentialId: ID, state: 'revoking', upstream };
  expect(lineOf('review-undecided')).toEqual(line);
});
