import '../../src/sandbox/kit/no-delay.ts';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { ServiceBusClient } from '@azure/service-bus';
import * as z from 'zod';
import { WORLD } from '../../src/sandbox/azure/world.ts';

/** Asks for one key, and resolves once it is vended. */
export type Vend = () => Promise<void>;

export interface Driver {
  readonly vend: Vend;
  close(): Promise<void>;
}

const { environmentId, clusterId } = WORLD.target;
/** What is asked for, over either transport. */
export const orderOf = (id: string) => ({ environmentId, clusterId, name: 'bench', description: `bench ${id}` });

/** One request each, over connections that are kept. */
export function overHttp(url: string, callerToken: string): Driver {
  const agent = new Agent({ keepAlive: true });
  const post = (idempotencyKey: string, body: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${callerToken}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'idempotency-key': idempotencyKey,
      };
      const sent = request(`${url}/api/v1/credentials`, { method: 'POST', agent, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  return {
    vend: async () => {
      const id = randomUUID();
      const { status, text } = await post(id, JSON.stringify(orderOf(id)));
      if (status !== 201) throw new Error(`A vend was answered ${status}: ${text}`);
    },
    close: async () => agent.destroy(),
  };
}

/** An answer without a status is about a key. */
export const isVended = (body: unknown): boolean =>
  z.object({ status: z.literal('vended').default('vended') }).safeParse(body).success;

/** One message each, and one reply that correlates with it. */
export function overQueue(connectionString: string): Driver {
  const client = new ServiceBusClient(connectionString);
  const sender = client.createSender(WORLD.queues.request);
  const receiver = client.createReceiver(WORLD.queues.result, { receiveMode: 'receiveAndDelete' });
  const waiting = new Map<unknown, ReturnType<typeof Promise.withResolvers<void>>>();
  const subscription = receiver.subscribe(
    {
      processMessage: async ({ correlationId, body }) => {
        const one = waiting.get(correlationId);
        waiting.delete(correlationId);
        if (isVended(body)) one?.resolve();
        else one?.reject(new Error(`A vend was answered ${JSON.stringify(body)}`));
      },
      processError: async ({ error }) => {
        for (const one of waiting.values()) one.reject(error);
      },
    },
    { maxConcurrentCalls: 256 },
  );
  return {
    vend: async () => {
      const messageId = randomUUID();
      const answered = Promise.withResolvers<void>();
      waiting.set(messageId, answered);
      await sender.sendMessages({ messageId, contentType: 'application/json', body: orderOf(messageId) });
      await answered.promise;
    },
    close: async () => {
      await subscription.close();
      await client.close();
    },
  };
}
