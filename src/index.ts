import { readFileSync } from 'node:fs';
import { app } from '@azure/functions';
import { createConfluentKeys } from './azure/arm/confluent-keys.ts';
import { createCredential, proveToken, withLastToken } from './azure/credential.ts';
import { createCallerAuthenticator } from './azure/entra/caller-authenticator.ts';
import { createEventPublisher } from './azure/events/event-publisher.ts';
import { createLedger } from './azure/ledger/ledger.ts';
import { createMessenger } from './azure/servicebus/messenger.ts';
import { createTelemetry } from './azure/telemetry/telemetry.ts';
import { createSecretVault } from './azure/vault/secret-vault.ts';
import { BUS_CONNECTION, readConfig } from './config.ts';
import { triggerName } from './contradictions.ts';
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

const config = readConfig({ env: process.env, readFile: (path) => readFileSync(path, 'utf8') });

const credential = createCredential(config.credential, config.clientId);
const confluent = createConfluentKeys({ credential });
const vault = createSecretVault({ credential: withLastToken(credential), clock });
const ledger = createLedger({ ...config.ledger, credential: withLastToken(credential) });
const messenger = createMessenger('connectionString' in config.bus ? config.bus : { ...config.bus, credential });
const callers = createCallerAuthenticator({ tenantId: config.tenantId, audience: config.audiences });
const { topic } = config.events;
const unobserved = {
  confluent,
  vault,
  ledger,
  clock,
  ids,
  timings: config.timings,
  rotations: createRotationRequests(messenger, config.queues.retryQueue),
  ...(topic === undefined ? {} : { events: createEventPublisher(topic, { credential, messenger }) }),
};
const telemetry = config.telemetry === undefined ? undefined : createTelemetry(config.telemetry);
const effects = telemetry === undefined ? unobserved : observed(unobserved, telemetry);
if (telemetry !== undefined) app.hook.appTerminate(() => telemetry.close());

const checks = [
  {
    name: 'token',
    passes: async () => (await proveToken(credential, 'https://management.azure.com/.default')).kind === 'ok',
  },
  { name: 'vault', passes: async () => (await vault.proveWritable(config.vend.defaultVaultUrl)).kind === 'writable' },
  { name: 'ledger', passes: async () => (await ledger.ping()).kind === 'noted' },
] as const;

// Anonymous to the host: host keys are shared secrets, and every route but health and the schema checks a token itself.
const http = { authLevel: 'anonymous' } as const;
const { operatorRole, vend: settings } = config;
const keys = { authenticator: callers, effects, settings, operatorRole };
app.http('vend-key', {
  ...http,
  methods: ['POST'],
  route: 'v1/api-keys',
  handler: vendKey(keys),
});
app.http('get-request', {
  ...http,
  methods: ['GET'],
  route: 'v1/api-keys/{requestId}',
  handler: getRequest(callers, ledger, operatorRole),
});
app.http('revoke-key', {
  ...http,
  methods: ['DELETE'],
  route: 'v1/api-keys/{requestId}',
  handler: revokeKeyOf(keys),
});
app.http('rotate-key', {
  ...http,
  methods: ['POST'],
  route: 'v1/api-keys/{requestId}/rotate',
  handler: rotateKeyOf(keys),
});
app.http('openapi', { ...http, methods: ['GET'], route: 'v1/openapi.json', handler: openApi() });
app.http('live', { ...http, methods: ['GET'], route: 'health/live', handler: live });
app.http('ready', { ...http, methods: ['GET'], route: 'health/ready', handler: ready(checks, clock) });

const operators = { authenticator: callers, role: operatorRole };
app.http('list-intents', {
  ...http,
  methods: ['GET'],
  route: 'v1/operations/intents',
  handler: listOpenIntents(operators, effects),
});
app.http('resolve-intent', {
  ...http,
  methods: ['POST'],
  route: 'v1/operations/intents/{requestId}/resolve',
  handler: resolveIntent(operators, effects),
});

app.timer('reconcile', {
  schedule: config.reconcile.schedule,
  handler: reconcileOnTimer(effects, config.reconcile.bounds),
});

const intake = createEventIntake(messenger, config.queues.retryQueue);
const { senderRole, allowedOrigins } = config.events;
app.http('receive-events', {
  ...http,
  methods: ['POST'],
  route: 'v1/events',
  handler: receiveEvents({ authenticator: callers, senderRole, intake }),
});
app.http('agree-to-events', {
  ...http,
  methods: ['OPTIONS'],
  route: 'v1/events',
  handler: agreeToEvents(allowedOrigins),
});

const services = { effects, settings, messenger, queues: config.queues, operatorRole, intake };
for (const queueName of config.requestQueues) {
  app.serviceBusQueue(triggerName(queueName), {
    connection: BUS_CONNECTION,
    queueName,
    handler: handleRequests(services, queueName),
  });
}
app.serviceBusQueue('retries', {
  connection: BUS_CONNECTION,
  queueName: config.queues.retryQueue,
  handler: handleRetries(services),
});
const { queue: eventQueue } = config.events;
if (eventQueue !== undefined) {
  app.serviceBusQueue('events', {
    connection: BUS_CONNECTION,
    queueName: eventQueue,
    handler: handleEvents(services, eventQueue),
  });
}
