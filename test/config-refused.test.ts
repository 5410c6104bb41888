import { describe, expect, it } from 'vitest';
import { complaints, type Env, HUSH, REQUIRED, UUID } from './config-env.ts';

const POLICY_WITHOUT_CLUSTERS = JSON.stringify({
  rules: [{ name: 'r', callers: { queues: ['q'] }, organizations: ['*'], environments: ['*'], clusters: [] }],
});

describe('configuration', () => {
  it('names everything that is missing, all on one line', () => {
    const nothing = Object.fromEntries(Object.keys(REQUIRED).map((name) => [name, undefined]));
    const emptied = Object.fromEntries(Object.keys(REQUIRED).map((name) => [name, '']));
    const lines = complaints(nothing);
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'ENTRA_TENANT_ID',
      'ENTRA_AUDIENCE',
      'KEY_VAULT_URL',
      'LEDGER_TABLE_ENDPOINT',
      'REQUEST_QUEUES',
      'RETRY_QUEUE',
      'RESULT_QUEUE',
      'ServiceBusConnection',
      'POLICY',
    ]);
    expect(complaints(emptied)).toEqual(lines);
  });

  it.each([
    'collector:4318',
    'grpc://collector',
    'from http://collector',
    `https://user:${HUSH}@collector`,
    'http://c/?token=x',
  ])('takes no collector %s', (endpoint) => {
    expect(complaints({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT: must be the URL of an OTLP/HTTP collector, without a password',
    ]);
  });

  it.each<[string, string, RegExp]>([
    ['AZURE_CREDENTIAL', 'password', /must be managed-identity or azure-cli$/],
    ['AZURE_CLIENT_ID', 'me', /must be a UUID$/],
    ['ENTRA_TENANT_ID', 'contoso.com', /must be a UUID$/],
    ['ENTRA_AUDIENCE', 'a,,b', /separated by single commas$/],
    ['CONFLUENT_SUBSCRIPTION_ID', `${UUID}/..`, /must be a UUID$/],
    ['CONFLUENT_RESOURCE_GROUP', '..', /must be the name of a resource group$/],
    ['CONFLUENT_ORGANIZATION', 'org/..', /must be the name of an organization$/],
    ['KEY_VAULT_URL', 'https://myvault.vault.azure.net.evil.example', /must look like https:/],
    ['KEY_VAULT_URL', 'http://myvault.vault.azure.net', /must look like https:/],
    ['LEDGER_TABLE_ENDPOINT', 'http://account.table.core.windows.net', /must look like https:/],
    ['LEDGER_TABLE_ENDPOINT', 'https://account.table.core.windows.net/ledger', /without a path$/],
    ['LEDGER_TABLE_ENDPOINT', 'from https://account.table.core.windows.net', /must look like https:/],
    ['LEDGER_TABLE_NAME', '1', /must be 3 to 63 letters or digits$/],
    ['LEDGER_TABLE_NAME', '1keys', /must be 3 to 63 letters or digits$/],
    ['LEDGER_TABLE_NAME', 'keys-1', /must be 3 to 63 letters or digits$/],
    ['LEDGER_TABLE_NAME', 'ab', /must be 3 to 63 letters or digits$/],
    ['ServiceBusConnection__fullyQualifiedNamespace', 'sb://ns.servicebus.windows.net/', /must look like name/],
    ['ServiceBusConnection__fullyQualifiedNamespace', 'sb://ns.servicebus.windows.net', /must look like name/],
    ['ServiceBusConnection__fullyQualifiedNamespace', 'ns.servicebus.windows.net/', /must look like name/],
    ['REQUEST_QUEUES', 'a,,b', /must be names separated by single commas$/],
    ['REQUEST_QUEUES', 'a b', /must be names of Service Bus queues$/],
    ['RETRY_QUEUE', '/retries', /must be the name of a Service Bus queue$/],
    ['RETRY_QUEUE', 'retries/', /must be the name of a Service Bus queue$/],
    ['RETRY_QUEUE', 'q'.repeat(261), /must be the name of a Service Bus queue$/],
    ['RESULT_QUEUE', 'a,b', /must be the name of a Service Bus queue$/],
    ['REPLY_QUEUES', ',', /single commas$/],
    ['QUEUE_RETRY_BASE_SECONDS', '0', /must be a whole number of seconds, 1 to 99999$/],
    ['QUEUE_RETRY_BASE_SECONDS', '05', /must be a whole number of seconds, 1 to 99999$/],
    ['QUEUE_RETRY_MAX_SECONDS', '100000', /must be a whole number of seconds, 1 to 99999$/],
    ['OTEL_BSP_SCHEDULE_DELAY', '05', /must be a whole number of milliseconds, 1 to 9999999$/],
    ['OTEL_BSP_SCHEDULE_DELAY', '1s', /must be a whole number of milliseconds/],
    ['OTEL_METRIC_EXPORT_INTERVAL', '10000000', /must be a whole number of milliseconds/],
    ['QUEUE_RETRY_LIMIT', '-1', /must be a whole number, 0 to 999$/],
    ['QUEUE_RETRY_LIMIT', '1000', /must be a whole number, 0 to 999$/],
    ['FAILURE_RETENTION_DAYS', '05', /must be a whole number of days, 1 to 9999$/],
    ['FAILURE_RETENTION_DAYS', '10000', /must be a whole number of days, 1 to 9999$/],
    ['FAILURE_RETENTION_DAYS', '1.5', /must be a whole number of days, 1 to 9999$/],
    ['RECONCILE_SCHEDULE', '0 * * * * * *', /must be an NCRONTAB expression of six fields$/],
    ['RECONCILE_SCHEDULE', '* * * * *', /must be an NCRONTAB expression of six fields$/],
    ['MODE', 'revoke-only', /must be normal or paused$/],
    ['RECONCILE_PAGE_SIZE', '1001', /must be a whole number, 1 to 1000$/],
    ['LEASE_SECONDS', '161', /must be at most 160: a queue locks a message for 180$/],
    ['SETTLE_SECONDS', '9', /must be at least LEASE_MARGIN_SECONDS$/],
    ['AzureFunctionsJobHost__functionTimeout', '00:04:00', /must be more than 240 seconds/],
    ['AzureFunctionsJobHost__functionTimeout', '5 minutes', /must look like 00:05:00$/],
    ['AzureFunctionsJobHost__functionTimeout', '000:05:00', /must look like 00:05:00$/],
    ['AzureFunctionsJobHost__functionTimeout', '00:05:000', /must look like 00:05:00$/],
    ['LEASE_SECONDS', '1e3', /must be a whole number of seconds/],
    ['LEASE_SECONDS', '109', /must be at least MINT_DEADLINE_SECONDS \+ STORE_DEADLINE_SECONDS/],
    ['MINT_DEADLINE_SECONDS', '101', /^LEASE_SECONDS: must be at least/],
    ['QUEUE_RETRY_BASE_SECONDS', '301', /must not exceed QUEUE_RETRY_MAX_SECONDS$/],
    ['REQUEST_QUEUES', 'requests,Requests', /must differ/],
    ['REQUEST_QUEUES', 'team/a,team-a', /must differ/],
    ['REQUEST_QUEUES', 'team-a,teamA', /must differ/],
    ['REQUEST_QUEUES', 'q'.repeat(121), /may have at most 120 letters and digits$/],
    ['RETRY_QUEUE', 'requests', /must not be a request queue/],
    ['RETRY_QUEUE', 'REQUESTS', /must not be a request queue/],
    ['EVENT_SENDER_ROLE', 'KeyVending.Operator', /must not be OPERATOR_ROLE/],
    ['RESULT_QUEUE', 'Retries', /must be neither a request queue nor the retry queue nor the event queue$/],
    ['EVENT_QUEUE', 'Retries', /its only sender is Event Grid$/],
    ['EVENT_QUEUE', 'Requests', /its only sender is Event Grid$/],
    ['EVENT_TOPIC_NAME', 'Retries', /must name none of the queues/],
    ['EVENT_TOPIC_NAME', 'Requests', /must name none of the queues/],
    ['EVENT_TOPIC_NAME', 'Results', /must name none of the queues/],
    ['EVENT_TOPIC_NAME', 'a b', /must be the name of a Service Bus topic$/],
    ['EVENT_TOPIC_ENDPOINT', 'http://t.eventgrid.azure.net/api/events', /must look like https/],
    ['EVENT_TOPIC_ENDPOINT', 'from https://t.eventgrid.azure.net/api/events', /must look like https/],
    ['EVENT_TOPIC_ENDPOINT', 'https://t.eventgrid.azure.net/api/events/more', /must look like https/],
    ['RESULT_QUEUE', 'requests', /must be neither/],
    ['REPLY_QUEUES', 'portal,RETRIES', /must name neither/],
    ['REPLY_QUEUES', 'requests', /must name neither/],
    ['ServiceBusConnection', 'Endpoint=sb://ns.servicebus.windows.net/', /set exactly one of/],
    ['POLICY_FILE', 'policy.json', /^POLICY: set exactly one of POLICY \(JSON\) and POLICY_FILE/],
    ['POLICY', POLICY_WITHOUT_CLUSTERS, /^POLICY: rules\[0\]\.clusters: must have at least one entry/],
    ['POLICY', '{"rules": [], "rules": []}', /^POLICY: policy: the name \/rules occurs more than once$/],
  ])('refuses %s=%s', (variable, value, why) => {
    const [line = '', ...more] = complaints({ [variable]: value });
    expect(line).toMatch(why);
    expect(more).toEqual([]);
  });

  it.each<[contradiction: string, settings: Env, why: RegExp]>([
    [
      'an event queue for replies',
      { EVENT_QUEUE: 'events', REPLY_QUEUES: 'events' },
      /^REPLY_QUEUES: must name neither/,
    ],
    ['an event queue for results', { EVENT_QUEUE: 'events', RESULT_QUEUE: 'events' }, /^RESULT_QUEUE: must be neither/],
    ['a topic named as the event queue', { EVENT_QUEUE: 'events', EVENT_TOPIC_NAME: 'events' }, /^EVENT_TOPIC_NAME:/],
    ['a topic named as a reply queue', { REPLY_QUEUES: 'portal', EVENT_TOPIC_NAME: 'portal' }, /^EVENT_TOPIC_NAME:/],
    [
      'two topics',
      { EVENT_TOPIC_ENDPOINT: 'https://t.eventgrid.azure.net/api/events', EVENT_TOPIC_NAME: 'topic' },
      /^EVENT_TOPIC_ENDPOINT: set at most one of/,
    ],
    [
      'a bus by no connection string',
      { ServiceBusConnection__fullyQualifiedNamespace: '', ServiceBusConnection: 'to Endpoint=sb://ns/' },
      /^ServiceBusConnection: must be a Service Bus connection string$/,
    ],
  ])('refuses %s', (_, settings, why) => {
    const [line = '', ...more] = complaints(settings);
    expect(line).toMatch(why);
    expect(more).toEqual([]);
  });

  it.each<Env>([
    { LEASE_SECONDS: '160' },
    { LEASE_SECONDS: '110' },
    { SETTLE_SECONDS: '10' },
    { QUEUE_RETRY_BASE_SECONDS: '300' },
    { REQUEST_QUEUES: 'q'.repeat(120) },
    { RETRY_QUEUE: 'q' },
    { RESULT_QUEUE: 'q'.repeat(260) },
    { LEDGER_TABLE_NAME: 'key' },
    { AzureFunctionsJobHost__functionTimeout: '01:00:00' },
    { ServiceBusConnection__fullyQualifiedNamespace: 'NS.servicebus.windows.net' },
    { EVENT_TOPIC_NAME: 'topic' },
  ])('takes what is just inside the bounds: %j', (settings) => {
    expect(complaints(settings)).toEqual([]);
  });

  it('names a policy file that cannot be read or is wrong under its own name', () => {
    const file = { POLICY: undefined, POLICY_FILE: 'policy.json' };
    const unreadable = (): string => {
      throw new Error(`ENOENT ${HUSH}`);
    };
    expect(complaints(file, unreadable)).toEqual(['POLICY_FILE: the file cannot be read']);
    expect(complaints(file, () => '{"rule": []}')).toEqual([
      'POLICY_FILE: rules: is required',
      'POLICY_FILE: rule: is not a known field',
    ]);
    expect(complaints(file, () => '// Nobody yet.\n{"rules": []}')).toEqual([]);
  });

  it('repeats no value: settings may hold secrets', () => {
    for (const variable of [...Object.keys(REQUIRED), 'ServiceBusConnection', 'AZURE_CREDENTIAL', 'LEASE_SECONDS']) {
      const lines = complaints({ [variable]: `${HUSH} \u0000` });
      expect([variable, lines.join()]).toEqual([variable, expect.not.stringContaining(HUSH)]);
    }
  });
});
