import type { HttpHandler, ServiceBusQueueHandler, TimerHandler } from '@azure/functions';
import { createConfluentKeys } from './azure/arm/confluent-keys.ts';
import { ARM_SCOPE } from './azure/authentication.ts';
import { createCredential, proveToken, withLastToken } from './azure/credential.ts';
import { createCallerAuthenticator } from './azure/entra/caller-authenticator.ts';
import { createEventPublisher } from './azure/events/event-publisher.ts';
import { createLedger } from './azure/ledger/ledger.ts';
import { createMessenger } from './azure/servicebus/messenger.ts';
import { createTelemetry } from './azure/telemetry/telemetry.ts';
import { withTokenMemory } from './azure/token-memory.ts';
import { createSecretVault } from './azure/vault/secret-vault.ts';
import { createChores } from './chores.ts';
import type { Config } from './config.ts';
import { revokeKeyOf, rotateKeyOf } from './functions/http/change-key.ts';
import { agreeToEvents } from './functions/http/event-handshake.ts';
import { receiveEvents } from './functions/http/events.ts';
import { getRequest } from './functions/http/get-request.ts';
import { live, ready } from './functions/http/health.ts';
import { openApi } from './functions/http/openapi.ts';
import { listOpenIntents, resolveIntent } from './functions/http/operations.ts';
import { vendKey } from './functions/http/vend-key.ts';
import { handleEvents, handleRequests, handleRetries } from './functions/queue/handle.ts';
import { createEventIntake, createRotationRequests } from './functions/queue/own-messages.ts';
import { reconcileOnTimer } from './functions/timer/reconcile.ts';
import { systemClock as clock, systemIds as ids } from './system.ts';
import { observed } from './vending/observed.ts';
import type { Afterwards } from './vending/ports/background-tasks.ts';

/** What the triggers call. */
export interface Handlers {
  readonly vendKey: HttpHandler;
  readonly getRequest: HttpHandler;
  readonly revokeKey: HttpHandler;
  readonly rotateKey: HttpHandler;
  readonly openApi: HttpHandler;
  readonly live: HttpHandler;
  readonly ready: HttpHandler;
  readonly listIntents: HttpHandler;
  readonly resolveIntent: HttpHandler;
  readonly receiveEvents: HttpHandler;
  readonly agreeToEvents: HttpHandler;
  readonly reconcile: TimerHandler;
  readonly retries: ServiceBusQueueHandler;
  requests(queue: string): ServiceBusQueueHandler;
  events(queue: string): ServiceBusQueueHandler;
  /** Fetches tokens and opens connections ahead of need. Does not throw: what fails now is told when it is needed. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

/** Wires the triggers to the domain, and the domain to the services that it needs. */
export function createHandlers(config: Config): Handlers {
  const { operatorRole, queues, vend: settings } = config;
  const chores = createChores();
  const { effects, messenger, telemetry, callers: authenticator, checks } = connect(config, chores.afterwards);
  const keys = { authenticator, effects, settings, operatorRole };
  const operators = { authenticator, role: operatorRole };
  const intake = createEventIntake(messenger, queues.retryQueue);
  const services = { effects, settings, messenger, queues, operatorRole, intake };
  const { senderRole, allowedOrigins } = config.events;
  return {
    vendKey: vendKey(keys),
    getRequest: getRequest(authenticator, effects.ledger, operatorRole),
    revokeKey: revokeKeyOf(keys),
    rotateKey: rotateKeyOf(keys),
    openApi: openApi(),
    live,
    ready: ready(checks, clock),
    listIntents: listOpenIntents(operators, effects),
    resolveIntent: resolveIntent(operators, effects),
    receiveEvents: receiveEvents({ authenticator, senderRole, intake }),
    agreeToEvents: agreeToEvents(allowedOrigins),
    reconcile: reconcileOnTimer(effects, config.reconcile.bounds),
    retries: handleRetries(services),
    requests: (queue) => handleRequests(services, queue),
    events: (queue) => handleEvents(services, queue),
    warmUp: async () => {
      await Promise.all([authenticator.warmUp(), ...checks.map(({ passes }) => passes())]);
    },
    close: async () => {
      await Promise.all([chores.done(), telemetry?.close()]);
    },
  };
}

/** One client for each service, for the life of the process. */
function connect(config: Config, afterwards: Afterwards) {
  const identity = createCredential(config.credential, config.clientId);
  // For our own pipelines. The SDKs' clients keep tokens themselves: an old one from here, and Service Bus renews in a loop.
  const credential = withTokenMemory(identity);
  const vault = createSecretVault({ credential: withLastToken(identity), clock });
  const ledger = createLedger({ ...config.ledger, credential });
  const messenger = createMessenger(
    'connectionString' in config.bus ? config.bus : { ...config.bus, credential: identity },
  );
  const { topic } = config.events;
  const unobserved = {
    confluent: createConfluentKeys({ credential }),
    vault,
    ledger,
    clock,
    ids,
    afterwards,
    timings: config.timings,
    rotations: createRotationRequests(messenger, config.queues.retryQueue),
    ...(topic === undefined ? {} : { events: createEventPublisher(topic, { credential, messenger }) }),
  };
  const telemetry = config.telemetry === undefined ? undefined : createTelemetry(config.telemetry);
  const { defaultVaultUrl } = config.vend;
  return {
    effects: telemetry === undefined ? unobserved : observed(unobserved, telemetry),
    messenger,
    telemetry,
    callers: createCallerAuthenticator({ tenantId: config.tenantId, audience: config.audiences }),
    checks: [
      {
        name: 'token',
        passes: async () => (await proveToken(credential, ARM_SCOPE)).kind === 'ok',
      },
      { name: 'vault', passes: async () => (await vault.proveWritable(defaultVaultUrl)).kind === 'writable' },
      { name: 'ledger', passes: async () => (await ledger.ping()).kind === 'noted' },
    ],
  } as const;
}
