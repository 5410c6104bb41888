import { expect, it, vi } from 'vitest';
import { createConfluentKeys } from '../src/azure/arm/confluent-keys.ts';
import { createCredential } from '../src/azure/credential.ts';
import { createCallerAuthenticator } from '../src/azure/entra/caller-authenticator.ts';
import { createEventPublisher } from '../src/azure/events/event-publisher.ts';
import { createLedger } from '../src/azure/ledger/ledger.ts';
import { createMessenger } from '../src/azure/servicebus/messenger.ts';
import { createTelemetry } from '../src/azure/telemetry/telemetry.ts';
import { createSecretVault } from '../src/azure/vault/secret-vault.ts';
import { type Config, readConfig } from '../src/config.ts';
import { connect } from '../src/connect.ts';
import { createRotationRequests } from '../src/functions/queue/retry-messages.ts';
import { settingsSchema } from '../src/settings.ts';
import type { Env } from './config-env.ts';

vi.mock('../src/azure/arm/confluent-keys.ts', { spy: true });
vi.mock('../src/azure/credential.ts', { spy: true });
vi.mock('../src/azure/entra/caller-authenticator.ts', { spy: true });
vi.mock('../src/azure/events/event-publisher.ts', { spy: true });
vi.mock('../src/azure/ledger/ledger.ts', { spy: true });
vi.mock('../src/azure/servicebus/messenger.ts', { spy: true });
vi.mock('../src/azure/telemetry/telemetry.ts', { spy: true });
vi.mock('../src/azure/vault/secret-vault.ts', { spy: true });
vi.mock('../src/functions/queue/retry-messages.ts', { spy: true });

/*
 * Each setting has a value of its own, in letters of both cases. So a value that is changed, or given to the wrong one, shows.
 * The name of a request queue is a part of a caller's id: if it changes, a repeated request makes a second key.
 */
const CLIENT = 'AAAAAAAA-0000-0000-0000-000000000001';
const TENANT = 'BBBBBBBB-0000-0000-0000-000000000002';
const SUBSCRIPTION = 'CCCCCCCC-0000-0000-0000-000000000003';
const EVERYTHING = {
  AZURE_CREDENTIAL: 'azure-cli',
  AZURE_CLIENT_ID: CLIENT,
  ENTRA_TENANT_ID: TENANT,
  ENTRA_AUDIENCE: 'api://Vending, api://Other',
  MODE: 'paused',
  RECONCILE_SCHEDULE: '7 * * * * *',
  RECONCILE_PAGE_SIZE: '321',
  AzureFunctionsJobHost__functionTimeout: '00:09:00',
  OPERATOR_ROLE: 'Team.Operator',
  CONFLUENT_SUBSCRIPTION_ID: SUBSCRIPTION,
  CONFLUENT_RESOURCE_GROUP: 'Resource-Group',
  CONFLUENT_ORGANIZATION: 'The-Organization',
  KEY_VAULT_URL: 'https://TeamVault.vault.azure.net/',
  LEDGER_TABLE_ENDPOINT: 'https://account.table.core.windows.net/',
  LEDGER_TABLE_NAME: 'LedgerTable',
  ServiceBusConnection__fullyQualifiedNamespace: 'Bus.servicebus.windows.net',
  REQUEST_QUEUES: 'Team-A, team/B',
  RETRY_QUEUE: 'Retries',
  RESULT_QUEUE: 'Results',
  REPLY_QUEUES: 'Reply-A, reply/B',
  EVENT_QUEUE: 'Event-Queue',
  EVENT_SENDER_ROLE: 'Team.EventSender',
  EVENT_ALLOWED_ORIGINS: 'EventGrid.azure.net, other.example',
  EVENT_TOPIC_ENDPOINT: 'https://topic.westeurope-1.eventgrid.azure.net/api/events',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://Collector:4318/',
  OTEL_SERVICE_NAME: 'Vending-Service',
  OTEL_BSP_SCHEDULE_DELAY: '1111',
  OTEL_METRIC_EXPORT_INTERVAL: '2222',
  QUEUE_RETRY_BASE_SECONDS: '11',
  QUEUE_RETRY_MAX_SECONDS: '222',
  QUEUE_RETRY_LIMIT: '33',
  LEASE_SECONDS: '155',
  SETTLE_SECONDS: '66',
  MINT_DEADLINE_SECONDS: '51',
  STORE_DEADLINE_SECONDS: '31',
  LEASE_MARGIN_SECONDS: '12',
  FAILURE_RETENTION_DAYS: '44',
};
/** The one or the other of each pair may be set. */
const INSTEAD = { ServiceBusConnection: 'Endpoint=sb://Bus', EVENT_TOPIC_NAME: 'Topic-Name' };

const configOf = (env: Env): Config =>
  readConfig({
    env: { ...env, POLICY_FILE: 'Policy.json' },
    readFile: (path) => (path === 'Policy.json' ? '{"rules": []}' : ''),
  });

const TIMINGS = {
  leaseMs: 155_000,
  settleMs: 66_000,
  mintDeadlineMs: 51_000,
  storeDeadlineMs: 31_000,
  marginMs: 12_000,
  retentionMs: 44 * 86_400_000,
};
const TELEMETRY = {
  endpoint: 'http://Collector:4318',
  serviceName: 'Vending-Service',
  spanDelayMs: 1_111,
  metricIntervalMs: 2_222,
};

it('every setting is tried here', () => {
  expect(new Set(Object.keys({ ...EVERYTHING, ...INSTEAD }))).toEqual(new Set(Object.keys(settingsSchema.shape)));
});

it('the configuration has each value as it was written, but for what means the same in another form', () => {
  expect(configOf(EVERYTHING)).toEqual({
    credential: 'azure-cli',
    clientId: CLIENT,
    tenantId: TENANT.toLowerCase(),
    audiences: ['api://Vending', 'api://Other'],
    operatorRole: 'Team.Operator',
    ledger: { endpoint: 'https://account.table.core.windows.net', table: 'LedgerTable' },
    bus: { fullyQualifiedNamespace: 'Bus.servicebus.windows.net' },
    requestQueues: ['Team-A', 'team/B'],
    events: {
      queue: 'Event-Queue',
      senderRole: 'Team.EventSender',
      allowedOrigins: ['EventGrid.azure.net', 'other.example'],
      topic: { kind: 'event-grid', endpoint: EVERYTHING.EVENT_TOPIC_ENDPOINT },
    },
    queues: {
      retryQueue: 'Retries',
      resultQueue: 'Results',
      replyQueues: ['Reply-A', 'reply/B'],
      backoff: { baseMs: 11_000, maxMs: 222_000, maxAttempts: 33 },
    },
    vend: {
      mode: 'paused',
      policy: { rules: [] },
      targetDefaults: {
        subscriptionId: SUBSCRIPTION,
        resourceGroupName: 'Resource-Group',
        organizationName: 'The-Organization',
      },
      defaultVaultUrl: 'https://teamvault.vault.azure.net',
    },
    timings: TIMINGS,
    telemetry: TELEMETRY,
    reconcile: { schedule: '7 * * * * *', bounds: { page: 321, concurrency: 4 } },
  });
});

it('a bus by its connection string, and a topic of it, are taken as they were written', () => {
  const { ServiceBusConnection__fullyQualifiedNamespace: _, EVENT_TOPIC_ENDPOINT: __, ...rest } = EVERYTHING;
  const { bus, events } = configOf({ ...rest, ...INSTEAD });
  expect([bus, events.topic]).toEqual([
    { connectionString: 'Endpoint=sb://Bus' },
    { kind: 'service-bus', topic: 'Topic-Name' },
  ]);
});

it('each adapter is given what was configured for it, and nothing else', () => {
  connect(configOf(EVERYTHING), new AbortController().signal);
  const given = (factory: unknown): unknown => vi.mocked(factory as () => unknown).mock.calls;
  const credential = { getToken: expect.any(Function) };
  expect(given(createCredential)).toEqual([['azure-cli', CLIENT]]);
  expect(given(createConfluentKeys)).toEqual([[{ credential }]]);
  expect(given(createSecretVault)).toEqual([[{ credential, clock: expect.anything() }]]);
  expect(given(createLedger)).toEqual([
    [{ endpoint: 'https://account.table.core.windows.net', table: 'LedgerTable', credential, timings: TIMINGS }],
  ]);
  expect(given(createMessenger)).toEqual([
    [{ fullyQualifiedNamespace: 'Bus.servicebus.windows.net', credential: expect.anything() }],
  ]);
  expect(given(createEventPublisher)).toEqual([
    [
      { kind: 'event-grid', endpoint: EVERYTHING.EVENT_TOPIC_ENDPOINT },
      { credential, messenger: expect.anything() },
    ],
  ]);
  expect(given(createRotationRequests)).toEqual([[expect.anything(), 'Retries']]);
  expect(given(createTelemetry)).toEqual([[TELEMETRY]]);
  expect(given(createCallerAuthenticator)).toEqual([
    [{ tenantId: TENANT.toLowerCase(), audience: ['api://Vending', 'api://Other'] }],
  ]);
});
