import { randomUUID } from 'node:crypto';
import { app, type InvocationContext } from '@azure/functions';
import { ServiceBusClient } from '@azure/service-bus';
import { setting } from './setting.ts';
import { requestSchema, vend } from './vend.ts';

const CONNECTION = 'ServiceBusConnection';
const results = new ServiceBusClient(setting(CONNECTION)).createSender(setting('RESULT_QUEUE'));

async function vendKey(message: unknown, context: InvocationContext): Promise<void> {
  const vended = await vend(requestSchema.parse(message));
  const correlationId = String(context.triggerMetadata?.messageId);
  await results.sendMessages({ body: vended, messageId: randomUUID(), correlationId });
  context.log(`vended ${vended.apiKeyId}`);
}

for (const queueName of setting('REQUEST_QUEUES').split(',')) {
  app.serviceBusQueue(`requests-${queueName}`, { connection: CONNECTION, queueName, handler: vendKey });
}
