import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { RIG } from '../../src/sandbox/azure/app-settings.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { startIdentityEndpoint } from '../../src/sandbox/entra/identity-endpoint.ts';
import { FaultPlan } from '../../src/sandbox/kit/faults.ts';
import { Rig } from '../e2e/harness.ts';

const run = promisify(execFile);
const sample = (path: string): string => join(import.meta.dirname, path);

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ QUEUE_RETRY_BASE_SECONDS: '1', QUEUE_RETRY_LIMIT: '1' });
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

/** @param onRetry when the sample says that it tries again */
async function send(command: string, args: readonly string[], onRetry?: () => void): Promise<readonly string[]> {
  const env = { ...process.env, SERVICE_BUS_CONNECTION: rig.sandbox.azure.broker.connectionString };
  const running = run(command, args, { env });
  running.child.stderr?.on('data', () => onRetry?.());
  return (await running).stdout.trim().split(' ');
}

it('a sender in TypeScript gets the reference of the secret on its own queue', async () => {
  const [status, id, reference] = await send(process.execPath, [sample('typescript/queue.ts'), 'queue-1']);
  expect([status, reference]).toEqual(['vended', expect.stringContaining(`orders-${id}/)`)]);
  expect(rig.livingKeys(id ?? '')).toHaveLength(1);
});

it('a sender in TypeScript sends again what came back as a problem that may pass, and gets one key', async () => {
  let retries = 0;
  rig.fault({ service: 'table', operation: 'batch', fault: { status: 503 } });
  const [status, id] = await send(process.execPath, [sample('typescript/queue.ts'), 'queue-2'], () => {
    retries++;
    rig.heal();
  });
  expect([status, retries]).toEqual(['vended', 1]);
  expect(rig.livingKeys(id ?? '')).toHaveLength(1);
  expect(rig.posts().filter(({ body }) => JSON.stringify(body).includes(`vend:${id}.`))).toHaveLength(1);
});

it('a Kafka client gets the key and its secret from the vault by the reference of the answer', async () => {
  const { body } = await rig.vend('kafka-1', { secretFormat: 'json' });
  const { keyVaultReference, name } = body.secret as { keyVaultReference: string; name: string };
  const identity = { clientId: WORLD.functionClientId, principalId: WORLD.portalOid };
  const { issuer } = rig.sandbox.azure;
  const endpoint = await startIdentityEndpoint({ faults: new FaultPlan(), issuer, identity });
  const program = `
    import { ManagedIdentityCredential } from '@azure/identity';
    import { kafkaSettings } from '${sample('typescript/kafka.ts')}';
    const credential = new ManagedIdentityCredential({ clientId: '${identity.clientId}' });
    console.log(JSON.stringify(await kafkaSettings(process.argv[1], 'pkc-1.westeurope.azure.confluent.cloud:9092', credential)));`;
  try {
    const { IDENTITY_ENDPOINT: _, IDENTITY_HEADER: __, ...settings } = rig.sandbox.azure.appSettings;
    const env = { ...process.env, ...settings, IDENTITY_ENDPOINT: endpoint.endpoint, IDENTITY_HEADER: endpoint.header };
    const args = ['--import', RIG, '--input-type=module', '--eval', program, keyVaultReference];
    const { stdout } = await run(process.execPath, args, { env });
    const [version] = rig.versions(name) ?? [];
    const { apiKey, apiSecret } = JSON.parse(version?.value ?? '');
    expect(apiSecret.length).toBeGreaterThan(10);
    expect(JSON.parse(stdout)).toEqual({
      'bootstrap.servers': 'pkc-1.westeurope.azure.confluent.cloud:9092',
      'security.protocol': 'sasl_ssl',
      'sasl.mechanisms': 'PLAIN',
      'sasl.username': apiKey,
      'sasl.password': apiSecret,
    });
  } finally {
    await endpoint.close();
  }
});
