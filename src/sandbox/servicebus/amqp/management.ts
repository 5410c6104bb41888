import rhea, { type Message } from 'rhea';
import * as z from 'zod';
import type { MessageSummary } from '../../kit/traffic.ts';
import type { Entity } from '../entities/entity.ts';
import { deadLetterProperties } from '../queue/dead-letter.ts';
import type { Settlement } from '../queue/types.ts';
import { encodeForDelivery, MAX_MESSAGE_BYTES, summaryOf, toIncoming, unpackTransfer } from '../wire/wire-message.ts';
import { conditions } from './conditions.ts';
import type { BusOperation, Exchanges } from './exchanges.ts';
import { fromUuidBytes } from './lock-token.ts';
import { failure, type Response } from './request-response.ts';

/** AMQP typecodes of array elements. */
const LONG = 0x81;
const TIMESTAMP = 0x83;

interface Operation {
  /** Its name in the fault plan. */
  readonly name: BusOperation;
  perform(entity: Entity, body: unknown): Response;
}

const bytes = z.instanceof(Buffer);
const peekSchema = z.object({ 'from-sequence-number': z.number(), 'message-count': z.int().positive() });
const scheduleSchema = z.object({ messages: z.array(z.object({ message: bytes })) });
const cancelSchema = z.object({ 'sequence-numbers': z.array(z.number()) });
const renewSchema = z.object({ 'lock-tokens': z.array(bytes) });
const dispositionSchema = z.object({
  'lock-tokens': z.array(bytes),
  'disposition-status': z.enum(['completed', 'abandoned', 'suspended']),
  'deadletter-reason': z.string().optional(),
  'deadletter-description': z.string().optional(),
  'properties-to-modify': z.record(z.string(), z.unknown()).optional(),
});

const OPERATIONS: ReadonlyMap<unknown, Operation> = new Map<string, Operation>([
  ['com.microsoft:peek-message', { name: 'peek', perform: peek }],
  ['com.microsoft:schedule-message', { name: 'schedule', perform: schedule }],
  ['com.microsoft:cancel-scheduled-message', { name: 'cancel-scheduled', perform: cancelScheduled }],
  ['com.microsoft:renew-lock', { name: 'renew-lock', perform: renewLocks }],
  ['com.microsoft:update-disposition', { name: 'settle', perform: updateDisposition }],
]);

/** Answers one request to `<queue>/$management`. */
export function manage(
  entity: Entity,
  exchanges: Exchanges,
  cut: () => void,
  request: Message,
  reply: (response: Response) => void,
): void {
  const asked: unknown = request.application_properties?.operation;
  const operation = OPERATIONS.get(asked);
  if (operation === undefined) {
    reply(failure(501, conditions.notImplemented(`the operation ${String(asked)}`)));
    return;
  }
  const steps = {
    act: () => {
      const response = perform(operation, entity, request.body);
      return () => reply(response);
    },
    refuse: (condition: string) => reply(failure(503, conditions.injected(condition))),
    cut,
  };
  if (operation.name !== 'schedule') exchanges.run(operation.name, steps);
  else exchanges.run('schedule', steps, { queue: entity.queue.name, messages: () => scheduled(request.body) });
}

function scheduled(body: unknown): readonly MessageSummary[] {
  const messages = scheduleSchema.safeParse(body).data?.messages ?? [];
  return messages.flatMap(({ message }) => unpackTransfer(message, null)?.map(summaryOf) ?? []);
}

function perform(operation: Operation, entity: Entity, body: unknown): Response {
  try {
    return operation.perform(entity, body);
  } catch (error) {
    if (error instanceof z.ZodError) return failure(400, conditions.notAllowed(`Malformed request: ${error.message}`));
    throw error;
  }
}

const ok = (body?: Record<string, unknown>): Response => ({
  status: 200,
  description: 'OK',
  ...(body === undefined ? {} : { body }),
});

function peek({ queue }: Entity, body: unknown): Response {
  const { 'from-sequence-number': from, 'message-count': count } = peekSchema.parse(body);
  const messages = queue.peek(from, count).map((message) => ({ message: encodeForDelivery(message) }));
  return messages.length === 0 ? { status: 204, description: 'No content' } : ok({ messages });
}

function schedule(entity: Entity, body: unknown): Response {
  const encoded = scheduleSchema.parse(body).messages.map(({ message }) => message);
  const largest = Math.max(0, ...encoded.map((message) => message.length));
  if (largest > MAX_MESSAGE_BYTES) return failure(403, conditions.tooLarge(largest, MAX_MESSAGE_BYTES));
  const messages = encoded.flatMap((message) => unpackTransfer(message, null) ?? []);
  if (messages.length < encoded.length) return failure(400, conditions.undecodable());
  const numbers = messages.map((message) => entity.enqueue(toIncoming(message)).sequenceNumber);
  return ok({ 'sequence-numbers': rhea.types.wrap_array(numbers, LONG, undefined) });
}

function cancelScheduled({ queue }: Entity, body: unknown): Response {
  const numbers = cancelSchema.parse(body)['sequence-numbers'];
  const cancelled = numbers.map((number) => queue.cancelScheduled(number));
  return cancelled.every(Boolean) ? ok() : failure(404, conditions.messageNotFound());
}

function renewLocks({ queue }: Entity, body: unknown): Response {
  const tokens = renewSchema.parse(body)['lock-tokens'].map(fromUuidBytes);
  const ends = tokens.map((token) => queue.renew(token));
  if (ends.includes(undefined)) return failure(410, conditions.lockLost());
  return ok({ expirations: rhea.types.wrap_array(ends, TIMESTAMP, undefined) });
}

/** How a client settles once the link that brought the message is gone. */
function updateDisposition({ queue }: Entity, body: unknown): Response {
  const request = dispositionSchema.parse(body);
  const settled = request['lock-tokens'].map((token) => queue.settle(fromUuidBytes(token), toSettlement(request)));
  return settled.every(Boolean) ? ok() : failure(410, conditions.lockLost());
}

function toSettlement(request: z.infer<typeof dispositionSchema>): Settlement {
  const properties = request['properties-to-modify'] ?? {};
  switch (request['disposition-status']) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', properties };
    case 'suspended': {
      const why = deadLetterProperties(request['deadletter-reason'], request['deadletter-description']);
      return { kind: 'dead-letter', properties: { ...properties, ...why } };
    }
  }
}
