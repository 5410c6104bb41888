import { readFileSync } from 'node:fs';
import {
  app,
  type HttpHandler,
  type HttpMethod,
  type ServiceBusQueueHandler,
  type TimerHandler,
} from '@azure/functions';
import { BUS_CONNECTION, readConfig } from './config.ts';
import { triggerName } from './contradictions.ts';
import type { Handlers } from './handlers.ts';

const config = readConfig({ env: process.env, readFile: (path) => readFileSync(path, 'utf8') });

let handlers: Promise<Handlers> | undefined;

/**
 * The SDKs take several times as long to load as everything here, and no trigger needs them to be registered: they are a
 * chunk of their own in the bundle. A bundle without it fails every invocation, and ends the process as well.
 */
function load(): Promise<Handlers> {
  handlers ??= import('./handlers.ts').then(({ createHandlers }) => createHandlers(config));
  return handlers;
}

type HandlerOf<Handler> = (handlers: Handlers) => Handler;

function http(name: string, method: HttpMethod, route: string, handlerOf: HandlerOf<HttpHandler>): void {
  app.http(name, {
    // Anonymous to the host: host keys are shared secrets, and every route but health and the schema checks a token itself.
    authLevel: 'anonymous',
    methods: [method],
    route,
    handler: async (request, context) => handlerOf(await load())(request, context),
  });
}

function queue(name: string, queueName: string, handlerOf: HandlerOf<ServiceBusQueueHandler>): void {
  app.serviceBusQueue(name, {
    connection: BUS_CONNECTION,
    queueName,
    handler: async (message, context) => handlerOf(await load())(message, context),
  });
}

function timer(name: string, schedule: string, handlerOf: HandlerOf<TimerHandler>): void {
  app.timer(name, { schedule, handler: async (tick, context) => handlerOf(await load())(tick, context) });
}

http('vend-key', 'POST', 'v1/api-keys', ({ vendKey }) => vendKey);
http('get-request', 'GET', 'v1/api-keys/{requestId}', ({ getRequest }) => getRequest);
http('revoke-key', 'DELETE', 'v1/api-keys/{requestId}', ({ revokeKey }) => revokeKey);
http('rotate-key', 'POST', 'v1/api-keys/{requestId}/rotate', ({ rotateKey }) => rotateKey);
http('openapi', 'GET', 'v1/openapi.json', ({ openApi }) => openApi);
http('live', 'GET', 'health/live', ({ live }) => live);
http('ready', 'GET', 'health/ready', ({ ready }) => ready);
http('list-intents', 'GET', 'v1/operations/intents', ({ listIntents }) => listIntents);
http('resolve-intent', 'POST', 'v1/operations/intents/{requestId}/resolve', ({ resolveIntent }) => resolveIntent);
http('receive-events', 'POST', 'v1/events', ({ receiveEvents }) => receiveEvents);
http('agree-to-events', 'OPTIONS', 'v1/events', ({ agreeToEvents }) => agreeToEvents);

timer('reconcile', config.reconcile.schedule, ({ reconcile }) => reconcile);

for (const name of config.requestQueues) queue(triggerName(name), name, ({ requests }) => requests(name));
queue('retries', config.queues.retryQueue, ({ retries }) => retries);
const { queue: eventQueue } = config.events;
if (eventQueue !== undefined) queue('events', eventQueue, ({ events }) => events(eventQueue));

app.hook.appTerminate(async () => (await handlers)?.close());

// The host has yet to hear of the triggers, and then to serve somebody: by that time all is there.
setImmediate(() => void load().then(({ warmUp }) => warmUp()));
