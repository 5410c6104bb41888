import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventTopicUrl, vaultUrl, WORLD } from '../../src/sandbox/azure/world.ts';
import { subscriptionRequestSchema } from '../../src/sandbox/control/event-grid.ts';
import { type Json, Rig, until, type Vended } from './harness.ts';

const RULE = { organizations: ['*'], environments: ['*'], clusters: ['*'] };
const POLICY = JSON.stringify({
  rules: [
    { ...RULE, name: 'portal', callers: { ids: [`entra:${WORLD.tenantId}:${WORLD.portalOid}`] } },
    { ...RULE, name: 'events', callers: { ids: ['events'] } },
    { ...RULE, name: 'queue', callers: { queues: [WORLD.queues.request] } },
  ],
});

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({
    POLICY,
    POLICY_FILE: '',
    QUEUE_RETRY_BASE_SECONDS: '1',
    // The timer does not run here, so only an event leads to a review.
    RECONCILE_SCHEDULE: '0 0 0 29 2 *',
    EVENT_ALLOWED_ORIGINS: 'eventgrid.azure.net',
    EVENT_TOPIC_ENDPOINT: eventTopicUrl(WORLD.eventTopics.out),
  });
});
afterAll(() => rig.close());
afterEach(() => rig.heal());

const currentKey = async (id: string): Promise<string | undefined> => (await rig.ledgerRow(id))?.current?.key.id;
const rotatedFrom = (id: string, keyId: string) =>
  until(async () => ((await currentKey(id)) === keyId ? undefined : true));

const keyVaultEvent = (type: string, { secretName, version }: Vended, vault: string = WORLD.vaults[0]): Json => ({
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

/** The queue of events is empty, and its last message is done. */
async function eventsAreDone(): Promise<void> {
  await until(() => (rig.sandbox.azure.broker.view(WORLD.queues.events)?.messages.length === 0 ? true : undefined));
  await setTimeout(300);
}

describe('an event of Key Vault on the queue of events', () => {
  it.each<[string, (vended: Vended) => Json]>([
    ['of a secret that is far from its end', (key) => keyVaultEvent('SecretNearExpiry', key)],
    ['of an expiry that is to come', (key) => keyVaultEvent('SecretExpired', key)],
    ['of another version', (key) => keyVaultEvent('SecretNearExpiry', { ...key, version: 'f'.repeat(32) })],
    ['of a vault that is none of ours', (key) => keyVaultEvent('SecretNearExpiry', key, 'somebody-elses')],
    [
      'of a secret that nobody made',
      (key) => keyVaultEvent('SecretNearExpiry', { ...key, secretName: 'no-such-secret' }),
    ],
  ])('%s leads to nothing', async (what, make) => {
    const vended = await rig.vend(`event ${what}`, { validFor: 'P60D' });
    const [posts, row] = [rig.posts().length, await rig.ledgerRow(vended.id)];
    rig.sandbox.azure.broker.enqueue(WORLD.queues.events, { body: make(vended), messageId: what });
    await eventsAreDone();
    expect(rig.posts()).toHaveLength(posts);
    expect(await rig.ledgerRow(vended.id)).toEqual(row);
  });

  it('has its credential looked at now: what is due is done', async () => {
    const { id, keyId } = await rig.vend('looked-at', { validFor: 'P60D' });
    await rig.advance('P30DT1H');
    await rotatedFrom(id, keyId);
    expect(rig.livingKeys(id)).toHaveLength(2);
  });
});

describe('the webhook', () => {
  const subscribe = (name: string, topic: string, schema: string, role: string) => {
    const destination = { webhook: `${rig.url}/api/v1/events`, audience: WORLD.audience, roles: [role] };
    const request = subscriptionRequestSchema.parse({ name, topic, schema, destination });
    return rig.sandbox.azure.eventGrid.subscribe(request);
  };

  it('passes the handshake of CloudEvents, and does what a delivered command asks for', async () => {
    const { id } = await rig.vend('webhook');
    const subscribed = await subscribe('commands', 'custom', 'cloudevents', WORLD.operatorRole);
    expect(subscribed.kind).toBe('subscribed');
    rig.sandbox.azure.eventGrid.publishCustom({
      specversion: '1.0',
      id: 'revoke-1',
      source: '/portal',
      type: 'com.example.apikey.revoke.requested.v1',
      data: { id },
    });
    await rig.becomes(id, 'revoked');
  });

  it('passes the handshake of Event Grid’s schema, and looks at what an event of Key Vault names', async () => {
    rig.sandbox.azure.eventGrid.unsubscribe('vault-events');
    const subscribed = await subscribe('key-vault', 'keyvault', 'eventgrid', WORLD.eventSenderRole);
    expect(subscribed.kind).toBe('subscribed');
    const { id, keyId } = await rig.vend('webhook-look', { validFor: 'P60D' });
    await rig.advance('P30DT1H');
    await rotatedFrom(id, keyId);
  });

  it('takes no event from a caller without a token, and none of Key Vault from one without the role', async () => {
    const body = JSON.stringify(keyVaultEvent('SecretNearExpiry', await rig.vend('role', { validFor: 'P60D' })));
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
  it('tell of a credential’s whole life, numbered', async () => {
    const { id } = await rig.vend('whole-life');
    await rig.rotate(id, 'r-1');
    await rig.delete(`/v1/credentials/${id}`);
    await until(() => (rig.eventsOf(id).length === 4 ? true : undefined));
    expect(rig.eventsOf(id)).toEqual(['vended.v1', 'rotated.v1', 'revoked.v1', 'revoked.v1']);
  });
});
