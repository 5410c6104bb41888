import { afterAll, beforeAll, expect, it } from 'vitest';
import { RIG } from '../../../src/sandbox/azure/app-settings.ts';
import { type EmulatedAzure, startAzure } from '../../../src/sandbox/azure/azure.ts';
import { issueToken } from '../../../src/sandbox/azure/tokens.ts';
import { WORLD } from '../../../src/sandbox/azure/world.ts';
import { type HostProcess, launchHost } from '../../../src/sandbox/host/launch.ts';
import { Recorder } from '../../azure/calls/recorder.ts';
import { EXAMPLE, until } from '../../e2e/harness.ts';
import { type Startable, WITH_TRANSACTIONS } from '../rig.ts';
import { type BuiltContenders, buildContenders } from './build.ts';

interface Vended {
  readonly secretId: string;
  readonly version: string;
  readonly apiKeyId: string;
}

let azure: EmulatedAzure;
let built: BuiltContenders;
let host: HostProcess;
const lines: string[] = [];

beforeAll(async () => {
  [azure, built] = await Promise.all([startAzure(), buildContenders(['straightforward', WITH_TRANSACTIONS])]);
  host = await start('straightforward');
});
afterAll(async () => {
  await host.stop();
  await Promise.all([azure.close(), built.close()]);
});

const start = (name: Startable): Promise<HostProcess> =>
  launchHost({
    appDir: built.folder(name),
    port: 0,
    env: azure.appSettings,
    execArgv: ['--import', RIG],
    onLog: (line) => lines.push(line),
  });

async function post(token: string, body: unknown, url = host.url): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return fetch(`${url}/api/v1/credentials`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** What the vault holds under the id is the secret of the key, as ARM gave it. */
async function expectStored({ secretId, version, apiKeyId }: Vended): Promise<void> {
  const key = azure.arm.keys().find(({ id }) => id === apiKeyId);
  expect(key).toMatchObject({ name: EXAMPLE.name, clusterId: EXAMPLE.clusterId, deleted: false });
  const name = /\/secrets\/(ck-[^/]+)\//.exec(secretId)?.[1] ?? '';
  const [stored, ...others] = azure.vault.secrets(WORLD.vaults[0], name) ?? [];
  expect(others).toEqual([]);
  expect(stored).toMatchObject({ version, value: key?.secret });
  // The line comes after the reply.
  await until(() => lines.some((line) => line.includes(`vended ${apiKeyId}`)) || undefined);
  expect(lines.join('\n')).not.toContain(key?.secret);
}

it('vends over HTTP', async () => {
  const { access_token: token } = await issueToken(azure.issuer, {});
  const response = await post(token, EXAMPLE);
  expect(response.status).toBe(201);
  await expectStored((await response.json()) as Vended);
});

it('vends by queue and tells the result queue', async () => {
  azure.broker.enqueue(WORLD.queues.request, { body: EXAMPLE, messageId: 'order-1' });
  const replies = () => azure.broker.view(WORLD.queues.result)?.messages ?? [];
  const reply = await until(() => replies().find(({ correlationId }) => correlationId === 'order-1'));
  await expectStored(reply.body as Vended);
  expect(replies()).toHaveLength(1);
});

it('with transactions writes a ledger that nobody reads, and vends', async () => {
  const recorder = new Recorder(azure.traffic);
  const other = await start(WITH_TRANSACTIONS);
  const { access_token: token } = await issueToken(azure.issuer, {});
  const response = await post(token, EXAMPLE, other.url);
  await other.stop();
  expect(response.status).toBe(201);
  const calls = recorder.take().map((call) => call.split(/[ ,]/).slice(0, 2).join(' '));
  expect(calls.filter((call) => /^(table|arm|vault) /.test(call))).toEqual([
    ...['table POST', 'table POST', 'table POST', 'arm POST', 'vault PUT', 'vault PUT'],
  ]);
});

it('mints nothing for strangers, nor for what is no request', async () => {
  const before = azure.arm.keys().length;
  const { access_token: foreign } = await issueToken(azure.issuer, { audience: 'api://something-else' });
  expect((await post(foreign, EXAMPLE)).status).toBe(401);
  const { access_token: token } = await issueToken(azure.issuer, {});
  expect((await post(token, { ...EXAMPLE, name: '' })).status).toBe(400);
  expect(azure.arm.keys()).toHaveLength(before);
});
