import { createConfluentKeys } from './azure/arm/confluent-keys.ts';
import { cachingCredential, createCredential, proveToken, withLastToken } from './azure/credential.ts';
import { createCallerAuthenticator } from './azure/entra/caller-authenticator.ts';
import { createEventPublisher } from './azure/events/event-publisher.ts';
import { ARM_SCOPE, ignoreProxies } from './azure/http.ts';
import { createLedger } from './azure/ledger/ledger.ts';
import { createMessenger } from './azure/servicebus/messenger.ts';
import { createTelemetry } from './azure/telemetry/telemetry.ts';
import { createSecretVault } from './azure/vault/secret-vault.ts';
import type { Config } from './config.ts';
import { createRotationRequests } from './functions/queue/retry-messages.ts';
import { abortableClock, systemClock as clock, createTaskTracker, systemIds as ids } from './runtime.ts';
import type { Effects } from './vending/saga/context.ts';
import { instrumented } from './vending/saga/instrumented.ts';
import { createOutbox } from './vending/saga/outbox.ts';

/** Service Bus renews a token two minutes before its end. */
const LEAST_LEFT_FOR_BUS_MS = 5 * 60_000;

/**
 * Wires the domain to the services that it needs: one client for each, for the life of the process.
 *
 * @param stopping aborted when the process is to end
 */
export function connect(config: Config, stopping: AbortSignal) {
  const ignored = ignoreProxies(process.env);
  if (ignored.length > 0)
    process.emitWarning(`No client of this function uses a proxy, so ${ignored.join(', ')} is ignored.`);
  const identity = createCredential(config.credential, config.clientId);
  // For our own pipelines. The SDKs' clients keep tokens themselves.
  const credential = cachingCredential(identity);
  const vault = createSecretVault({ credential: withLastToken(identity), clock });
  const { timings } = config;
  const ledger = createLedger({ ...config.ledger, credential, timings });
  const messenger = createMessenger(
    'connectionString' in config.bus
      ? config.bus
      : { ...config.bus, credential: withLastToken(identity, LEAST_LEFT_FOR_BUS_MS) },
  );
  const { topic } = config.events;
  const events = topic === undefined ? {} : { events: createEventPublisher(topic, { credential, messenger }) };
  const tasks = createTaskTracker();
  const unobserved: Effects = {
    confluent: createConfluentKeys({ credential }),
    vault,
    ledger,
    clock,
    ids,
    timings,
    rotations: createRotationRequests(messenger, config.queues.retryQueue),
    backgroundTasks: tasks.run,
    outbox: createOutbox({ ledger, clock: abortableClock(stopping), backgroundTasks: tasks.run, stopping, ...events }),
    ...events,
  };
  const telemetry = config.telemetry === undefined ? undefined : createTelemetry(config.telemetry);
  const { defaultVaultUrl } = config.vend;
  return {
    tasks,
    clock,
    effects: telemetry === undefined ? unobserved : instrumented(unobserved, telemetry),
    messenger,
    telemetry,
    authenticator: createCallerAuthenticator({ tenantId: config.tenantId, audience: config.audiences }),
    checks: [
      { name: 'token', passes: async () => (await proveToken(credential, ARM_SCOPE)).kind === 'ok' },
      { name: 'vault', passes: async () => (await vault.proveWritable(defaultVaultUrl)).kind === 'writable' },
      { name: 'ledger', passes: () => ledger.ping() },
    ],
  } as const;
}
