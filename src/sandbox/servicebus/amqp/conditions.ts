import type { AmqpError } from 'rhea';

/** Error conditions as the service words them; the client turns each into its own error code. */
export const conditions = {
  entityNotFound: (address: string): AmqpError => ({
    condition: 'amqp:not-found',
    description: `The messaging entity '${address}' could not be found.`,
  }),
  unauthorized: (address: string): AmqpError => ({
    condition: 'amqp:unauthorized-access',
    description: `Unauthorized access. No valid claim was put for '${address}'.`,
  }),
  lockLost: (): AmqpError => ({
    condition: 'com.microsoft:message-lock-lost',
    description:
      'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
  }),
  messageNotFound: (): AmqpError => ({
    condition: 'com.microsoft:message-not-found',
    description: 'The specified message does not exist.',
  }),
  tooLarge: (size: number, limit: number): AmqpError => ({
    condition: 'amqp:link:message-size-exceeded',
    description: `The received message (size:${size} bytes) exceeds the limit (${limit} bytes) currently allowed on the link.`,
  }),
  notAllowed: (description: string): AmqpError => ({ condition: 'amqp:not-allowed', description }),
  notImplemented: (what: string): AmqpError => ({
    condition: 'amqp:not-implemented',
    description: `The sandbox does not emulate ${what}.`,
  }),
  undecodable: (): AmqpError => ({ condition: 'amqp:decode-error', description: 'The message cannot be decoded.' }),
  injected: (condition: string): AmqpError => ({ condition, description: 'Injected by the sandbox.' }),
} as const;
