import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import rhea, { type Connection, type ConnectionOptions, type EventContext, type Message, type Receiver } from 'rhea';
import { afterEach, beforeEach } from 'vitest';
import { keepTransfersEncoded } from '../../../src/sandbox/servicebus/wire/rhea-internals.ts';
import type { Rig } from './rig.ts';

/** A client that is free to send what no other would, fresh for each test. */
export interface RawClient {
  connection: Connection;
  connect(options: { username?: string; sasl_mechanisms?: object }): Promise<Connection>;
  request(address: string, message: Omit<Message, 'reply_to'>): Promise<Message>;
  putToken(resource: string, audience?: string, secondsLeft?: number): Promise<Message>;
  /** What arrives from now on comes as bytes: rhea's reading does not say of which type a number or a text is. */
  keepEncoded(): void;
}

export function useRawClient(rig: Rig): RawClient {
  const client: RawClient = {
    connection: rhea.create_connection(),
    connect: async (options) => {
      const container = rhea.create_container();
      container.on('disconnected', () => undefined);
      const address = { host: '127.0.0.1', port: rig.broker.port, reconnect: false };
      const opened = container.connect({ ...address, ...options } as ConnectionOptions);
      await once(opened, 'connection_open');
      return opened;
    },
    request: async (address, message) => {
      const answers = client.connection.open_receiver({ source: address, target: { address: 'answers' } });
      await once(answers, 'receiver_open');
      client.connection.open_sender(address).send({ ...message, message_id: 'r', reply_to: 'answers' });
      const [{ message: answer }] = (await once(answers, 'message')) as [EventContext];
      if (answer === undefined) throw new Error('no answer');
      return answer;
    },
    putToken: (resource, audience = resource, secondsLeft = 60) => {
      const [sr, se] = [encodeURIComponent(resource), Math.floor(Date.now() / 1000) + secondsLeft];
      const sig = encodeURIComponent(createHmac('sha256', 'SAS_KEY_VALUE').update(`${sr}\n${se}`).digest('base64'));
      const type = 'servicebus.windows.net:sastoken';
      return client.request('$cbs', {
        body: `SharedAccessSignature sr=${sr}&sig=${sig}&se=${se}&skn=RootManageSharedAccessKey`,
        application_properties: { operation: 'put-token', type, name: audience },
      });
    },
    keepEncoded: () => {
      keepTransfersEncoded(client.connection.open_receiver({ source: '$cbs', target: { address: 'unused' } }).session);
    },
  };
  beforeEach(async () => {
    client.connection = await client.connect({ username: 'anonymous' });
  });
  afterEach(async () => {
    client.connection.close();
    await once(client.connection, 'connection_close');
  });
  return client;
}

/** The condition of the error with which a link is refused. */
export async function refusalOf(receiver: Receiver): Promise<unknown> {
  await once(receiver, 'receiver_error');
  return (receiver.error as { condition?: string }).condition;
}
