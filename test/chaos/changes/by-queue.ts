import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { EmulatedAzure } from '../../../src/sandbox/azure.ts';
import { WORLD } from '../../../src/sandbox/world.ts';
import type { Message, Order } from '../orders.ts';
import { QUEUE } from '../orders.ts';
import type { Random } from '../random.ts';
import type { Watch } from '../watch.ts';

/** A message about a key that exists. */
export interface ChangeMessage {
  readonly operation: 'rotate' | 'revoke';
  /** Of the request whose key it is about. */
  readonly requestId: string;
  readonly message: Message;
}

type QueueOrder = Extract<Order, { kind: 'queue' }>;

const LOOK_MS = 700;
const { request, result, reply } = WORLD.queues;
const vendedSchema = z.object({ requestId: z.string(), secret: z.object({ name: z.string() }) });

export interface Sender {
  readonly azure: EmulatedAzure;
  readonly watch: Watch;
  readonly orders: readonly Order[];
  /** What is on the request queue: broker and senders repeat it. */
  readonly sent: Message[];
}

/** Reads the replies as they come, and rotates or revokes what was vended by message as its order's fate says. */
export async function changeByQueue(sender: Sender, random: Random, storm: AbortSignal): Promise<ChangeMessage[]> {
  const { azure, watch, orders, sent } = sender;
  const changes = new Map<string, readonly ChangeMessage[]>();
  const isToBeChanged = (order: Order): order is QueueOrder =>
    order.kind === 'queue' && order.fate !== 'kept' && !changes.has(order.requestId);
  const change = (order: QueueOrder, secretName: string): void => {
    const { requestId, fate } = order;
    if (fate === 'rotated') watch.add({ requestId, caller: QUEUE, secretName });
    const ordered = changesOf(order, random);
    changes.set(requestId, ordered);
    for (const { message } of ordered) azure.broker.enqueue(request, message);
    sent.push(...ordered.map(({ message }) => message));
  };
  while (!storm.aborted) {
    await sleep(LOOK_MS, undefined, { signal: storm }).catch(() => undefined);
    const vended = vendedReplies(azure);
    for (const order of orders.filter(isToBeChanged)) {
      const secretName = vended.get(order.requestId);
      if (secretName !== undefined) change(order, secretName);
    }
  }
  return [...changes.values()].flat();
}

/** Secret names by request id. */
function vendedReplies({ broker }: EmulatedAzure): ReadonlyMap<string, string> {
  const replies = [result, reply].flatMap((queue) => broker.view(queue)?.messages ?? []);
  const bodies = replies.flatMap(({ body }) => vendedSchema.safeParse(body).data ?? []);
  return new Map(bodies.map(({ requestId, secret }) => [requestId, secret.name]));
}

function changesOf({ fate, requestId, messages }: QueueOrder, random: Random): readonly ChangeMessage[] {
  const operation = fate === 'revoked' ? 'revoke' : 'rotate';
  const [first] = messages;
  const senders = random.chance(0.4) ? ['a', 'b', 'c'] : ['a'];
  return senders.map((sender) => {
    const messageId = `${operation}-${first?.messageId}-${sender}`;
    const to = random.chance(0.2) ? { replyTo: reply } : {};
    return { operation, requestId, message: { messageId, body: { operation, requestId }, ...to } };
  });
}
