import * as z from 'zod';
import {
  normalizeVaultUrl,
  ORGANIZATION_NAME,
  RESOURCE_GROUP_NAME,
  SUBSCRIPTION_ID,
  VAULT_URL,
} from './vending/model/resources.ts';

/**
 * Milliseconds that an invocation may take. A gateway waits 230 seconds for an answer. `host.json` lets a function run for
 * five minutes, and renews the lock of its message for as long.
 */
export const INVOCATION_MS = { http: 200_000, queue: 240_000, timer: 240_000 } as const;

const required = (what: string) => z.string({ error: `is required: ${what}` });
const matching = (pattern: RegExp, rule: string, what: string) => required(what).regex(pattern, rule);
const list = (what: string) =>
  required(what)
    .transform((text) => text.split(',').map((item) => item.trim()))
    .refine((items) => items.every((item) => item !== ''), 'must be names separated by single commas');
const queueName = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,258}[A-Za-z0-9])?$/;
const queue = (what: string) => matching(queueName, 'must be the name of a Service Bus queue', what);
const queueList = (what: string) =>
  list(what).refine((names) => names.every((name) => queueName.test(name)), 'must be names of Service Bus queues');
/** Read in seconds, used in milliseconds. */
const seconds = (standard: number) =>
  z
    .string()
    .default(String(standard))
    .refine((text) => /^[1-9]\d{0,4}$/.test(text), 'must be a whole number of seconds, 1 to 99999')
    .transform((text) => Number(text) * 1000);

const milliseconds = (standard: number) =>
  z
    .string()
    .default(String(standard))
    .refine((text) => /^[1-9]\d{0,6}$/.test(text), 'must be a whole number of milliseconds, 1 to 9999999')
    .transform(Number);

/** `hh:mm:ss`, in milliseconds; -1: unlimited. */
const timeSpan = (standard: string) =>
  z
    .string()
    .default(standard)
    .refine((text) => text === '-1' || /^\d\d:[0-5]\d:[0-5]\d$/.test(text), 'must look like 00:05:00')
    .transform((text) => {
      const [hours = 0, minutes = 0, secs = 0] = text.split(':').map(Number);
      return text === '-1' ? Number.POSITIVE_INFINITY : ((hours * 60 + minutes) * 60 + secs) * 1000;
    });

/** The app settings, one by one. Every default stands here and nowhere else. */
export const settingsSchema = z.object({
  AZURE_CREDENTIAL: z
    .enum(['managed-identity', 'azure-cli'], 'must be managed-identity or azure-cli')
    .default('managed-identity'),
  AZURE_CLIENT_ID: z.string().regex(SUBSCRIPTION_ID, 'must be a UUID').optional(),
  ENTRA_TENANT_ID: matching(SUBSCRIPTION_ID, 'must be a UUID', 'the tenant whose tokens callers present'),
  ENTRA_AUDIENCE: list('the audience of those tokens, such as api://confluent-api-key-vending'),
  MODE: z.enum(['normal', 'paused'], 'must be normal or paused').default('normal'),
  RECONCILE_SCHEDULE: z
    .string()
    .regex(/^(\S+ ){5}\S+$/, 'must be an NCRONTAB expression of six fields')
    .default('0 * * * * *'),
  RECONCILE_PAGE_SIZE: z
    .string()
    .default('200')
    .refine((text) => /^(?:[1-9]\d{0,2}|1000)$/.test(text), 'must be a whole number, 1 to 1000')
    .transform(Number),
  /** The host's own. Absent: what host.json says. */
  AzureFunctionsJobHost__functionTimeout: timeSpan('00:05:00'),
  OPERATOR_ROLE: z.string().default('KeyVending.Operator'),
  CONFLUENT_SUBSCRIPTION_ID: z.string().regex(SUBSCRIPTION_ID, 'must be a UUID').optional(),
  CONFLUENT_RESOURCE_GROUP: z.string().regex(RESOURCE_GROUP_NAME, 'must be the name of a resource group').optional(),
  CONFLUENT_ORGANIZATION: z.string().regex(ORGANIZATION_NAME, 'must be the name of an organization').optional(),
  KEY_VAULT_URL: matching(
    VAULT_URL,
    'must look like https://name.vault.azure.net, without a path',
    'the vault for keys whose policy rule names none',
  ).transform(normalizeVaultUrl),
  LEDGER_TABLE_ENDPOINT: matching(
    /^https:\/\/[a-z0-9-]+\.table\.[a-z.-]+\/?$/,
    'must look like https://account.table.core.windows.net, without a path',
    'the table service of the storage account',
  ).transform((url) => url.replace(/\/$/, '')),
  LEDGER_TABLE_NAME: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]{2,62}$/, 'must be 3 to 63 letters or digits')
    .default('apikeyvending'),
  ServiceBusConnection: z
    .string()
    .regex(/^Endpoint=sb:\/\//, 'must be a Service Bus connection string')
    .optional(),
  ServiceBusConnection__fullyQualifiedNamespace: z
    .string()
    .regex(/^[a-z0-9-]+\.servicebus\.[a-z.-]+$/i, 'must look like name.servicebus.windows.net')
    .optional(),
  REQUEST_QUEUES: queueList('the queues that requests arrive on, separated by commas'),
  RETRY_QUEUE: queue("the function's own queue for what it tries again"),
  RESULT_QUEUE: queue('the queue for replies'),
  REPLY_QUEUES: queueList('').default([]),
  EVENT_QUEUE: queue('').optional(),
  EVENT_SENDER_ROLE: z.string().default('KeyVending.EventSender'),
  EVENT_ALLOWED_ORIGINS: list('').default([]),
  EVENT_TOPIC_ENDPOINT: z
    .string()
    .regex(
      /^https:\/\/[a-z0-9.-]+\.eventgrid\.azure\.net\/api\/events$/,
      'must look like https://topic.region.eventgrid.azure.net/api/events',
    )
    .optional(),
  EVENT_TOPIC_NAME: z.string().regex(queueName, 'must be the name of a Service Bus topic').optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .regex(
      /^https?:\/\/[A-Za-z0-9.[\]:-]+(?:\/[\w./-]*)?$/,
      'must be the URL of an OTLP/HTTP collector, without a password',
    )
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  OTEL_SERVICE_NAME: z.string().default('confluent-api-key-vending'),
  OTEL_BSP_SCHEDULE_DELAY: milliseconds(5_000),
  OTEL_METRIC_EXPORT_INTERVAL: milliseconds(60_000),
  QUEUE_RETRY_BASE_SECONDS: seconds(5),
  QUEUE_RETRY_MAX_SECONDS: seconds(300),
  QUEUE_RETRY_LIMIT: z
    .string()
    .default('12')
    .refine((text) => /^\d{1,3}$/.test(text), 'must be a whole number, 0 to 999')
    .transform(Number),
  LEASE_SECONDS: seconds(150),
  SETTLE_SECONDS: seconds(60),
  MINT_DEADLINE_SECONDS: seconds(60),
  STORE_DEADLINE_SECONDS: seconds(30),
  LEASE_MARGIN_SECONDS: seconds(10),
  FAILURE_RETENTION_DAYS: z
    .string()
    .default('30')
    .refine((text) => /^[1-9]\d{0,3}$/.test(text), 'must be a whole number of days, 1 to 9999')
    .transform(Number),
});
export type Settings = z.infer<typeof settingsSchema>;

export interface TelemetrySettings {
  readonly endpoint: string;
  readonly serviceName: string;
  readonly spanDelayMs: number;
  readonly metricIntervalMs: number;
}

/** @returns undefined where no collector is named: then nothing is measured. */
export function telemetryOf(settings: Settings): TelemetrySettings | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: serviceName } = settings;
  if (endpoint === undefined) return undefined;
  const { OTEL_BSP_SCHEDULE_DELAY: spanDelayMs, OTEL_METRIC_EXPORT_INTERVAL: metricIntervalMs } = settings;
  return { endpoint, serviceName, spanDelayMs, metricIntervalMs };
}
