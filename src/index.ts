import { readFileSync } from 'node:fs';
import { app, type ServiceBusQueueHandler } from '@azure/functions';
import { BUS_CONNECTION, readConfig } from './config.ts';
import { triggerName } from './cross-field-errors.ts';
import { HEALTH_ROUTES, type HttpRoute, ROUTES } from './functions/routes.ts';
import type { Handlers } from './handlers.ts';

/**
 * Without it the host lays the fields of a JSON body over the message's metadata, so a sender could forge them. The library
 * has no type for it.
 */
const AS_BYTES = { dataType: 'binary' } as const;

let handlers: Promise<Handlers> | undefined;

/**
 * The SDKs take several times as long to load as everything here, and no trigger needs them to be registered. So they are a
 * chunk of their own in the bundle. A bundle without it fails every invocation, and ends the process as well.
 */
function load(): Promise<Handlers> {
  handlers ??= import('./handlers.ts').then(({ createHandlers }) => createHandlers(config));
  return handlers;
}

for (const route of HEALTH_ROUTES) http(route);

const config = readConfig({ env: process.env, readFile: (path) => readFileSync(path, 'utf8') });

for (const route of ROUTES) http(route);

for (const name of config.requestQueues) queue(triggerName(name), name, ({ requests }) => requests(name));
queue('retries', config.queues.retryQueue, ({ retries }) => retries);
const { queue: eventQueue } = config.events;
if (eventQueue !== undefined) queue('events', eventQueue, ({ events }) => events(eventQueue));

app.timer('reconcile', {
  schedule: config.reconcile.schedule,
  handler: async (tick, context) => (await load()).reconcile(tick, context),
});

app.hook.appTerminate(async () => (await handlers)?.close());

// The host has yet to learn of the triggers before it sends a request. Until then everything can be loaded.
setImmediate(() => void load().then(({ warmUp }) => warmUp()));

function http({ name, method, route }: HttpRoute): void {
  app.http(name, {
    // Anonymous to the host: host keys are shared secrets. Every route but health and the schema checks a token itself.
    authLevel: 'anonymous',
    methods: [method],
    route,
    handler: async (request, context) => (await load()).http[name](request, context),
  });
}

function queue(name: string, queueName: string, handlerOf: (handlers: Handlers) => ServiceBusQueueHandler): void {
  app.serviceBusQueue(name, {
    ...AS_BYTES,
    connection: BUS_CONNECTION,
    queueName,
    handler: async (message, context) => handlerOf(await load())(message, context),
  });
}
