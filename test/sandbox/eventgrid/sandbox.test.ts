import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RIG } from '../../../src/sandbox/azure/app-settings.ts';
import { WORLD } from '../../../src/sandbox/azure/world.ts';
import type { SubscriptionView } from '../../../src/sandbox/eventgrid/index.ts';
import { ControlClient } from '../../e2e/control-client.ts';
import { EXAMPLE, Rig, until } from '../../e2e/harness.ts';
import { agreeing, Endpoint } from './endpoint.ts';

let rig: Rig;
let control: ControlClient;
let endpoint: Endpoint;
beforeAll(async () => {
  rig = await Rig.start({ EVENT_QUEUE: '' });
  control = new ControlClient(rig);
  endpoint = await Endpoint.start();
});
afterAll(() => Promise.all([rig.close(), endpoint.close()]));

interface Event {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const events = (): Event[] =>
  rig.sandbox.azure.broker.view(WORLD.queues.events)?.messages.map(({ body }) => body as Event) ?? [];
const eventsOf = (name: string, count: number): Promise<Event[]> =>
  until(() => {
    const found = events().filter(({ data }) => data.ObjectName === name);
    return found.length === count ? found : undefined;
  }, 5_000);

async function vend(key: string, more: object = {}): Promise<{ name: string; version: string }> {
  const reply = await rig.post({ ...EXAMPLE, ...more }, { key, token: await control.token() });
  expect(reply.status).toBe(201);
  return (reply.body as { secret: { name: string; version: string } }).secret;
}

describe('a vended secret', () => {
  it('is told of on the event queue when it is stored, nears its expiry and expires', async () => {
    const { name, version } = await vend('ageing', { validFor: 'P90D' });
    const [created] = await eventsOf(name, 1);
    expect(created).toMatchObject({
      specversion: '1.0',
      source: expect.stringMatching(/providers\/Microsoft\.KeyVault\/vaults\/sandbox-vault$/),
      type: 'Microsoft.KeyVault.SecretNewVersionCreated',
      subject: name,
      data: { Version: version, ObjectType: 'Secret', EXP: expect.any(Number) },
    });
    await rig.advance('P61D');
    const [, near] = await eventsOf(name, 2);
    expect(near).toMatchObject({ type: 'Microsoft.KeyVault.SecretNearExpiry', data: created?.data });
    await rig.advance('P30D');
    const [, , expired] = await eventsOf(name, 3);
    expect(expired?.type).toBe('Microsoft.KeyVault.SecretExpired');
    expect(Date.parse(expired?.time ?? '') - Date.parse(near?.time ?? '')).toBe(30 * 86_400_000);
    const { subscriptions } = (await control.get('/eventgrid')) as { subscriptions: [SubscriptionView] };
    expect(subscriptions).toMatchObject([
      {
        ...{ name: 'vault-events', topic: 'keyvault', schema: 'cloudevents', state: 'Succeeded' },
        ...{ destination: { queue: 'vend-events' }, pending: 0, failed: [], deadLettered: [] },
      },
    ]);
    const ids = [created, near, expired].map((event) => event?.id);
    expect(subscriptions[0].delivered.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
  });

  it('shows which of its versions is current, and what a reference without version yields', async () => {
    const { name, version } = await vend('versionless');
    expect(await control.get(`/vault/secrets/${name}`)).toMatchObject({
      current: version,
      versionless: { status: 200, version, value: expect.stringMatching(/^cflt/) },
    });
  });
});

describe('event subscriptions by the control API', () => {
  it('are made, delivered to with a token, and taken away', async () => {
    endpoint.answer = agreeing();
    const request = { name: 'mine', topic: 'keyvault', schema: 'eventgrid' };
    const destination = { webhook: endpoint.url, audience: WORLD.audience };
    const made = await control.call('POST', '/eventgrid/subscriptions', { ...request, destination });
    expect(made).toMatchObject({ status: 201, body: { ...request, state: 'Succeeded', delivered: [] } });
    const { name } = await vend('to-a-webhook');
    // Events of the tests before may still come.
    const { text, headers } = await until(() => endpoint.notifications().find((one) => one.text.includes(name)));
    expect(JSON.parse(text)).toMatchObject([
      { eventType: 'Microsoft.KeyVault.SecretNewVersionCreated', subject: name },
    ]);
    const { verifier } = rig.sandbox.azure.issuer;
    expect(await verifier.verify(headers.authorization, [WORLD.audience])).toMatchObject({
      kind: 'valid',
      claims: { oid: WORLD.eventGridOid, roles: ['KeyVending.EventSender'] },
    });
    expect((await control.call('DELETE', '/eventgrid/subscriptions/mine')).status).toBe(204);
    expect((await control.call('DELETE', '/eventgrid/subscriptions/mine')).status).toBe(404);
  });

  it('carry events of the custom topic to a queue', async () => {
    const destination = { queue: WORLD.queues.events };
    await control.call('POST', '/eventgrid/subscriptions', { name: 'custom-in', topic: 'custom', destination });
    const event = { type: 'com.contoso.apikey.requested.v1', source: '/portal', id: 'custom-1', data: EXAMPLE };
    expect(await control.call('POST', '/eventgrid/events', event)).toMatchObject({
      status: 201,
      body: { ...event, specversion: '1.0', time: expect.stringMatching(/Z$/) },
    });
    await until(() => events().find(({ type }) => type === event.type));
    expect(await control.get('/events')).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ['/eventgrid/subscriptions', {}, /topic/],
    ['/eventgrid/subscriptions', { topic: 'keyvault', destination: { queue: 'nobodys' } }, /nobodys/],
    ['/eventgrid/subscriptions', { topic: 'blobs', destination: { queue: 'vend-events' } }, /topic/],
    [
      '/eventgrid/subscriptions',
      { topic: 'keyvault', destination: { webhook: 'https://example.com/' } },
      /destination/,
    ],
    ['/eventgrid/subscriptions', { topic: 'keyvault', destination: { webhook: 'http://10.0.0.1/' } }, /destination/],
    ['/eventgrid/events', { data: {} }, /type/],
    ['/eventgrid/events', { type: 't', camelCase: 1 }, /camelCase/],
  ])('are refused at %s with %o', async (path, body, why) => {
    const answer = await control.call('POST', path, body);
    expect(answer.status).toBe(400);
    expect((answer.body as { error: string }).error).toMatch(why);
  });
});

describe('events out', () => {
  it("reach the topic under its own name, with the function's identity", async () => {
    const { appSettings } = rig.sandbox.azure;
    const script = `
      const { ManagedIdentityCredential } = await import('@azure/identity');
      const credential = new ManagedIdentityCredential({ clientId: process.env.AZURE_CLIENT_ID });
      const { token } = await credential.getToken('https://eventgrid.azure.net/.default');
      const { request } = await import('node:https');
      const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/cloudevents+json' };
      const url = 'https://sandbox-events.westeurope-1.eventgrid.azure.net/api/events?api-version=2018-01-01';
      request(url, { method: 'POST', headers, agent: false }, (answer) => console.log(answer.resume().statusCode))
        .end(JSON.stringify({ specversion: '1.0', id: 'o', source: '/f', type: 'ours.v1', data: {} }));`;
    const execArgv = ['--import', RIG, '--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, execArgv, { env: { ...appSettings } });
    expect(stdout.trim()).toBe('200');
    expect(await control.get('/events')).toEqual([
      { specversion: '1.0', id: 'o', source: '/f', type: 'ours.v1', data: {} },
    ]);
  });

  it('reach the topic of the bus, whose subscription the control API shows', async () => {
    const client = new ServiceBusClient(rig.sandbox.azure.broker.connectionString);
    await client.createSender(WORLD.busTopic.name).sendMessages({ body: { type: 'ours.v1' } });
    await client.close();
    const path = `/queues/${encodeURIComponent('vend-events-out/subscriptions/everything')}`;
    expect(await control.get(path)).toMatchObject({ messages: [{ body: { type: 'ours.v1' } }] });
  });
});
