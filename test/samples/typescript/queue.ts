/** Vends by queue: `SERVICE_BUS_CONNECTION=… node queue.ts order-1`. */
import { randomUUID } from 'node:crypto';
import { argv, env } from 'node:process';
import { ServiceBusClient, type ServiceBusReceivedMessage, type ServiceBusReceiver } from '@azure/service-bus';

const REQUESTS = 'vend-requests';
/** A reply queue of your own, which `REPLY_QUEUES` of the service names. */
const REPLIES = 'portal-replies';
const MAX_TRIES = 3;
/** The service tries for minutes before it answers with a problem. */
const MAX_WAIT_MS = 600_000;

/**
 * Sends a request and waits for its answer. A message id counts once within the hour, and an answer to it is final. So each try has
 * a message id of its own, and all have one idempotency key: no try makes a second key.
 */
async function vendByQueue(bus: ServiceBusClient, order: string, request: object): Promise<ServiceBusReceivedMessage> {
  const sender = bus.createSender(REQUESTS);
  const replies = bus.createReceiver(REPLIES);
  try {
    for (let tries = 1; ; tries++) {
      const messageId = randomUUID();
      await sender.sendMessages({
        body: { ...request, idempotencyKey: order },
        contentType: 'application/json',
        messageId,
        replyTo: REPLIES,
      });
      const answer = await answerTo(messageId, replies);
      if (answer.body.status !== 503 || tries === MAX_TRIES) return answer;
      console.error(`${answer.subject}: ${answer.body.detail} It is sent again.`);
    }
  } finally {
    await Promise.all([sender.close(), replies.close()]);
  }
}

/** Takes other answers off the queue too: a program that has several requests under way keeps them by `correlationId`. */
async function answerTo(messageId: string, replies: ServiceBusReceiver) {
  for (const end = Date.now() + MAX_WAIT_MS; Date.now() < end; ) {
    for (const message of await replies.receiveMessages(1, { maxWaitTimeInMs: 10_000 })) {
      await replies.completeMessage(message);
      if (message.correlationId === messageId) return message;
    }
  }
  throw new Error(`No answer to ${messageId} came. Send the request again, with the same idempotency key.`);
}

// In Azure: new ServiceBusClient('NAMESPACE.servicebus.windows.net', new DefaultAzureCredential()).
const bus = new ServiceBusClient(env.SERVICE_BUS_CONNECTION ?? '');
const request = { environmentId: 'env-12132', clusterId: 'clusterId-123', name: 'orders' };
const { subject, body } = await vendByQueue(bus, argv[2] ?? 'order-1', request);
console.log(subject === 'vended' ? `vended ${body.id} ${body.secret.keyVaultReference}` : `${subject}: ${body.detail}`);
await bus.close();
