import { readFile } from 'node:fs/promises';
import { TableClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { send } from '../sandbox/tls/https-client.ts';
import { ControlClient } from './control-client.ts';
import { EXAMPLE, Rig, until } from './harness.ts';

interface Described {
  readonly caFile: string;
  readonly arm: { readonly url: string };
  readonly keyVault: { readonly url: string };
  readonly storage: { readonly tableUrl: string };
  readonly serviceBus: {
    readonly connectionString: string;
    readonly requestQueue: string;
    readonly resultQueue: string;
  };
}

const ORGANIZATION =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myResourceGroup/providers/Microsoft.Confluent/organizations/myOrganization';
const CLUSTER = `${ORGANIZATION}/environments/env-12132/clusters/lkc-1126wj`;
const VERSION = '?api-version=2024-07-01';

let rig: Rig;
let control: ControlClient;
let described: Described;
let ca: string;
beforeAll(async () => {
  rig = await Rig.start();
  control = new ControlClient(rig);
  described = (await control.get('/')) as Described;
  ca = await readFile(described.caFile, 'utf8');
});
afterAll(() => rig.close());

/** The one identity that has roles in ARM and on the table. */
const AS_FUNCTION: object = { oid: WORLD.functionOid };

const credentialFor = (audience: string, claims: object = {}): TokenCredential => ({
  getToken: async () => ({
    token: await control.token({ audience, ...claims }),
    expiresOnTimestamp: Date.now() + 3_600_000,
  }),
});

describe('an outsider, with what the control API tells', () => {
  it('mints a key in the emulated ARM, which knows whose token it is', async () => {
    const ask = async (audience: string, method: string, path: string, body = '', claims = AS_FUNCTION) => {
      const headers = {
        authorization: `Bearer ${await control.token({ audience, ...claims })}`,
        'content-type': 'application/json',
      };
      return send({
        ca,
        port: Number(new URL(described.arm.url).port),
        method,
        path: `${path}${VERSION}`,
        headers,
        body,
      });
    };
    const arm = 'https://management.azure.com';
    expect((await ask(arm, 'GET', CLUSTER)).status).toBe(200);
    expect((await ask('https://vault.azure.net', 'GET', CLUSTER)).status).toBe(401);
    expect((await ask(arm, 'GET', CLUSTER, '', {})).status).toBe(403);
    const body = JSON.stringify({ name: 'mine', description: 'by hand' });
    const created = await ask(arm, 'POST', `${CLUSTER}/createAPIKey`, body);
    expect(created.status).toBe(200);
    const { id } = JSON.parse(created.text) as { id: string };
    expect((await control.list('/arm/keys')).at(-1)).toMatchObject({ id, name: 'mine', clusterId: 'lkc-1126wj' });
    expect((await ask(arm, 'DELETE', `${ORGANIZATION}/apiKeys/${id}`)).status).toBeLessThan(300);
    expect((await control.list('/arm/keys')).at(-1)).toMatchObject({ id, deleted: true });
  });

  it('reads from the vault what was vended, which the function itself may not', async () => {
    const { secretName: name } = await rig.vend('read');
    const options = { disableChallengeResourceVerification: true, tlsOptions: { ca } };
    const audience = 'https://vault.azure.net';
    const reader = new SecretClient(described.keyVault.url, credentialFor(audience), options);
    const { value } = await reader.getSecret(name);
    expect(await control.get(`/vault/secrets/${name}`)).toMatchObject({ versions: [{ value }] });
    await expect(reader.setSecret('portal-mine', 'x')).rejects.toMatchObject({ statusCode: 403 });
    const own = credentialFor(audience, AS_FUNCTION);
    const writer = new SecretClient(described.keyVault.url, own, options);
    await expect(writer.getSecret(name)).rejects.toMatchObject({ statusCode: 403 });
  });

  it('lists the ledger', async () => {
    const { id } = await rig.vend('listed');
    const { tableUrl } = described.storage;
    const credential = credentialFor('https://storage.azure.com', AS_FUNCTION);
    const table = new TableClient(tableUrl, 'apikeyvending', credential, { tlsOptions: { ca } });
    const keys: unknown[] = [];
    for await (const { rowKey } of table.listEntities()) keys.push(rowKey);
    expect(keys).toContain(`credential_${id}`);
    expect((await control.list('/ledger')).map(({ rowKey }) => rowKey)).toContain(`credential_${id}`);
  });

  it('asks for a key by the queue and is answered, with the stock client', async () => {
    const { connectionString, requestQueue, resultQueue } = described.serviceBus;
    const client = new ServiceBusClient(connectionString);
    try {
      await client.createSender(requestQueue).sendMessages({ messageId: 'outside', body: EXAMPLE });
      const receiver = client.createReceiver(resultQueue, { receiveMode: 'receiveAndDelete' });
      const reply = await until(async () => {
        const replies = await receiver.receiveMessages(1, { maxWaitTimeInMs: 1_000 });
        return replies.find(({ correlationId }) => correlationId === 'outside');
      });
      expect(reply).toMatchObject({ subject: 'vended', body: { status: 'vended' } });
    } finally {
      await client.close();
    }
  });
});
