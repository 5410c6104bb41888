import { createServer } from 'node:http';
import type { Socket } from 'node:net';

const HTTP_REQUEST = /^[A-Z]+ \S* HTTP\/1/;
const WEBSOCKET_PATH = '/$servicebus/websocket';

/** Answers a connection that begins with HTTP in words, in the form of the administration API. A closed socket explains nothing. */
const http = createServer((request, response) => {
  const what = request.url?.toLowerCase().startsWith(WEBSOCKET_PATH)
    ? 'AMQP over WebSockets. Use the transport AMQP over TCP'
    : 'the administration API. Its queues and topics are fixed';
  const body = `<Error><Code>501</Code><Detail>The sandbox does not emulate ${what}.</Detail></Error>`;
  response.writeHead(501, { 'content-type': 'application/xml; charset=utf-8', connection: 'close' }).end(body);
});

/** Looks at what a socket says first: HTTP is refused, and everything else is passed on. */
export function divertHttp(socket: Socket, passOn: () => void): void {
  socket.on('error', () => undefined);
  socket.once('data', (first: Buffer) => {
    socket.pause();
    socket.unshift(first);
    if (HTTP_REQUEST.test(first.toString('latin1'))) http.emit('connection', socket);
    else passOn();
    setImmediate(() => socket.resume());
  });
}
