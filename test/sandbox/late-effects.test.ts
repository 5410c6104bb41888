import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { TableClient } from '@azure/data-tables';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmulatedAzure, startAzure } from '../../src/sandbox/azure/azure.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { FaultService } from '../../src/sandbox/kit/faults.ts';
import { CREATE, jsonHeaders, ORGANIZATION, VERSION } from './arm/fixture.ts';
import { type RawResponse, send } from './tls/https-client.ts';

/** No test waits so long: only a move of the clock makes such an effect land. */
const MINUTES = 5 * 60_000;
const VAULT = WORLD.vaults[0];
const TABLE_HOST = `${WORLD.storageAccount}.table.core.windows.net`;

let azure: EmulatedAzure;
let ca: string;
let agent: Agent;

beforeAll(async () => {
  azure = await startAzure();
  ca = await readFile(azure.caFile, 'utf8');
  agent = new Agent({ ca, lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) });
});
afterAll(async () => {
  agent.destroy();
  await azure.close();
});

const tokenFor = async (resource: string): Promise<string> =>
  (await azure.issuer.issueResourceToken({ resource, oid: WORLD.functionOid, appid: 'function' })).token;
const credentialFor = (resource: string) => ({
  getToken: async () => ({ token: await tokenFor(resource), expiresOnTimestamp: azure.clock.now() + 3_600_000 }),
});

async function callArm(method: string, path: string, body?: object): Promise<RawResponse> {
  const headers = jsonHeaders(await tokenFor('https://management.azure.com/'));
  const { port } = azure.arm;
  return send({ port, ca, method, path: `${path}${VERSION}`, headers, ...(body && { body: JSON.stringify(body) }) });
}
const keyNamed = (name: string): string => azure.arm.keys().find((key) => key.name === name)?.id ?? '';
const statusOfKey = async (name: string): Promise<number> =>
  (await callArm('GET', `${ORGANIZATION}/apiKeys/${keyNamed(name)}`)).status;

const vault = (): SecretClient =>
  new SecretClient(`https://${VAULT}.vault.azure.net:${azure.vault.port}`, credentialFor('https://vault.azure.net'), {
    agent,
    retryOptions: { maxRetries: 0 },
  });
async function versionsOf(name: string): Promise<readonly (boolean | undefined)[]> {
  const versions = [];
  for await (const { enabled } of vault().listPropertiesOfSecretVersions(name)) versions.push(enabled);
  return versions;
}

const table = (): TableClient =>
  new TableClient(
    `https://${TABLE_HOST}:${azure.tables.port}`,
    WORLD.ledgerTable,
    credentialFor('https://storage.azure.com'),
    { agent, retryOptions: { maxRetries: 0 } },
  );
const row = (rowKey: string, word: string) => ({ partitionKey: 'late', rowKey, word });
const wordOf = (rowKey: string): Promise<unknown> =>
  table()
    .getEntity<{ word: string }>('late', rowKey)
    .then(({ word }) => word)
    .catch((error: { statusCode?: number }) => error.statusCode);

interface Late {
  readonly what: string;
  readonly service: FaultService;
  readonly operation: string;
  prepare(): Promise<unknown>;
  act(): Promise<unknown>;
  /** As another client sees it. */
  seen(): Promise<unknown>;
  readonly before: unknown;
  readonly after: unknown;
}

const create = (name: string): Promise<RawResponse> => callArm('POST', CREATE, { name, description: 'd' });

const EFFECTS: readonly Late[] = [
  {
    ...{ what: 'a POST that mints', service: 'arm', operation: 'createApiKey', before: 404, after: 200 },
    prepare: async () => undefined,
    act: () => create('minted'),
    seen: () => statusOfKey('minted'),
  },
  {
    ...{ what: 'a DELETE of a key', service: 'arm', operation: 'deleteApiKey', before: 200, after: 404 },
    prepare: () => create('deleted'),
    act: () => callArm('DELETE', `${ORGANIZATION}/apiKeys/${keyNamed('deleted')}`),
    seen: () => statusOfKey('deleted'),
  },
  {
    ...{ what: 'a PUT of a secret', service: 'vault', operation: 'setSecret', before: [true], after: [true, true] },
    prepare: () => vault().setSecret('put', 'before'),
    act: () => vault().setSecret('put', 'late'),
    seen: () => versionsOf('put'),
  },
  {
    ...{ what: 'a PATCH of a version', service: 'vault', operation: 'updateSecret', before: [true], after: [false] },
    prepare: () => vault().setSecret('patched', 'value'),
    act: () => {
      const [{ version } = { version: '' }] = azure.vault.secrets(VAULT, 'patched') ?? [];
      return vault().updateSecretProperties('patched', version, { enabled: false });
    },
    seen: () => versionsOf('patched'),
  },
  {
    ...{ what: 'a transaction', service: 'table', operation: 'batch', before: 404, after: 'late' },
    prepare: async () => undefined,
    act: () =>
      table().submitTransaction([
        ['create', row('one', 'late')],
        ['create', row('two', 'late')],
      ]),
    seen: () => wordOf('two'),
  },
];

describe.each(EFFECTS)(
  '$what that is held for minutes',
  ({ service, operation, prepare, act, seen, before, after }) => {
    it('lands when the clock has moved past its time, and not before', async () => {
      await prepare();
      azure.faults.add({ service, operation, times: 1, fault: { holdMs: MINUTES } });
      await expect(act()).rejects.toThrow(/socket hang up|ECONNRESET/);
      expect(azure.faults.held).toBe(1);
      await azure.clock.advance(MINUTES - 60_000);
      expect(await seen()).toEqual(before);
      await azure.clock.advance(60_000);
      expect(await seen()).toEqual(after);
      expect(azure.faults.held).toBe(0);
    });
  },
);

it('a transaction that is held fails where somebody else has written its row meanwhile', async () => {
  const { etag = '' } = await table().createEntity(row('contested', 'first'));
  azure.faults.add({ service: 'table', operation: 'batch', times: 1, fault: { holdMs: MINUTES } });
  const late = table().submitTransaction([
    ['update', row('contested', 'late'), 'Replace', { etag }],
    ['create', row('beside', 'late')],
  ]);
  await expect(late).rejects.toThrow(/socket hang up|ECONNRESET/);
  await table().updateEntity(row('contested', 'second'), 'Replace', { etag });
  await azure.clock.advance(MINUTES);
  expect([await wordOf('contested'), await wordOf('beside')]).toEqual(['second', 404]);
});

it('an effect that is held for moments lands by waiting, also when all faults are cleared meanwhile', async () => {
  azure.faults.add({ service: 'vault', operation: 'setSecret', times: 1, fault: { holdMs: 300 } });
  await expect(vault().setSecret('soon', 'late')).rejects.toThrow(/socket hang up|ECONNRESET/);
  azure.faults.clear();
  await expect.poll(() => azure.vault.secrets(VAULT, 'soon')?.length, { timeout: 10_000 }).toBe(1);
});
