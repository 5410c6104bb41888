/**
 * Sockets of a process that imports this send at once. In Azure the host's Service Bus client is .NET's, which does so;
 * the one for Node.js leaves Nagle's algorithm on, and each message then waits 40 ms for an ACK that its peer delays.
 */
import { Socket } from 'node:net';

const { connect } = Socket.prototype;

Socket.prototype.connect = function (this: Socket, ...target: unknown[]): Socket {
  this.setNoDelay(true);
  return Reflect.apply(connect, this, target);
};
