import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceBusClient } from '@azure/service-bus';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { type AzureProcess, startAzureProcess } from './azure/process.ts';
import { isVended, orderOf } from './drivers.ts';
import { CONTENDERS, type Contestant, type Rig } from './rig.ts';
import { usageOf } from './usage.ts';

const BATCH = 250;
const POLL_MS = 50;
/** Without any answer for so long, there will be none. */
const PATIENCE_MS = 60_000;

export interface BacklogRow {
  readonly contender: Contestant;
  readonly messages: number;
  /** From when the function's triggers listen until every message is answered and none is left. */
  readonly seconds: number;
  /** The function's process, host included, in milliseconds. Unknown off Linux. */
  readonly cpuMsPerMessage?: number;
  /** Empty: each message was answered once, and there is one key for each. */
  readonly discrepancies: readonly string[];
}

/** Messages that lie on the request queue before anybody looks. */
export async function measureBacklog(rig: Rig, messages: number): Promise<BacklogRow[]> {
  const rows: BacklogRow[] = [];
  for (const contender of CONTENDERS) rows.push(await drain(rig, contender, messages));
  return rows;
}

async function drain(rig: Rig, name: Contestant, messages: number): Promise<BacklogRow> {
  const azure = await startAzureProcess();
  const client = new ServiceBusClient(azure.settings.ServiceBusConnection ?? '');
  const ids = Array.from({ length: messages }, () => randomUUID());
  await enqueue(client, ids);
  const replies = collectReplies(client);
  const contender = await rig.start(name, { azure });
  try {
    const { wallMs, cpuMs } = await usageOf(contender, () => untilDrained(azure, replies, messages));
    return {
      ...{ contender: name, messages, seconds: wallMs / 1000 },
      ...(cpuMs && { cpuMsPerMessage: cpuMs.function / messages }),
      discrepancies: await discrepanciesOf(azure, ids, replies),
    };
  } finally {
    await client.close();
    await contender.close();
  }
}

async function enqueue(client: ServiceBusClient, ids: readonly string[]): Promise<void> {
  const sender = client.createSender(WORLD.queues.request);
  for (let from = 0; from < ids.length; from += BATCH) {
    const batch = ids.slice(from, from + BATCH);
    await sender.sendMessages(
      batch.map((messageId) => ({ messageId, contentType: 'application/json', body: orderOf(messageId) })),
    );
  }
  await sender.close();
}

/** How often each message was answered, by its id. */
interface Replies {
  readonly answered: Map<string, number>;
  readonly refusals: unknown[];
}

function collectReplies(client: ServiceBusClient): Replies {
  const replies: Replies = { answered: new Map(), refusals: [] };
  client.createReceiver(WORLD.queues.result, { receiveMode: 'receiveAndDelete' }).subscribe(
    {
      processMessage: async ({ correlationId, body }) => {
        const id = String(correlationId);
        replies.answered.set(id, (replies.answered.get(id) ?? 0) + 1);
        if (!isVended(body)) replies.refusals.push(body);
      },
      processError: async ({ error }) => void replies.refusals.push(error),
    },
    { maxConcurrentCalls: 256 },
  );
  return replies;
}

/** Or until nothing moves any more. The discrepancies then name what is missing. */
async function untilDrained(azure: AzureProcess, { answered }: Replies, messages: number): Promise<void> {
  let [seen, since] = [0, performance.now()];
  const isMoving = (): boolean => {
    if (answered.size > seen) [seen, since] = [answered.size, performance.now()];
    return performance.now() - since < PATIENCE_MS;
  };
  while (answered.size < messages && isMoving()) await sleep(POLL_MS);
  while ((await azure.tally()).requests > 0 && isMoving()) await sleep(POLL_MS);
}

async function discrepanciesOf(
  azure: AzureProcess,
  ids: readonly string[],
  { answered, refusals }: Replies,
): Promise<string[]> {
  const { keys, requests, retries, deadLetters } = await azure.tally();
  const wrong = ids.filter((id) => answered.get(id) !== 1).length;
  const counts: readonly (readonly [count: number, expected: number, what: string])[] = [
    [wrong, 0, 'messages not answered once'],
    [answered.size, ids.length, 'messages answered'],
    [refusals.length, 0, 'answers that vend nothing'],
    [keys, ids.length, 'keys at ARM'],
    [requests, 0, 'messages on the request queue'],
    [retries, 0, 'messages on the retry queue'],
    [deadLetters, 0, 'dead letters'],
  ];
  return counts.flatMap(([count, expected, what]) => (count === expected ? [] : [`${count} ${what}, not ${expected}`]));
}
