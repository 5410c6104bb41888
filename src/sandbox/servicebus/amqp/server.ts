import { createServer, type Socket } from 'node:net';
import rhea, { type EventContext } from 'rhea';
import { listen, type RunningService } from '../../kit/http-service.ts';
import type { Entity } from '../entities/entity.ts';
import type { Topic } from '../entities/topic.ts';
import { offerSasl, serveAmqp } from '../wire/rhea-internals.ts';
import { MAX_MESSAGE_BYTES } from '../wire/wire-message.ts';
import { ServedConnection } from './connection.ts';
import type { Exchanges } from './exchanges.ts';
import { divertHttp } from './http-refusal.ts';

const MAX_FRAME_BYTES = 65_536;
const SENDER_CREDIT = 1_000;
/** Deliveries of one session that are not settled yet. rhea's 2,048 stall a receiver that leaves some unsettled. */
const UNSETTLED_DELIVERIES = 65_536;

const CONNECTION_OPTIONS = {
  max_frame_size: MAX_FRAME_BYTES,
  // A server's connections wait for an ACK that their peer delays by 40 ms, unless this is set.
  tcp_no_delay: true,
  session_buffer_size: { outgoing: UNSETTLED_DELIVERIES },
  receiver_options: { autoaccept: false, credit_window: SENDER_CREDIT, max_message_size: MAX_MESSAGE_BYTES },
  sender_options: { max_message_size: MAX_MESSAGE_BYTES, treat_modified_as_released: false },
} as const;

/** Serves AMQP 1.0 without TLS on loopback. */
export async function serveBus(
  entities: ReadonlyMap<string, Entity | Topic>,
  exchanges: Exchanges,
  port: number,
): Promise<RunningService> {
  const container = rhea.create_container({ id: 'servicebus-sandbox' });
  offerSasl(container);
  container.on('connection_open', ({ connection }: EventContext) => {
    new ServedConnection(connection, entities, exchanges, () => cut(connection.socket as Socket));
  });
  container.on('disconnected', () => undefined);
  container.on('protocol_error', (error: unknown) =>
    console.error(`sandbox: a bus client broke the protocol: ${error}`),
  );
  container.on('error', (error: unknown) => console.error('sandbox: the bus emulator failed', error));
  const server = createServer((socket) => divertHttp(socket, () => serveAmqp(container, CONNECTION_OPTIONS, socket)));
  return listen(server, port, cut);
}

/** Destroyed without an error, the socket leaves rhea with a connection whose heartbeat keeps the process alive. */
function cut(socket: Socket): void {
  socket.destroy(new Error('The connection was cut by the sandbox.'));
}
