import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import * as z from 'zod';
import { vaultUrl, WORLD } from '../../src/sandbox/azure/world.ts';
import { parseTlsRoutes, TLS_ROUTES_VARIABLE } from '../../src/sandbox/tls/routes.ts';
import type { AzureProcess } from './azure/process.ts';
import type { Driver, Vend } from './drivers.ts';
import { LEDGER_HOST, type Transaction, transactionsOf } from './own-calls.ts';

const tokenSchema = z.object({ access_token: z.string() });
const keySchema = z.object({ properties: z.object({ spec: z.object({ secret: z.string() }) }) });

const VAULT_HOST = new URL(vaultUrl(WORLD.vaults[0])).host;
const ARM_HOST = 'management.azure.com';

export interface Floor extends Driver {
  /** The same two, and the three transactions with which our function surrounds them. */
  readonly ownCalls: Vend;
}

/** The two exchanges that nobody can do without, and nothing else: `node:https`, connections kept, tokens in hand. */
export async function floorOf({ settings }: AzureProcess): Promise<Floor> {
  const routes = parseTlsRoutes(settings[TLS_ROUTES_VARIABLE]);
  const agent = new Agent({ keepAlive: true, ca: readFileSync(settings.NODE_EXTRA_CA_CERTS ?? '') });
  const [arm, vault] = await Promise.all([
    tokenFor(settings, 'https://management.azure.com'),
    tokenFor(settings, 'https://vault.azure.net'),
  ]);
  const { subscriptionId, resourceGroupName, organizationName, environmentId, clusterId } = WORLD.target;
  const createUrl = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Confluent/organizations/${organizationName}/environments/${environmentId}/clusters/${clusterId}/createAPIKey?api-version=2024-07-01`;
  const send = (host: string, options: RequestOptions, headers: Headers, body: string): Promise<string> =>
    exchange(
      { ...options, agent, host: '127.0.0.1', servername: host, port: portOf(routes, host) },
      { host, 'content-type': 'application/json', ...headers },
      body,
    );
  const mint = async (id: string): Promise<string> => {
    const body = JSON.stringify({ name: 'bench', description: `bench ${id}` });
    const minted = await send(ARM_HOST, { method: 'POST', path: createUrl }, { authorization: `Bearer ${arm}` }, body);
    return keySchema.parse(JSON.parse(minted)).properties.spec.secret;
  };
  const store = (id: string, value: string): Promise<string> => {
    const path = `/secrets/ck-${id}?api-version=7.6`;
    const headers = { authorization: `Bearer ${vault}` };
    return send(VAULT_HOST, { method: 'PUT', path }, headers, JSON.stringify({ value }));
  };
  const commit = async (transaction: Transaction | undefined): Promise<void> => {
    if (transaction === undefined) throw new Error('A vend has three transactions.');
    const { contentType, body } = transaction;
    const answer = await send(LEDGER_HOST, { method: 'POST', path: '/$batch' }, { 'content-type': contentType }, body);
    if (answer.split('HTTP/1.1 204').length - 1 !== transaction.rows) throw new Error(`A commit failed: ${answer}`);
  };
  return {
    vend: async () => {
      const id = randomUUID();
      await store(id, await mint(id));
    },
    ownCalls: async () => {
      const id = randomUUID();
      const [claim, key, end] = transactionsOf(id);
      await commit(claim);
      const secret = await mint(id);
      await commit(key);
      await store(id, secret);
      await commit(end);
    },
    close: async () => agent.destroy(),
  };
}

type Headers = Readonly<Record<string, string>>;

const portOf = (routes: ReadonlyMap<string, number>, host: string): number | undefined =>
  routes.get(host) ?? routes.get(host.replace(/^[^.]*/, '*'));

async function tokenFor(settings: AzureProcess['settings'], resource: string): Promise<string> {
  const query = new URLSearchParams({ resource, 'api-version': '2019-08-01', client_id: WORLD.functionClientId });
  const response = await fetch(`${settings.IDENTITY_ENDPOINT}?${query}`, {
    headers: { 'x-identity-header': settings.IDENTITY_HEADER ?? '' },
  });
  return tokenSchema.parse(await response.json()).access_token;
}

function exchange(options: RequestOptions, headers: Headers, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': Buffer.byteLength(body) };
    const sent = request({ ...options, headers: { ...headers, ...length } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200 || answer.statusCode === 202) resolve(text);
        else reject(new Error(`${options.method} ${options.path} was answered ${answer.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
