import type * as z from 'zod';
import { crossFieldErrors } from './cross-field-errors.ts';
import type { QueueSettings } from './functions/queue/services.ts';
import { type Settings, settingsSchema, type TelemetrySettings, telemetryOf } from './settings.ts';
import { DAY_MS, type Timings } from './vending/model/timings.ts';
import { type Policy, parsePolicy, type VendSettings } from './vending/policy/policy.ts';
import type { ReconcileBounds } from './vending/review/reconcile.ts';

/** The app setting, or the prefix of the settings, by which queue triggers find their namespace. */
export const BUS_CONNECTION = 'ServiceBusConnection';
const BUS_NAMESPACE = `${BUS_CONNECTION}__fullyQualifiedNamespace`;
const ONE_BUS = `${BUS_CONNECTION}: set exactly one of ${BUS_NAMESPACE} (identity) and ${BUS_CONNECTION} (connection string)`;

export interface Config {
  readonly credential: Settings['AZURE_CREDENTIAL'];
  readonly clientId: string | undefined;
  readonly tenantId: string;
  readonly audiences: readonly string[];
  readonly operatorRole: string;
  readonly ledger: { readonly endpoint: string; readonly table: string };
  readonly bus: { readonly connectionString: string } | { readonly fullyQualifiedNamespace: string };
  readonly requestQueues: readonly string[];
  readonly events: EventSettings;
  readonly queues: QueueSettings;
  readonly vend: VendSettings;
  readonly timings: Timings;
  /** Absent: nothing is measured. */
  readonly telemetry: TelemetrySettings | undefined;
  readonly reconcile: { readonly schedule: string; readonly bounds: ReconcileBounds };
}

export interface EventSettings {
  /** Only Event Grid sends to it. */
  readonly queue: string | undefined;
  readonly senderRole: string;
  readonly allowedOrigins: readonly string[];
  /** Where events are published; absent: nowhere. */
  readonly topic:
    | { readonly kind: 'event-grid'; readonly endpoint: string }
    | { readonly kind: 'service-bus'; readonly topic: string }
    | undefined;
}

/** Thrown at start. The message names every variable that is missing or wrong, on one line: the host shows only the first. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(lines: readonly string[]) {
    super(`The function cannot start: ${lines.join(' | ')}`);
  }
}

export interface ConfigSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads `POLICY_FILE`; throws if it cannot. */
  readFile(path: string): string;
}

/** @throws {ConfigError} naming every variable that is missing, wrong or contradicts another. */
export function readConfig(source: ConfigSource): Config {
  // A template leaves an app setting empty where it means none.
  const env = Object.fromEntries(Object.entries(source.env).filter(([, value]) => value !== ''));
  // Parsed once: compiling code for it would take longer than it saves.
  const settings = settingsSchema.safeParse(env, { jitless: true });
  const policy = readPolicy({ ...source, env });
  const lines = [
    ...firstOfEach(settings.error?.issues ?? []).map(({ path: [name], message }) => `${String(name)}: ${message}`),
    ...(isOneGiven(env, BUS_CONNECTION, BUS_NAMESPACE) ? [] : [ONE_BUS]),
    ...(settings.success ? crossFieldErrors(settings.data, timingsOf(settings.data)) : []),
    ...(policy.kind === 'invalid' ? policy.lines : []),
  ];
  if (!settings.success || policy.kind === 'invalid' || lines.length > 0) throw new ConfigError(lines);
  return assemble(settings.data, policy.value);
}

/** One line is enough for a variable. */
const firstOfEach = (issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] =>
  issues.filter(({ path }, at) => issues.findIndex((other) => other.path[0] === path[0]) === at);

const isOneGiven = (env: ConfigSource['env'], one: string, other: string): boolean =>
  (env[one] === undefined) !== (env[other] === undefined);

function readPolicy({ env, readFile }: ConfigSource): ReturnType<typeof parsePolicy> {
  const { POLICY: inline, POLICY_FILE: file } = env;
  if (!isOneGiven(env, 'POLICY', 'POLICY_FILE')) {
    return { kind: 'invalid', lines: ['POLICY: set exactly one of POLICY (JSON) and POLICY_FILE (a path)'] };
  }
  const name = inline === undefined ? 'POLICY_FILE' : 'POLICY';
  const text = inline ?? textOf(file ?? '', readFile);
  if (text === undefined) return { kind: 'invalid', lines: ['POLICY_FILE: the file cannot be read'] };
  const parsed = parsePolicy(text);
  return parsed.kind === 'valid' ? parsed : { kind: 'invalid', lines: parsed.lines.map((line) => `${name}: ${line}`) };
}

function textOf(path: string, readFile: ConfigSource['readFile']): string | undefined {
  try {
    return readFile(path);
  } catch {
    return undefined;
  }
}

/** Credentials that one instance reviews at once. Few, so that vends keep their share of ARM's write budget. */
const RECONCILE_CONCURRENCY = 4;

const timingsOf = (settings: Settings): Timings => ({
  leaseMs: settings.LEASE_SECONDS,
  settleMs: settings.SETTLE_SECONDS,
  mintDeadlineMs: settings.MINT_DEADLINE_SECONDS,
  storeDeadlineMs: settings.STORE_DEADLINE_SECONDS,
  marginMs: settings.LEASE_MARGIN_SECONDS,
  retentionMs: settings.FAILURE_RETENTION_DAYS * DAY_MS,
});

function assemble(settings: Settings, policy: Policy): Config {
  const { ServiceBusConnection: connectionString, ServiceBusConnection__fullyQualifiedNamespace: namespace } = settings;
  return {
    credential: settings.AZURE_CREDENTIAL,
    clientId: settings.AZURE_CLIENT_ID,
    tenantId: settings.ENTRA_TENANT_ID.toLowerCase(),
    audiences: settings.ENTRA_AUDIENCE,
    operatorRole: settings.OPERATOR_ROLE,
    ledger: { endpoint: settings.LEDGER_TABLE_ENDPOINT, table: settings.LEDGER_TABLE_NAME },
    bus: connectionString === undefined ? { fullyQualifiedNamespace: namespace ?? '' } : { connectionString },
    requestQueues: settings.REQUEST_QUEUES,
    events: eventsOf(settings),
    queues: {
      retryQueue: settings.RETRY_QUEUE,
      resultQueue: settings.RESULT_QUEUE,
      replyQueues: settings.REPLY_QUEUES,
      backoff: {
        baseMs: settings.QUEUE_RETRY_BASE_SECONDS,
        maxMs: settings.QUEUE_RETRY_MAX_SECONDS,
        maxAttempts: settings.QUEUE_RETRY_LIMIT,
      },
    },
    vend: {
      mode: settings.MODE,
      policy,
      targetDefaults: defaultsOf(settings),
      defaultVaultUrl: settings.KEY_VAULT_URL,
    },
    timings: timingsOf(settings),
    telemetry: telemetryOf(settings),
    reconcile: {
      schedule: settings.RECONCILE_SCHEDULE,
      bounds: { page: settings.RECONCILE_PAGE_SIZE, concurrency: RECONCILE_CONCURRENCY },
    },
  };
}

function eventsOf(settings: Settings): EventSettings {
  const { EVENT_TOPIC_ENDPOINT: endpoint, EVENT_TOPIC_NAME: topic } = settings;
  return {
    queue: settings.EVENT_QUEUE,
    senderRole: settings.EVENT_SENDER_ROLE,
    allowedOrigins: settings.EVENT_ALLOWED_ORIGINS,
    topic:
      endpoint !== undefined
        ? { kind: 'event-grid', endpoint }
        : topic === undefined
          ? undefined
          : { kind: 'service-bus', topic },
  };
}

function defaultsOf(settings: Settings): VendSettings['targetDefaults'] {
  const {
    CONFLUENT_SUBSCRIPTION_ID: subscriptionId,
    CONFLUENT_RESOURCE_GROUP: resourceGroupName,
    CONFLUENT_ORGANIZATION: organizationName,
  } = settings;
  return {
    ...(subscriptionId === undefined ? {} : { subscriptionId }),
    ...(resourceGroupName === undefined ? {} : { resourceGroupName }),
    ...(organizationName === undefined ? {} : { organizationName }),
  };
}
