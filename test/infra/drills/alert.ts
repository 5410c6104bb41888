import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { runQuery } from './run-query.ts';
import type { Row } from './values.ts';

const infraFile = (path: string): string => readFileSync(`${import.meta.dirname}/../../../infra/${path}`, 'utf8');
const MINUTE_MS = 60_000;
/** `windowSize` of the alerts that read a metric. */
const METRIC_WINDOW_MS = 15 * MINUTE_MS;

const alerts = infraFile('modules/alerts.bicep');

/** What the control API of a sandbox answers: a GET, or a POST with a body. */
export type Ask = (path: string, body?: object) => Promise<unknown>;

const lineSchema = z.object({
  time: z.iso.datetime(),
  message: z.string(),
  functionName: z.string().default(''),
  invocationId: z.string().default(''),
});
const clockSchema = z.object({ now: z.iso.datetime() });
const queueSchema = z.object({ deadLetters: z.array(z.unknown()) });
const gridSchema = z.object({
  subscriptions: z.array(
    z.object({ name: z.string(), deadLettered: z.array(z.looseObject({ lastdeliveryattempttime: z.iso.datetime() })) }),
  ),
});
const busSchema = z.object({
  serviceBus: z.object({
    requestQueue: z.string(),
    retryQueue: z.string(),
    resultQueue: z.string(),
    replyQueues: z.array(z.string()),
    eventQueue: z.string(),
  }),
});

/**
 * The rows that an alert would find in a sandbox now. It is over when it finds none.
 *
 * @throws Error for an alert that infra/modules/alerts.bicep does not have
 */
export async function findingsOf(name: string, ask: Ask): Promise<readonly Row[]> {
  const [, hours, minutes, days] =
    new RegExp(`name: '${name}'[^}]*lookback: 'P(?:T(?:(\\d+)H|(\\d+)M)|(\\d+)D)'`).exec(alerts) ?? [];
  const lookbackMs = (Number(days ?? 0) * 24 * 60 + Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE_MS;
  const now = Date.parse(clockSchema.parse(await ask('/clock')).now);
  if (name === 'dead-letters') return deadLetters(ask);
  if (name === 'event-dead-letters') return eventDeadLetters(ask, now - METRIC_WINDOW_MS);
  if (lookbackMs === 0) throw new Error(`infra/modules/alerts.bicep has no alert ${name}.`);
  return runQuery(infraFile(`alerts/${name}.kql`), tablesOf(await ask('/logs'), now - lookbackMs), now);
}

/** The log as Application Insights keeps it. */
function tablesOf(logs: unknown, since: number): ReadonlyMap<string, readonly Row[]> {
  const lines = z.array(z.unknown()).parse(logs);
  const traces = lines.flatMap((line) => {
    const { data } = lineSchema.safeParse(line);
    const at = data === undefined ? Number.NaN : Date.parse(data.time);
    if (data === undefined || at < since) return [];
    const { message, functionName, invocationId } = data;
    return [{ TimeGenerated: at, Message: message, OperationName: functionName, OperationId: invocationId }];
  });
  const requests = traces.flatMap(({ Message, ...rest }) => {
    const [, how] = /^Executed 'Functions\.\w+' \((Succeeded|Failed),/.exec(Message) ?? [];
    return how === undefined ? [] : [{ ...rest, Success: how === 'Succeeded' }];
  });
  return new Map<string, readonly Row[]>([
    ['AppTraces', traces],
    ['AppRequests', requests],
  ]);
}

/** The metric DeadletteredMessages, by queue. */
async function deadLetters(ask: Ask): Promise<readonly Row[]> {
  const { serviceBus } = busSchema.parse(await ask('/'));
  const { requestQueue, retryQueue, resultQueue, replyQueues, eventQueue } = serviceBus;
  const queues = [requestQueue, retryQueue, resultQueue, ...replyQueues, eventQueue];
  const counts = await Promise.all(
    queues.map(async (queue) => ({
      EntityName: queue,
      DeadletteredMessages: queueSchema.parse(await ask(`/queues/${queue}`)).deadLetters.length,
    })),
  );
  return counts.filter(({ DeadletteredMessages: count }) => count > 0);
}

/** The metric DeadLetteredCount, by event subscription. */
async function eventDeadLetters(ask: Ask, since: number): Promise<readonly Row[]> {
  const { subscriptions } = gridSchema.parse(await ask('/eventgrid'));
  return subscriptions
    .map(({ name, deadLettered }) => ({
      EventSubscriptionName: name,
      DeadLetteredCount: deadLettered.filter(({ lastdeliveryattempttime: at }) => Date.parse(at) >= since).length,
    }))
    .filter(({ DeadLetteredCount: count }) => count > 0);
}
