import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceBusClient } from '@azure/service-bus';
import type { AppWorker } from './app-worker.ts';
import type { HostOptions } from './host-json.ts';
import { listenHttp } from './http-listener.ts';
import type { InvocationReport } from './invocation-reports.ts';
import { createInvoker, type Invoke } from './invoker.ts';
import type { HostLog } from './log.ts';
import { parseNcrontab } from './ncrontab.ts';
import { compileRoute, orderRoutes } from './routes.ts';
import { openConnection } from './service-bus-connection.ts';
import { listenQueue } from './service-bus-listener.ts';
import type { AppSettings } from './settings.ts';
import { listenTimer } from './timer-listener.ts';
import { readTrigger, type Trigger } from './triggers.ts';

/** How long the real host waits, one after the other, for requests, for messages and for the worker. */
const HTTP_DRAIN_MS = 30_000;
const QUEUE_DRAIN_MS = 10_000;
const TERMINATE_MS = 5_000;

export interface FunctionSummary {
  readonly name: string;
  readonly trigger: Trigger['kind'];
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly queue?: string;
  readonly schedule?: string;
}

export interface RunningHost {
  readonly port: number;
  readonly functions: readonly FunctionSummary[];
  /** Why there are none. */
  readonly startError: string | undefined;
  /** Lets requests end, then messages and timers, then runs the appTerminate hooks: each for a while. */
  stop(): Promise<void>;
}

export interface HostContext {
  readonly worker: AppWorker;
  readonly options: HostOptions;
  readonly settings: AppSettings;
  readonly log: HostLog;
  readonly port: number;
  readonly report?: ((report: InvocationReport) => void) | undefined;
}

interface HostedFunction {
  readonly name: string;
  readonly trigger: Trigger;
}

interface Listener {
  close(): Promise<void>;
}

/** @throws {HostStartError} when a function cannot be served. */
export async function startListeners(context: HostContext): Promise<RunningHost> {
  const { worker, options, settings } = context;
  const app = await worker.loaded();
  const functions = app.functions.map((metadata) => ({
    name: metadata.functionId ?? metadata.name,
    trigger: readTrigger(metadata, settings),
  }));
  const invoke = createInvoker({ ...context, timeout: options.functionTimeout });
  const http = await startHttp(context, functions, invoke);
  const clients = new Map<string, ServiceBusClient>();
  const pumps = startPumps(context, functions, clients, invoke);
  return {
    port: http.port,
    functions: functions.map((fn) => summarize(fn, options.routePrefix)),
    startError: app.startError,
    stop: async () => {
      await atMost(HTTP_DRAIN_MS, http.close());
      await atMost(QUEUE_DRAIN_MS, Promise.allSettled(pumps.map((pump) => pump.close())));
      await atMost(TERMINATE_MS, worker.terminate());
      await Promise.allSettled([...clients.values()].map((client) => client.close()));
    },
  };
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, sleep(ms, undefined, { signal: timer.signal })]).finally(() => timer.abort());
}

function startHttp(context: HostContext, functions: readonly HostedFunction[], invoke: Invoke) {
  const bindings = new Map(functions.map(({ name, trigger }) => [name, trigger.binding]));
  const routes = functions.flatMap(({ name, trigger }) =>
    trigger.kind === 'http'
      ? [compileRoute(name, withPrefix(context.options.routePrefix, trigger.route), trigger.methods)]
      : [],
  );
  return listenHttp(context.port, { ...context, routes: orderRoutes(routes), bindings, invoke });
}

function startPumps(
  { options, settings, log }: HostContext,
  functions: readonly HostedFunction[],
  clients: Map<string, ServiceBusClient>,
  invoke: Invoke,
): Listener[] {
  const clientFor = (connection: string): ServiceBusClient => {
    const client = clients.get(connection) ?? openConnection(connection, settings);
    clients.set(connection, client);
    return client;
  };
  const prepare = ({ name, trigger }: HostedFunction): (() => Listener) | undefined => {
    switch (trigger.kind) {
      case 'http':
        return undefined;
      case 'queue': {
        const client = clientFor(trigger.connection);
        const { serviceBus } = options;
        return () => listenQueue({ client, functionName: name, trigger, serviceBus, invoke, log });
      }
      case 'timer': {
        const schedule = parseNcrontab(trigger.schedule);
        return () => listenTimer(name, trigger, schedule, invoke);
      }
    }
  };
  const starters = functions.map(prepare).filter((start) => start !== undefined);
  // All are checked before the first one begins to take work.
  return starters.map((start) => start());
}

function summarize({ name, trigger }: HostedFunction, prefix: string): FunctionSummary {
  switch (trigger.kind) {
    case 'http':
      return { name, trigger: 'http', route: withPrefix(prefix, trigger.route), methods: trigger.methods };
    case 'queue':
      return { name, trigger: 'queue', queue: trigger.queue };
    case 'timer':
      return { name, trigger: 'timer', schedule: trigger.schedule };
  }
}

const withPrefix = (prefix: string, route: string): string => (prefix === '' ? route : `${prefix}/${route}`);
