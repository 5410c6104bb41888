import type { HttpHandler, ServiceBusQueueHandler, TimerHandler } from '@azure/functions';
import { withDeadline, within } from './azure/deadline.ts';
import type { Config } from './config.ts';
import { connect } from './connect.ts';
import { beginBulk, controlBulk, getBulk } from './functions/http/bulk.ts';
import { agreeToEvents, receiveEvents } from './functions/http/events.ts';
import { createGate } from './functions/http/gate.ts';
import { live, ready } from './functions/http/health.ts';
import { openApi } from './functions/http/openapi.ts';
import { findKeyOwner, listOpenCredentials, resolveCredential } from './functions/http/operations.ts';
import { getCredential, getCredentials } from './functions/http/read-credentials.ts';
import { recoverLedger } from './functions/http/recover.ts';
import { endOverlap, revokeCredential, rotateKey, vendKey } from './functions/http/write-credentials.ts';
import { handleEvents, handleRequests, handleRetries } from './functions/queue/handle.ts';
import { createEventIntake } from './functions/queue/retry-messages.ts';
import type { RouteName } from './functions/routes.ts';
import { reconcileOnTimer } from './functions/timer.ts';
import { INVOCATION_MS } from './settings.ts';
import { ABSENCE_PROVES_MS } from './vending/model/timings.ts';

/** What the triggers call. */
export interface Handlers {
  readonly http: Readonly<Record<RouteName, HttpHandler>>;
  readonly reconcile: TimerHandler;
  readonly retries: ServiceBusQueueHandler;
  requests(queue: string): ServiceBusQueueHandler;
  events(queue: string): ServiceBusQueueHandler;
  /** Fetches tokens and opens connections ahead of need. Does not throw: the call that needs them reports what fails. */
  warmUp(): Promise<void>;
  /** Waits for what is under way, as long as the worker lets it. */
  close(): Promise<void>;
}

/** The worker ends the process five seconds after it asks the function to end. */
const SHUTDOWN_MS = 4_500;
/** The share of it for invocations and background tasks. The rest is for telemetry. */
const DRAIN_MS = 3_500;

/** Wires the triggers to the domain. */
export function createHandlers(config: Config): Handlers {
  const { operatorRole, queues, vend: settings } = config;
  const { senderRole, allowedOrigins } = config.events;
  const stopping = new AbortController();
  const { tasks, effects, messenger, telemetry, authenticator, checks, clock } = connect(config, stopping.signal);
  const gate = createGate(authenticator);
  const credentials = { gate, effects, settings, operatorRole };
  // An attempt that an earlier instance began ends with its invocation; what it sent settles, and its key becomes visible.
  const recoverableAt = clock.now() + INVOCATION_MS.queue + config.timings.settleMs + ABSENCE_PROVES_MS;
  const intake = createEventIntake(messenger, queues.retryQueue, clock);
  const services = { effects, settings, messenger, queues, operatorRole, intake };

  /** Every invocation ends in time, and the end of the process waits for it. */
  const bounded =
    <Arguments extends readonly unknown[], Answer>(
      ms: number,
      handler: (...given: Arguments) => Answer | Promise<Answer>,
    ): ((...given: Arguments) => Promise<Answer>) =>
    (...given) =>
      tasks.track(withDeadline(ms, async () => handler(...given)));
  const http = (handler: HttpHandler): HttpHandler => bounded(INVOCATION_MS.http, handler);
  const queue = (handler: ServiceBusQueueHandler): ServiceBusQueueHandler => bounded(INVOCATION_MS.queue, handler);

  return {
    http: {
      vendKey: http(vendKey(credentials)),
      listCredentials: http(getCredentials(credentials)),
      getCredential: http(getCredential(credentials)),
      revokeCredential: http(revokeCredential(credentials)),
      rotateKey: http(rotateKey(credentials)),
      endOverlap: http(endOverlap(credentials)),
      listOpenCredentials: http(listOpenCredentials(credentials)),
      beginBulk: http(beginBulk(credentials)),
      getBulk: http(getBulk(credentials)),
      controlBulk: http(controlBulk(credentials)),
      recoverLedger: http(recoverLedger({ ...credentials, recoverableAt })),
      findKey: http(findKeyOwner(credentials)),
      resolveCredential: http(resolveCredential(credentials)),
      receiveEvents: http(receiveEvents({ gate, policy: settings.policy, operatorRole, senderRole, intake })),
      agreeToEvents: agreeToEvents(allowedOrigins),
      openapi: openApi(),
      live,
      ready: ready(checks, clock),
    },
    reconcile: bounded(INVOCATION_MS.timer, reconcileOnTimer(effects, settings, config.reconcile.bounds)),
    retries: queue(handleRetries(services)),
    requests: (name) => queue(handleRequests(services, name)),
    events: (name) => queue(handleEvents(services, name)),
    warmUp: async () => {
      await Promise.all([authenticator.warmUp(), ...checks.map(({ passes }) => passes())]);
    },
    close: async () => {
      stopping.abort();
      await within(SHUTDOWN_MS, async () => {
        await within(DRAIN_MS, () => tasks.done()).catch(() => undefined);
        await telemetry?.close();
      }).catch(() => undefined);
    },
  };
}
