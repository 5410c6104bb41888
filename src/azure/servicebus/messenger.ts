import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import type { Messenger, OutgoingMessage, SendOutcome } from '../../vending/ports/messaging.ts';
import { within } from '../deadline.ts';
import { traceOf } from '../upstream-trace.ts';
import type { MessengerOptions } from './client.ts';

/** The client retries opening the link within each retry of the send: together they may take minutes. */
const DEADLINE_MS = 30_000;

/**
 * One connection and one sender for each queue, both opened by the first send; the client reopens what fails.
 *
 * A send that was repeated, or that went unanswered, may have left the message twice: the queues' duplicate detection
 * keeps the first of each `messageId`.
 */
export function createMessenger(options: MessengerOptions): Messenger & { close(): Promise<void> } {
  const senders = new Map<string, ServiceBusSender>();
  let opening: Promise<ServiceBusClient> | undefined;

  async function senderOf(queue: string): Promise<ServiceBusSender> {
    opening ??= open(options).catch((error: unknown) => {
      // The process may have had too many files open: the next send tries again.
      opening = undefined;
      throw error;
    });
    const client = await opening;
    const sender = senders.get(queue) ?? client.createSender(queue);
    senders.set(queue, sender);
    return sender;
  }

  async function sendMessage(queue: string, message: ServiceBusMessage): Promise<SendOutcome> {
    try {
      const sender = await senderOf(queue);
      await within(DEADLINE_MS, (abortSignal) => sender.sendMessages(message, { abortSignal }));
      return { kind: 'sent' };
    } catch (error) {
      return { kind: 'not-sent', upstream: traceOf('bus', error) };
    }
  }

  return {
    send: (queue, message) => sendMessage(queue, wireMessage(message)),
    sendLater: (queue, message, notBefore) =>
      sendMessage(queue, { ...wireMessage(message), scheduledEnqueueTimeUtc: notBefore }),
    close: async () => {
      const client = await opening?.catch(() => undefined);
      await client?.close();
    },
  };
}

/** This SDK takes longest to load of all, and a process that sends nothing does not need it. */
const open = async (options: MessengerOptions): Promise<ServiceBusClient> =>
  (await import('./client.ts')).openClient(options);

/**
 * The body goes as bytes, in an AMQP data section: every consumer (.NET, the Functions host, any AMQP library) reads the
 * text as it is. A string would be wrapped in quotes, since this client JSON-encodes whatever is not bytes.
 */
function wireMessage(message: OutgoingMessage): ServiceBusMessage {
  const { body, applicationProperties, ...properties } = message;
  return {
    ...properties,
    body: Buffer.from(body, 'utf8'),
    ...(applicationProperties === undefined ? {} : { applicationProperties: { ...applicationProperties } }),
  };
}
