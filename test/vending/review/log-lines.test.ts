import { beforeEach, expect, it } from 'vitest';
import { review } from '../../../src/vending/review/review.ts';
import { slotsFrom } from '../../../src/vending/review/rotation.ts';
import { readCredential } from '../../../src/vending/saga/commit.ts';
import { CALLER, currentKeyIn, DAY, HOUR, ID, revokeIn, rotateIn, rowIn, SETTINGS, withRule } from '../world/steps.ts';
import { World } from '../world/world.ts';
import { DEAD, dead, plant, tickIn, vended } from './scenes.ts';

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

it('reviews are late after ten minutes, and no earlier', async () => {
  world.fault = (call) => (call === 'requestRotation' ? 'refused' : undefined);
  await tickIn(world, 10 * DAY + 10 * MINUTE - 1, withRule({ rotateEvery: 'P10D' }));
  expect(lineOf('reviews-late')).toBeUndefined();
  world = new World();
  await vended(world, { settings: withRule({ rotateEvery: 'P10D' }) });
  await tickIn(world, 10 * DAY + 10 * MINUTE, withRule({ rotateEvery: 'P10D' }));
  expect(lineOf('reviews-late')).toBeDefined();
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

it.each<[string, string, () => Promise<unknown>]>([
  [
    'minted',
    'a worker that died',
    async () => {
      world = await dead(DEAD.stored);
    },
  ],
  ['overlap', 'an overlap that is over', () => rotateIn(world)],
  ['sweep', 'a sweep', async () => plant(world, { ...rowIn(world), sweepAt: world.now })],
])('a review that waits says "%s" for %s', async (state, _, prepare) => {
  await prepare();
  const upstream = expect.any(Object);
  world.fault = (call) => (call === 'listVersions' || call === 'deleteKey' ? 'lost' : undefined);
  world.pass(26 * HOUR);
  await look();
  const line = { level: 'warn', event: 'review-undecided', credentialId: ID, state, upstream };
  expect(lineOf('review-undecided')).toEqual(line);
});

async function look(): Promise<void> {
  const read = await readCredential(world.ctx('reconciler'), ID);
  if (read.kind !== 'found') throw new Error('There is no credential.');
  await review(world.ctx('reconciler'), { terms: SETTINGS, slots: slotsFrom(world.now) }, read.row);
}

it('a dead worker whose key nobody knows: which attempt, and what its key carries in Confluent', async () => {
  world = await dead(DEAD.posted);
  const { attempt = 0, nonce = '' } = rowIn(world).work ?? {};
  await look();
  const marker = `vend:${ID}.${attempt}.${nonce}`;
  const line = { level: 'error', event: 'outcome-unknown', credentialId: ID, attempt, marker };
  expect(lineOf('outcome-unknown')).toEqual(line);
});

it('a due row that the ledger does not list, and a credential that it does not show: what it answered', async () => {
  const upstream = expect.objectContaining({ service: 'ledger' });
  world.fault = (call) => (call === 'listDue' ? 'lost' : undefined);
  await tickIn(world, 0);
  expect(lineOf('due-rows-unreadable')).toEqual({ level: 'error', event: 'due-rows-unreadable', upstream });
  world.fault = (call) => (call === 'read' ? 'lost' : undefined);
  await tickIn(world, 10 * DAY + 1);
  const line = { level: 'error', event: 'ledger-unreachable', credentialId: ID, upstream };
  expect(lineOf('ledger-unreachable')).toEqual(line);
});

it('a row that this version cannot read: whose it is', async () => {
  world.ledger.rows.set(`credential_${ID}`, { text: '{}', etag: 'of the next version' });
  await tickIn(world, 10 * DAY + 1);
  expect(lineOf('row-unreadable')).toEqual({ level: 'error', event: 'row-unreadable', credentialId: ID });
});
