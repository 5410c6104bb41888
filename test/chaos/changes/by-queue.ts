import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatedAzure } from '../../../src/sandbox/azure/azure.ts';
import { WORLD } from '../../../src/sandbox/azure/world.ts';
import { type CredentialAnswer, credentialAnswerSchema } from '../../../src/vending/answers/credential.ts';
import type { Message, Order, QueueOrder } from '../orders.ts';
import type { Random } from '../random.ts';
import type { Watch } from '../watch.ts';
import { type Change, endOfOverlap, firstChanges } from './change.ts';
import { isWatched } from './over-http.ts';

/** A message about a credential that exists. */
export interface ChangeMessage {
  readonly change: Change;
  readonly message: Message;
}

const LOOK_MS = 700;
const { request, result, reply } = WORLD.queues;

export interface Sender {
  readonly azure: EmulatedAzure;
  readonly watch: Watch;
  readonly orders: readonly Order[];
  /** What is on the request queue: broker and senders repeat it. */
  readonly sent: Message[];
}

/** Reads the replies as they come, and changes what was vended by message as its order's fate says. */
export async function changeByQueue(
  { azure, watch, orders, sent }: Sender,
  random: Random,
  storm: AbortSignal,
): Promise<ChangeMessage[]> {
  const changes: ChangeMessage[] = [];
  const done = new Set<string>();
  const send = (order: QueueOrder, stage: string, wanted: readonly Change[]): void => {
    done.add(`${order.id} ${stage}`);
    const messages = wanted.map((change, number) => messageOf(order, change, number, random));
    for (const { message } of messages) azure.broker.enqueue(request, message);
    sent.push(...messages.map(({ message }) => message));
    changes.push(...messages);
  };
  const follow = (order: QueueOrder, answers: readonly CredentialAnswer[]): void => {
    const vended = answers.find(({ apiKey }) => apiKey !== undefined);
    if (vended?.apiKey !== undefined && !done.has(`${order.id} first`)) {
      if (isWatched(order)) watch.add({ id: order.id, secretName: vended.secret.name });
      send(order, 'first', firstChanges(order, vended.apiKey.id, random));
    }
    const previous = answers.find((answer) => answer.previous !== undefined)?.previous;
    if (previous !== undefined && !done.has(`${order.id} then`))
      send(order, 'then', endOfOverlap(order, previous.apiKeyId, random));
  };
  while (!storm.aborted) {
    await sleep(LOOK_MS, undefined, { signal: storm }).catch(() => undefined);
    const answers = Map.groupBy(readReplies(azure), ({ id }) => id);
    for (const order of orders)
      if (order.kind === 'queue' && order.fate !== 'kept') follow(order, answers.get(order.id) ?? []);
  }
  return changes;
}

const readReplies = ({ broker }: EmulatedAzure): readonly CredentialAnswer[] =>
  [result, reply]
    .flatMap((queue) => broker.view(queue)?.messages ?? [])
    .flatMap(({ body }) => credentialAnswerSchema.safeParse(body).data ?? []);

function messageOf(order: QueueOrder, change: Change, number: number, random: Random): ChangeMessage {
  const messageId = `${change.operation}-${order.messages[0]?.messageId}-${number}`;
  const to = random.chance(0.2) ? { replyTo: reply } : {};
  return { change, message: { messageId, body: bodyOf(change), ...to } };
}

function bodyOf(change: Change): Readonly<Record<string, unknown>> {
  if (change.operation !== 'rotate') return { ...change };
  const { key, ...rest } = change;
  return { ...rest, idempotencyKey: key.key };
}
