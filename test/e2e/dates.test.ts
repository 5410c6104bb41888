import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { eventTopicUrl, WORLD } from '../../src/sandbox/azure/world.ts';
import { OPERATOR, Rig, until } from './harness.ts';

const MORTAL = '66666666-6666-4666-8666-666666666666';
const SCHEDULED = '77777777-7777-4777-8777-777777777777';
const callerId = (oid: string): string => `entra:${WORLD.tenantId}:${oid}`;
const RULE = { organizations: ['*'], environments: ['*'], clusters: ['*'] };
const POLICY = JSON.stringify({
  rules: [
    { ...RULE, name: 'portal', callers: { ids: [callerId(WORLD.portalOid)] } },
    { ...RULE, name: 'mortal', callers: { ids: [callerId(MORTAL)] }, revokeAtExpiry: true },
    { ...RULE, name: 'scheduled', callers: { ids: [callerId(SCHEDULED)] }, rotateEvery: 'P90D' },
  ],
});

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({
    POLICY,
    POLICY_FILE: '',
    QUEUE_RETRY_BASE_SECONDS: '1',
    RECONCILE_SCHEDULE: '* * * * * *',
    EVENT_TOPIC_ENDPOINT: eventTopicUrl(WORLD.eventTopics.out),
  });
  // Key Vault's events reach nobody: the ledger alone knows every date.
  rig.sandbox.azure.eventGrid.unsubscribe('vault-events');
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

/** Rotations come due before expiries, and are no use without quota. */
const noQuota = (): void => rig.fault({ service: 'arm', operation: 'createApiKey', fault: { status: 402 } });
const becomesKnown = (id: string, event: string): Promise<true> =>
  until(() => (rig.eventsOf(id).includes(event) ? true : undefined));
const rotatedFrom = (id: string, keyId: string) =>
  until(async () => {
    const row = await rig.ledgerRow(id);
    return row?.current === undefined || row.current.key.id === keyId ? undefined : row;
  });
/** Several runs of the reconciler. */
const someRuns = (): Promise<void> => setTimeout(2_500);

/** Ids of the credentials that a review is late for. */
async function overdue(): Promise<readonly string[]> {
  const now = rig.sandbox.azure.clock.now();
  const dates = (await rig.rowKeys()).map((key) => /^due_([^_]+)_(\w+)$/.exec(key));
  return dates.flatMap((date) => (date !== null && Date.parse(String(date[1])) <= now ? [String(date[2])] : []));
}

it('a key is rotated 30 days before its secret expires, and the old key is revoked when the overlap ends', async () => {
  const { id, keyId, secretName } = await rig.vend('near', { validFor: 'P60D' });
  await rig.advance('P29D');
  await someRuns();
  expect((await rig.ledgerRow(id))?.current?.key.id).toBe(keyId);
  await rig.advance('P1DT1M');
  const { current, previous } = await rotatedFrom(id, keyId);
  expect(previous?.keyId).toBe(keyId);
  expect(rig.livingKeys(id)).toEqual([keyId, current?.key.id]);
  await rig.advance('PT25H1M');
  await until(() => (rig.isDeleted(keyId) === true ? true : undefined));
  expect(rig.livingKeys(id)).toEqual([current?.key.id]);
  await until(() => (rig.versions(secretName)?.[0]?.enabled === false ? true : undefined));
  expect(rig.versions(secretName)?.map(({ enabled }) => enabled)).toEqual([false, true]);
  await becomesKnown(id, 'revoked.v1');
  expect(rig.eventsOf(id)).toEqual(['vended.v1', 'rotated.v1', 'revoked.v1']);
});

it('a secret that is valid for less than 60 days is not near its end when it is made: it is rotated at half its time', async () => {
  const { id, keyId } = await rig.vend('short', { validFor: 'P10D' });
  await someRuns();
  expect((await rig.ledgerRow(id))?.current?.key.id).toBe(keyId);
  await rig.advance('P5DT1M');
  await rotatedFrom(id, keyId);
});

it('a key under a rule with rotateEvery is rotated when its time has come', async () => {
  const { id, keyId } = await rig.vend('scheduled', {}, await rig.token({ oid: SCHEDULED }));
  await rig.advance('P89D');
  await someRuns();
  expect((await rig.ledgerRow(id))?.current?.key.id).toBe(keyId);
  await rig.advance('P1DT1M');
  const { previous } = await rotatedFrom(id, keyId);
  expect(previous?.keyId).toBe(keyId);
});

it('an expiry is published once, and revokes the credential where policy says so; elsewhere the key stays', async () => {
  const mortal = await rig.vend('mortal', { validFor: 'P20D' }, await rig.token({ oid: MORTAL }));
  const kept = await rig.vend('kept', { validFor: 'P20D' });
  noQuota();
  await rig.advance('P21D');
  await rig.becomes(mortal.id, 'revoking');
  await rig.advance('PT1M');
  await rig.becomes(mortal.id, 'revoked');
  await becomesKnown(mortal.id, 'revoked.v1');
  expect(rig.eventsOf(mortal.id)).toEqual(['vended.v1', 'expired.v1', 'revoked.v1']);
  expect(rig.livingKeys(mortal.id)).toEqual([]);
  await becomesKnown(kept.id, 'expired.v1');
  expect(rig.livingKeys(kept.id)).toEqual([kept.keyId]);
  expect((await rig.get(`/v1/credentials/${kept.id}`, await rig.token(OPERATOR))).body.status).toBe('vended');
});

it('60 days past an expiry there is one event of it, and nothing urgent is due', async () => {
  const { id, keyId } = await rig.vend('long-expired', { validFor: 'P20D' });
  noQuota();
  await rig.advance('P80D');
  await becomesKnown(id, 'expired.v1');
  await until(async () => ((await overdue()).includes(id) ? undefined : true));
  await someRuns();
  expect(await overdue()).not.toContain(id);
  expect(rig.eventsOf(id).filter((type) => type === 'expired.v1')).toHaveLength(1);
  const { published } = rig.sandbox.azure.eventGrid;
  expect(published().filter(({ subject, type }) => subject === id && type?.endsWith('expired.v1'))).toHaveLength(1);
  expect(rig.livingKeys(id)).toEqual([keyId]);
});
