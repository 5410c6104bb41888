import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { subscriptionRequestSchema } from '../../src/sandbox/control/event-grid.ts';
import { eventTopicUrl, vaultUrl, WORLD } from '../../src/sandbox/world.ts';
import { EXAMPLE, type Json, Rig, until } from './harness.ts';

const MORTAL = '66666666-6666-4666-8666-666666666666';
const SCHEDULED = '77777777-7777-4777-8777-777777777777';
const callerId = (oid: string): string => `entra:${WORLD.tenantId}:${oid}`;
const RULE = { organizations: ['*'], environments: ['*'], clusters: ['*'] };
const POLICY = JSON.stringify({
  rules: [
    { ...RULE, name: 'portal', callers: { ids: [callerId(WORLD.portalOid)] } },
    { ...RULE, name: 'mortal', callers: { ids: [callerId(MORTAL)] }, revokeAtExpiry: true },
    { ...RULE, name: 'scheduled', callers: { ids: [callerId(SCHEDULED)] }, rotateEvery: 'P90D' },
    { ...RULE, name: 'events', callers: { ids: ['events'] } },
    { ...RULE, name: 'queue', callers: { queues: [WORLD.queues.request] } },
  ],
});

const OPERATOR = { oid: '99999999-9999-4999-8999-999999999999', roles: [WORLD.operatorRole] };

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({
    POLICY,
    POLICY_FILE: '',
    QUEUE_RETRY_BASE_SECONDS: '1',
    RECONCILE_SCHEDULE: '* * * * * *',
    SETTLE_SECONDS: '2',
    LEASE_MARGIN_SECONDS: '1',
    EVENT_ALLOWED_ORIGINS: 'eventgrid.azure.net',
    EVENT_TOPIC_ENDPOINT: eventTopicUrl(WORLD.eventTopics.out),
  });
});
afterAll(() => rig.close());
afterEach(() => rig.heal());

interface Vended {
  readonly requestId: string;
  readonly keyId: string;
  readonly secretName: string;
  readonly version: string;
}

async function vended(key: string, request: Json = {}, oid: string = WORLD.portalOid): Promise<Vended> {
  const { status, body } = await rig.post({ ...EXAMPLE, ...request }, { key, token: await rig.token({ oid }) });
  expect([status, body.detail]).toEqual([201, undefined]);
  const apiKey = body.apiKey as Json;
  const secret = body.secret as Json;
  return {
    requestId: String(body.requestId),
    keyId: String(apiKey.id),
    secretName: String(secret.name),
    version: String(secret.version),
  };
}

const look = async (requestId: string): Promise<Json> =>
  (await rig.get(`/v1/api-keys/${requestId}`, await rig.token(OPERATOR))).body;
const statusOf = async (requestId: string): Promise<unknown> => (await look(requestId)).status;
const becomes = (requestId: string, status: string): Promise<true> =>
  until(async () => ((await statusOf(requestId)) === status ? true : undefined));
const livingKeys = (): string[] =>
  rig
    .keys()
    .filter(({ deleted }) => !deleted)
    .map(({ id }) => id);
const told = (requestId: string): string[] =>
  rig.sandbox.azure.eventGrid
    .published()
    .filter(({ subject }) => subject === requestId)
    .map(({ type }) => String(type).replace('confluent-key-vending.apikey.', ''));

const hint = (type: string, { secretName, version }: Vended, vault: string = WORLD.vaults[0]): Json => ({
  specversion: '1.0',
  id: `${type}-${version}`,
  source: '/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/v',
  type: `Microsoft.KeyVault.${type}`,
  time: '2026-01-01T00:00:00Z',
  data: {
    Id: `${vaultUrl(vault)}/secrets/${secretName}/${version}`,
    VaultName: vault,
    ObjectType: 'Secret',
    ObjectName: secretName,
    Version: version,
    NBF: null,
    EXP: null,
  },
});

describe('a hint on the queue of events', () => {
  const isDone = async (): Promise<void> => {
    await until(() => (rig.sandbox.azure.broker.view(WORLD.queues.events)?.messages.length === 0 ? true : undefined));
    await setTimeout(300);
  };

  it.each<[string, (key: Vended) => Json]>([
    ['of a secret that is far from its end', (key) => hint('SecretNearExpiry', key)],
    ['of an expiry that is to come', (key) => hint('SecretExpired', key)],
    ['of another version', (key) => hint('SecretNearExpiry', { ...key, version: 'f'.repeat(32) })],
    ['of a vault that is none of ours', (key) => hint('SecretNearExpiry', key, 'somebody-elses')],
    ['of a secret that nobody made', (key) => hint('SecretNearExpiry', { ...key, secretName: 'no-such-secret' })],
  ])('%s leads to nothing', async (what, make) => {
    const key = await vended(`hint ${what}`, { validFor: 'P60D' });
    const before = rig.posts().length;
    rig.sandbox.azure.broker.enqueue(WORLD.queues.events, { body: make(key), messageId: what });
    await isDone();
    expect(rig.posts()).toHaveLength(before);
    expect(await statusOf(key.requestId)).toBe('vended');
  });
});

describe('the expiry of a secret', () => {
  it('is told, and revokes the key where policy says so; elsewhere the key stays', async () => {
    const mortal = await vended('mortal', { validFor: 'P20D' }, MORTAL);
    const kept = await vended('kept', { validFor: 'P20D' });
    // Ten days before their end they are rotated, which is no use without quota.
    rig.fault({ service: 'arm', operation: 'createApiKey', fault: { status: 402 } });
    await rig.advance('P21D');
    await becomes(mortal.requestId, 'revoked');
    expect(told(mortal.requestId)).toEqual(['vended.v1', 'expired.v1', 'revoked.v1']);
    await until(() => (told(kept.requestId).includes('expired.v1') ? true : undefined));
    expect(await statusOf(kept.requestId)).toBe('vended');
  });

  it('that holds for less than 30 days is not near when it is made: it is rotated at half its time', async () => {
    const { requestId } = await vended('short', { validFor: 'P10D' });
    await setTimeout(1_000);
    expect(await statusOf(requestId)).toBe('vended');
    await rig.advance('P5DT1M');
    await becomes(requestId, 'superseded');
  });
});

it('a key under a rule with rotateEvery is rotated when its time has come, unasked', async () => {
  const { requestId, keyId } = await vended('scheduled', {}, SCHEDULED);
  await rig.advance('P89D');
  await setTimeout(2_500);
  expect(await statusOf(requestId)).toBe('vended');
  await rig.advance('P1DT1M');
  await becomes(requestId, 'superseded');
  expect(livingKeys()).toContain(keyId);
  await rig.advance('PT25H1M');
  await becomes(requestId, 'revoked');
  expect(livingKeys()).not.toContain(keyId);
});

describe('the webhook', () => {
  const subscribe = (name: string, topic: string, schema: string, role: string) => {
    const destination = { webhook: `${rig.url}/api/v1/events`, audience: WORLD.audience, roles: [role] };
    const request = subscriptionRequestSchema.parse({ name, topic, schema, destination });
    return rig.sandbox.azure.eventGrid.subscribe(request);
  };

  it('passes the handshake of CloudEvents, and a wish that is delivered is fulfilled', async () => {
    const { requestId } = await vended('webhook');
    const subscribed = await subscribe('wishes', 'custom', 'cloudevents', WORLD.operatorRole);
    expect(subscribed.kind).toBe('subscribed');
    rig.sandbox.azure.eventGrid.publishCustom({
      specversion: '1.0',
      id: 'revoke-1',
      source: '/portal',
      type: 'com.example.apikey.revoke.requested.v1',
      data: { requestId },
    });
    await becomes(requestId, 'revoked');
  });

  it('passes the handshake of Event Grid’s schema, and a hint that is delivered is heeded', async () => {
    rig.sandbox.azure.eventGrid.unsubscribe('vault-events');
    const subscribed = await subscribe('hints', 'keyvault', 'eventgrid', WORLD.eventSenderRole);
    expect(subscribed.kind).toBe('subscribed');
    const { requestId } = await vended('webhook-hint', { validFor: 'P60D' });
    await rig.advance('P30DT1H');
    await becomes(requestId, 'superseded');
  });

  it('takes no event from a caller without a token, and no hint from one without the role', async () => {
    const body = JSON.stringify(hint('SecretNearExpiry', await vended('role', { validFor: 'P60D' })));
    const headers = { 'content-type': 'application/cloudevents+json' };
    const anonymous = await fetch(`${rig.url}/api/v1/events`, { method: 'POST', headers, body });
    expect(anonymous.status).toBe(401);
    const authorization = `Bearer ${await rig.token()}`;
    const stranger = await fetch(`${rig.url}/api/v1/events`, {
      method: 'POST',
      headers: { ...headers, authorization },
      body,
    });
    expect(stranger.status).toBe(403);
  });
});

describe('events out', () => {
  it('tell of a key’s whole life', async () => {
    const { requestId } = await vended('told');
    const rotated = await rig.postTo(`/v1/api-keys/${requestId}/rotate`, {}, await rig.token());
    const successor = String(rotated.body.requestId);
    await rig.delete(`/v1/api-keys/${successor}`);
    await becomes(successor, 'revoked');
    expect(told(requestId)).toEqual(['vended.v1']);
    expect(told(successor)).toEqual(['rotated.v1', 'revoked.v1']);
  });

  it('are not lost when the topic takes none: the vend is answered, the event told later', async () => {
    rig.fault({ service: 'eventgrid', operation: 'publish', fault: { status: 503 } });
    const { requestId } = await vended('told-later');
    expect(told(requestId)).toEqual([]);
    rig.heal();
    await rig.advance('PT5M');
    await until(() => (told(requestId).length > 0 ? true : undefined));
    expect(told(requestId)).toEqual(['vended.v1']);
    await until(async () => {
      const row = (await rig.ledgerRow(requestId)) as { document: string };
      return JSON.parse(row.document).outbox === undefined ? true : undefined;
    });
  });
});
