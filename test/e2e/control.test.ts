import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { send } from '../sandbox/tls/https-client.ts';
import { ControlClient } from './control-client.ts';
import { EXAMPLE, Rig, until, vendedOf } from './harness.ts';

let rig: Rig;
let control: ControlClient;
beforeAll(async () => {
  rig = await Rig.start();
  control = new ControlClient(rig);
});
afterEach(() => control.call('DELETE', '/faults'));
afterAll(() => rig.close());

describe('the control API', () => {
  it('tells where everything is', async () => {
    const loopback = expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+(\/\w+)?$/);
    expect(await control.get('/')).toMatchObject({
      function: rig.url,
      control: rig.sandbox.controlUrl,
      caFile: expect.stringMatching(/\.pem$/),
      arm: { url: loopback },
      keyVault: { url: loopback },
      storage: { tableUrl: loopback },
      entra: {
        issuer: 'https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/v2.0',
        audience: 'api://confluent-api-key-vending',
      },
      serviceBus: {
        connectionString: expect.stringMatching(/^Endpoint=sb:.*UseDevelopmentEmulator=true/),
        requestQueue: 'vend-requests',
        retryQueue: 'vend-retries',
        resultQueue: 'vend-results',
        eventQueue: 'vend-events',
        eventTopic: 'vend-events-out',
      },
      eventGrid: { url: loopback, topicUrl: 'https://sandbox-events.westeurope-1.eventgrid.azure.net/api/events' },
    });
  });

  it('has an empty ledger to show before anything was vended', async () => {
    expect(await control.call('GET', '/ledger')).toEqual({ status: 200, body: [] });
  });

  it("issues the portal's tokens, or what it is told to", async () => {
    const claims = { oid: crypto.randomUUID(), tid: crypto.randomUUID(), roles: ['A.B'], audience: 'api://other' };
    const payload = (await control.token({ ...claims, appid: 'app', expiresIn: 60 })).split('.')[1] ?? '';
    const said = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect(said).toMatchObject({ oid: claims.oid, tid: claims.tid, roles: ['A.B'], aud: 'api://other', azp: 'app' });
    expect(said.exp).toBeLessThanOrEqual(Date.now() / 1000 + 60);
    const status = async (token: string): Promise<number> => (await rig.post({}, { key: 'k', token })).status;
    expect(await status(await control.token())).toBe(400);
    expect(await status(await control.token({ expiresIn: -61 }))).toBe(401);
  });

  it('shows a vend from every side', async () => {
    const reply = await rig.post(EXAMPLE, { key: 'shown', token: await control.token() });
    expect(reply.status).toBe(201);
    const { id, keyId, secretName, version } = vendedOf(reply.body);
    const description = expect.stringContaining(`${EXAMPLE.description} vend:${id}.1.`);
    expect((await control.list('/arm/requests')).at(-1)).toMatchObject({
      method: 'POST',
      path: expect.stringMatching(/\/environments\/env-12132\/clusters\/clusterId-123\/createAPIKey$/),
      query: { 'api-version': '2024-07-01' },
      body: { name: EXAMPLE.name, description },
      status: 200,
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const [key] = await control.list('/arm/keys');
    expect(key).toEqual({
      id: keyId,
      secret: expect.stringMatching(/^cflt/),
      name: EXAMPLE.name,
      description,
      clusterId: 'clusterId-123',
      deleted: false,
    });
    const stored = {
      version,
      value: key?.secret,
      enabled: true,
      contentType: 'text/plain; format=secret',
      tags: expect.objectContaining({ CredentialId: keyId }),
      expiresOn: null,
    };
    expect(await control.get(`/vault/secrets/${secretName}`)).toEqual({
      versions: [stored],
      current: version,
      versionless: { status: 200, version, value: key?.secret },
    });
    expect(JSON.stringify(await control.get('/ledger'))).toContain(id);
    expect(JSON.stringify(await control.get('/logs'))).toContain(id);
    expect(JSON.stringify(await control.get('/logs'))).not.toContain(key?.secret);
  });

  it('sends to queues and shows them, with bodies, properties and delivery counts', async () => {
    const queue = '/queues/portal-replies';
    const properties = { replyTo: 'portal-replies', applicationProperties: { team: 'a', n: 1 } };
    const message = { body: EXAMPLE, messageId: 'm-1', ...properties };
    expect(await control.call('POST', queue, message)).toEqual({ status: 201, body: { result: 'enqueued' } });
    expect(await control.call('POST', queue, message)).toEqual({ status: 201, body: { result: 'duplicate' } });
    expect(await control.get(queue)).toEqual({
      messages: [expect.objectContaining({ ...message, deliveryCount: 0, state: 'active' })],
      deadLetters: [],
    });
    await control.call('POST', '/queues/vend-requests', { body: 'not JSON at all', messageId: 'm-2' });
    const reply = await until(async () => {
      const { messages } = (await control.get('/queues/vend-results')) as { messages: { correlationId: string }[] };
      return messages.find(({ correlationId }) => correlationId === 'm-2');
    });
    expect(reply).toMatchObject({ subject: 'malformed-request', contentType: 'application/problem+json' });
  });

  it('takes the bytes of a message in base64', async () => {
    const body = { bodyBase64: Buffer.from([0xff, 0x00]).toString('base64'), messageId: 'bytes' };
    expect(await control.call('POST', '/queues/portal-replies', body)).toMatchObject({ status: 201 });
    expect(await control.get('/queues/portal-replies')).toMatchObject({
      messages: expect.arrayContaining([expect.objectContaining({ messageId: 'bytes', body: { base64: '/wA=' } })]),
    });
  });

  it('sets how ARM answers, and what is left out goes back to what it was', async () => {
    const usual = { deleted: 200, deletedNothing: 404, readDeleted: 404 };
    expect(await control.get('/arm/answers')).toEqual(usual);
    const chosen = { deleted: 202, readDeleted: 403 };
    expect(await control.call('PUT', '/arm/answers', chosen)).toEqual({ status: 200, body: { ...usual, ...chosen } });
    expect(rig.sandbox.azure.arm.answers()).toEqual({ ...usual, ...chosen });
    expect(await control.call('PUT', '/arm/answers', {})).toEqual({ status: 200, body: usual });
  });

  it("gives the vault's officer everything, and a stranger nothing of tables, ARM and vault", async () => {
    const { azure } = rig.sandbox;
    const ca = await readFile(azure.caFile, 'utf8');
    const ask = async (oid: string, audience: string, port: number, path: string): Promise<number> => {
      const accept = 'application/json;odata=nometadata';
      const headers = { accept, authorization: `Bearer ${await control.token({ oid, audience })}` };
      return (await send({ ca, port, path, headers })).status;
    };
    const vault = (oid: string) =>
      ask(oid, 'https://vault.azure.net', azure.vault.port, '/deletedsecrets?api-version=7.5');
    const tables = (oid: string) =>
      ask(oid, 'https://storage.azure.com', azure.tables.port, '/sandboxledger/apikeyvending()');
    const organizations = `/subscriptions/${WORLD.target.subscriptionId}/providers/Microsoft.Confluent/organizations`;
    const arm = (oid: string) =>
      ask(oid, 'https://management.azure.com', azure.arm.port, `${organizations}?api-version=2024-07-01`);
    const stranger = '77777777-7777-7777-7777-777777777777';
    expect([await vault(stranger), await tables(stranger), await arm(stranger)]).toEqual([403, 403, 403]);
    expect(await vault('66666666-6666-6666-6666-666666666666')).toBe(200);
    expect([await tables(WORLD.functionOid), await arm(WORLD.functionOid)]).toEqual([200, 200]);
  });

  it.each<[string, string, unknown, number, RegExp]>([
    ['POST', '/tokens', { oud: 'x' }, 400, /oud/],
    ['POST', '/tokens', { expiresIn: '1h' }, 400, /expiresIn/],
    ['POST', '/tokens', '{', 400, /JSON/],
    ['POST', '/faults', { service: 'arm' }, 400, /fault/],
    ['POST', '/faults', { service: 'arm', fault: {} }, 400, /Say what goes wrong/],
    ['POST', '/faults', { service: 'kafka', fault: { status: 500 } }, 400, /"arm"/],
    ['POST', '/faults', { service: 'arm', operation: 'createAPIKey', fault: { status: 500 } }, 400, /createApiKey/],
    ['POST', '/faults', { service: 'arm', fault: { status: 5 } }, 400, /status/],
    ['POST', '/faults', { service: 'arm', fault: { drop: 'never' } }, 400, /drop/],
    ['POST', '/faults', { service: 'arm', fault: { stats: 500 } }, 400, /stats/],
    ['POST', '/queues/vend-requests', { messageId: 'x' }, 400, /body/],
    ['POST', '/queues/vend-requests', { body: {}, id: 'x' }, 400, /id/],
    ['POST', '/queues/vend-requests', { body: {}, bodyBase64: 'AA==' }, 400, /either body or bodyBase64/],
    ['POST', '/queues/vend-requests', { bodyBase64: 'no base64' }, 400, /bodyBase64/],
    ['PUT', '/arm/answers', { deleted: 418 }, 400, /deleted/],
    ['PUT', '/arm/answers', { delete: 200 }, 400, /delete/],
    ['POST', '/queues/vend-requests', [], 400, /object/],
    ['POST', '/queues/nobodys', { body: {} }, 404, /nobodys/],
    ['GET', '/queues/nobodys', undefined, 404, /nobodys/],
    ['GET', '/queues/%', undefined, 400, /URI/],
    ['GET', '/vault/secrets/nobodys', undefined, 404, /nobodys/],
    ['GET', '/vault/secrets/a%2fb', undefined, 404, /There is no GET/],
    ['GET', '/arm/request', undefined, 404, /There is no GET \/arm\/request/],
    ['PUT', '/faults', {}, 404, /There is no PUT/],
  ])('answers %s %s %o with what is wrong', async (method, path, body, status, why) => {
    const answer = await control.call(method, path, body);
    expect(answer.status).toBe(status);
    expect((answer.body as { error: string }).error).toMatch(why);
  });
});
