import type { CommandEvent } from '../../vending/events/incoming-event.ts';
import type { IdempotencyKey } from '../../vending/model/idempotency.ts';
import type { FieldError } from '../../vending/model/problems.ts';
import { type Order, parseOrder } from '../../vending/request/operation.ts';

export type OrderRead =
  | { readonly kind: 'valid'; readonly order: Order; readonly key: IdempotencyKey | undefined }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** The data of an event are what a message's body would be; which operation it is the event's type says. */
export function orderOfEvent({ operation, data, source, id }: CommandEvent): OrderRead {
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  const parsed = parseOrder(operation !== 'vend' && isObject ? { ...data, operation } : data);
  if (parsed.kind === 'invalid') return { kind: 'invalid', errors: parsed.errors.map(inData) };
  return parsed.order.operation === operation
    ? orderRead(parsed.order, { kind: 'ce', source, id })
    : { kind: 'invalid', errors: [{ pointer: '/data/operation', detail: 'must be what the type of the event says' }] };
}

/** A key that the sender wrote into the request names it whatever brought it. */
export function orderRead(order: Order, key: IdempotencyKey | undefined): OrderRead {
  const written = order.operation === 'vend' ? order.request.idempotencyKey : undefined;
  return { kind: 'valid', order, key: written === undefined ? key : { kind: 'key', key: written } };
}

const inData = ({ pointer, detail }: FieldError): FieldError => ({ pointer: `/data${pointer}`, detail });
