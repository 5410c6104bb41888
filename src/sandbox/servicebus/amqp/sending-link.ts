import type { AmqpError, EventContext, Receiver } from 'rhea';
import type { Entity } from '../entities/entity.ts';
import type { Topic } from '../entities/topic.ts';
import { rejectIncoming } from '../wire/rhea-internals.ts';
import { MAX_MESSAGE_BYTES, summaryOf, toIncoming, unpackTransfer } from '../wire/wire-message.ts';
import { conditions } from './conditions.ts';
import type { Exchanges } from './exchanges.ts';

/** Takes in what a client's sender sends: single messages and batches. */
export function serveSendingLink(
  receiver: Receiver,
  entity: Entity | Topic,
  exchanges: Exchanges,
  cut: () => void,
): void {
  receiver.on('message', ({ message: payload, delivery }: EventContext) => {
    if (!Buffer.isBuffer(payload) || delivery === undefined) return;
    const steps = {
      act: () => {
        const refusal = enqueueTransfer(entity, payload, delivery.format);
        return () => (refusal === undefined ? delivery.accept() : rejectIncoming(delivery, refusal));
      },
      refuse: (condition: string) => rejectIncoming(delivery, conditions.injected(condition)),
      cut,
    };
    exchanges.run('send', steps, {
      queue: receiver.target?.address ?? '',
      messages: () => unpackTransfer(payload, delivery.format)?.map(summaryOf) ?? [],
    });
  });
}

/** All messages of the transfer or none. */
function enqueueTransfer(entity: Entity | Topic, payload: Buffer, format: number | null): AmqpError | undefined {
  if (payload.length > MAX_MESSAGE_BYTES) return conditions.tooLarge(payload.length, MAX_MESSAGE_BYTES);
  const messages = unpackTransfer(payload, format);
  if (messages === undefined) return conditions.undecodable();
  for (const message of messages) entity.enqueue(toIncoming(message));
  return undefined;
}
