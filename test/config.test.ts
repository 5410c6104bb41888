import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { triggerName } from '../src/cross-field-errors.ts';
import { INVOCATION_MS, settingsSchema } from '../src/settings.ts';
import { complaints, type Env, REQUIRED, read, UUID } from './config-env.ts';

const SAMPLE = new URL('../local.settings.sample.json', import.meta.url);
const HOST_JSON = new URL('../host.json', import.meta.url);

interface HostJson {
  readonly functionTimeout: string;
  readonly extensions: {
    readonly serviceBus: { readonly maxAutoLockRenewalDuration: string; readonly prefetchCount: number };
  };
}

describe('configuration', () => {
  it('needs no more than what has no default', () => {
    expect(read({})).toMatchObject({
      credential: 'managed-identity',
      audiences: ['api://vending'],
      operatorRole: 'KeyVending.Operator',
      ledger: { endpoint: REQUIRED.LEDGER_TABLE_ENDPOINT, table: 'apikeyvending' },
      bus: { fullyQualifiedNamespace: 'ns.servicebus.windows.net' },
      queues: { replyQueues: [], backoff: { baseMs: 5_000, maxMs: 300_000 } },
      vend: { policy: { rules: [] }, targetDefaults: {}, defaultVaultUrl: 'https://myvault.vault.azure.net' },
      timings: {
        leaseMs: 150_000,
        settleMs: 60_000,
        mintDeadlineMs: 60_000,
        storeDeadlineMs: 30_000,
        marginMs: 10_000,
        retentionMs: 30 * 24 * 3_600_000,
      },
      reconcile: { schedule: '0 * * * * *', bounds: { page: 200 } },
    });
  });

  it('completes a target by the subscription, the resource group and the organization that it is given', () => {
    const given = { CONFLUENT_SUBSCRIPTION_ID: UUID, CONFLUENT_RESOURCE_GROUP: 'rg', CONFLUENT_ORGANIZATION: 'org' };
    expect(read(given).vend.targetDefaults).toEqual({
      subscriptionId: UUID,
      resourceGroupName: 'rg',
      organizationName: 'org',
    });
  });

  it('names the trigger of a queue in camel case', () => {
    expect(['vend-requests', 'team/a.b', 'vendRequests'].map(triggerName)).toEqual([
      'requestsVendRequests',
      'requestsTeamAB',
      'requestsVendRequests',
    ]);
  });

  it('measures nothing until a collector is named', () => {
    expect(read({}).telemetry).toBeUndefined();
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_SERVICE_NAME: 'vending' }).telemetry).toBeUndefined();
    const named = read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/', OTEL_METRIC_EXPORT_INTERVAL: '1000' });
    expect(named.telemetry).toEqual({
      endpoint: 'http://collector:4318',
      serviceName: 'confluent-api-key-vending',
      spanDelayMs: 5_000,
      metricIntervalMs: 1000,
    });
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector' }).telemetry?.metricIntervalMs).toBe(60_000);
  });

  it.each([
    ['01:02:03', 3_723_000],
    ['00:05:00', 300_000],
    ['-1', Number.POSITIVE_INFINITY],
  ])('reads a time span of %s as %d milliseconds', (text, ms) => {
    expect(settingsSchema.shape.AzureFunctionsJobHost__functionTimeout.parse(text)).toBe(ms);
  });

  it('takes the sample settings for real Azure as they are', () => {
    const { Values } = JSON.parse(readFileSync(SAMPLE, 'utf8')) as { Values: Env };
    const readFile = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
    expect(readConfig({ env: Values, readFile })).toMatchObject({
      credential: 'azure-cli',
      requestQueues: ['vend-requests'],
    });
  });

  it('takes lists with spaces, URLs as the portal shows them, and either spelling of an id', () => {
    const tenant = 'ABCDEF00-0000-0000-0000-000000000000';
    const config = read({
      REQUEST_QUEUES: 'team/a, team/b',
      ENTRA_AUDIENCE: `api://vending,${UUID}`,
      ENTRA_TENANT_ID: tenant,
      KEY_VAULT_URL: 'https://MyVault.vault.azure.net/',
      LEDGER_TABLE_ENDPOINT: 'https://account.table.core.windows.net/',
    });
    expect(config.requestQueues).toEqual(['team/a', 'team/b']);
    expect(config.audiences).toEqual(['api://vending', UUID]);
    expect(config.tenantId).toBe(tenant.toLowerCase());
    expect(config.vend.defaultVaultUrl).toBe('https://myvault.vault.azure.net');
    expect(config.ledger.endpoint).toBe('https://account.table.core.windows.net');
  });

  it.each(['00:04:01', '00:10:00', '-1', ''])('takes a function timeout of %j', (timeout) => {
    expect(complaints({ AzureFunctionsJobHost__functionTimeout: timeout })).toEqual([]);
  });

  it('gives invocations less time than host.json gives functions and message locks', () => {
    const { functionTimeout, extensions } = JSON.parse(readFileSync(HOST_JSON, 'utf8')) as HostJson;
    expect(complaints({ AzureFunctionsJobHost__functionTimeout: functionTimeout })).toEqual([]);
    const [hours = 0, minutes = 0, seconds = 0] = extensions.serviceBus.maxAutoLockRenewalDuration
      .split(':')
      .map(Number);
    expect(INVOCATION_MS.queue).toBeLessThan(((hours * 60 + minutes) * 60 + seconds) * 1000);
  });

  it('lets the host lock no message ahead of its turn: nobody would renew the lock', () => {
    const { extensions } = JSON.parse(readFileSync(HOST_JSON, 'utf8')) as HostJson;
    expect(extensions.serviceBus.prefetchCount).toBe(0);
  });
});
