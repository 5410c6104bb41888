import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import * as z from 'zod';
import { vaultUrl, WORLD } from '../../src/sandbox/azure/world.ts';
import { parseTlsRoutes, TLS_ROUTES_VARIABLE } from '../../src/sandbox/tls/routes.ts';
import type { AzureProcess } from './azure/process.ts';
import type { Driver } from './drivers.ts';

const tokenSchema = z.object({ access_token: z.string() });
const keySchema = z.object({ properties: z.object({ spec: z.object({ secret: z.string() }) }) });

const VAULT_HOST = new URL(vaultUrl(WORLD.vaults[0])).host;
const ARM_HOST = 'management.azure.com';

/** The two exchanges that nobody can do without, and nothing else: `node:https`, connections kept, tokens in hand. */
export async function floorOf({ settings }: AzureProcess): Promise<Driver> {
  const routes = parseTlsRoutes(settings[TLS_ROUTES_VARIABLE]);
  const agent = new Agent({ keepAlive: true, ca: readFileSync(settings.NODE_EXTRA_CA_CERTS ?? '') });
  const [arm, vault] = await Promise.all([
    tokenFor(settings, 'https://management.azure.com'),
    tokenFor(settings, 'https://vault.azure.net'),
  ]);
  const { subscriptionId, resourceGroupName, organizationName, environmentId, clusterId } = WORLD.target;
  const createUrl = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Confluent/organizations/${organizationName}/environments/${environmentId}/clusters/${clusterId}/createAPIKey?api-version=2024-07-01`;
  const send = (host: string, options: RequestOptions, token: string, body: string): Promise<string> =>
    exchange(
      { ...options, agent, host: '127.0.0.1', servername: host, port: portOf(routes, host) },
      { host, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    );
  return {
    vend: async () => {
      const id = randomUUID();
      const minted = await send(
        ARM_HOST,
        { method: 'POST', path: createUrl },
        arm,
        JSON.stringify({ name: 'bench', description: `bench ${id}` }),
      );
      const value = keySchema.parse(JSON.parse(minted)).properties.spec.secret;
      const path = `/secrets/ck-${id}?api-version=7.6`;
      await send(VAULT_HOST, { method: 'PUT', path }, vault, JSON.stringify({ value }));
    },
    close: async () => agent.destroy(),
  };
}

const portOf = (routes: ReadonlyMap<string, number>, host: string): number | undefined =>
  routes.get(host) ?? routes.get(host.replace(/^[^.]*/, '*'));

async function tokenFor(settings: AzureProcess['settings'], resource: string): Promise<string> {
  const query = new URLSearchParams({ resource, 'api-version': '2019-08-01', client_id: WORLD.functionClientId });
  const response = await fetch(`${settings.IDENTITY_ENDPOINT}?${query}`, {
    headers: { 'x-identity-header': settings.IDENTITY_HEADER ?? '' },
  });
  return tokenSchema.parse(await response.json()).access_token;
}

function exchange(options: RequestOptions, headers: Readonly<Record<string, string>>, body: string): Promise<string> {
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
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`${options.method} ${options.path} was answered ${answer.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
