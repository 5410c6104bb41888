import * as z from 'zod';
import type { EmulatedAzure } from '../../src/sandbox/azure/azure.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { MessageView } from '../../src/sandbox/servicebus/index.ts';

const { request, retry, result, reply, events } = WORLD.queues;
const EVENTS_OUT = `${WORLD.busTopic.name}/Subscriptions/${WORLD.busTopic.subscription}`;

export interface Reply {
  readonly queue: string;
  readonly view: MessageView;
}

export const repliesIn = ({ broker }: EmulatedAzure): readonly Reply[] =>
  [result, reply].flatMap((queue) => (broker.view(queue)?.messages ?? []).map((view) => ({ queue, view })));

/** Bodies of the events that the function published. */
export const eventsIn = ({ broker }: EmulatedAzure): readonly unknown[] =>
  (broker.view(EVENTS_OUT)?.messages ?? []).map(({ body }) => body);

/** Messages that the function has to work on within `ms` from now. */
export function messagesWithin({ broker, clock }: EmulatedAzure, ms: number): readonly MessageView[] {
  const latest = clock.now() + ms;
  return [request, retry, events]
    .flatMap((queue) => broker.view(queue)?.messages ?? [])
    .filter(({ scheduledEnqueueTimeUtc: at }) => at === undefined || Date.parse(at) <= latest);
}

const retryMessageSchema = z.object({ envelope: z.object({ reply: z.object({ correlationId: z.string() }) }) });

/** The senders' ids of messages that were taken too often without being settled, as a crash does it. */
export function deadLetters({ broker }: EmulatedAzure): ReadonlySet<string> {
  const dead = [request, retry].flatMap((queue) => broker.view(queue)?.deadLetters ?? []);
  return new Set(
    dead.map(
      ({ messageId, body }) => retryMessageSchema.safeParse(body).data?.envelope.reply.correlationId ?? messageId ?? '',
    ),
  );
}

/** Everything that the queues and the topic hold. */
export const textOfQueues = ({ broker }: EmulatedAzure): readonly (readonly [queue: string, text: string])[] =>
  [...Object.values(WORLD.queues), EVENTS_OUT].map((queue) => [queue, JSON.stringify(broker.view(queue) ?? null)]);
