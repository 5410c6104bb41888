import * as z from 'zod';
import type { CommandEvent, KeyVaultEvent } from '../../vending/events/incoming-event.ts';
import type { IdempotencyKey } from '../../vending/model/idempotency.ts';
import type { FieldError } from '../../vending/model/problems.ts';
import type { ActionableEvent } from '../../vending/ports/event-intake.ts';
import { fieldErrors } from '../../vending/request/field-errors.ts';
import { type Order, parseOrder, writeOrder } from '../../vending/request/operation.ts';
import { orderOfEvent } from './event-order.ts';

/** What a message is about: an order of somebody's, or a hint that a secret of ours nears its end. */
export type Work =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'hint'; readonly event: KeyVaultEvent };

export type WorkRead =
  | {
      readonly kind: 'valid';
      readonly work: Work;
      /** Of an event that was taken in and not yet looked at; otherwise the envelope has it. */
      readonly key?: IdempotencyKey | undefined;
    }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

const event = { source: z.string(), id: z.string() };
const eventSchema = z.strictObject({
  event: z.discriminatedUnion('kind', [
    z.strictObject({
      ...event,
      kind: z.literal('command'),
      operation: z.enum(['vend', 'revoke', 'rotate']),
      data: z.unknown(),
    }),
    z.strictObject({
      ...event,
      kind: z.literal('key-vault'),
      event: z.enum(['near-expiry', 'expired']),
      vaultUrl: z.string(),
      secretName: z.string(),
      version: z.string(),
      expiresOn: z.number().exactOptional(),
    }),
  ]),
});

/** Of a delayed copy: an order, or an event as it was taken in. */
export function readWork(value: unknown): WorkRead {
  if (typeof value !== 'object' || value === null || !('event' in value)) {
    const parsed = parseOrder(value);
    return parsed.kind === 'valid' ? { kind: 'valid', work: { kind: 'order', order: parsed.order } } : parsed;
  }
  const parsed = eventSchema.safeParse(value);
  if (!parsed.success) return { kind: 'invalid', errors: fieldErrors(parsed.error.issues) };
  const taken = parsed.data.event;
  return taken.kind === 'command'
    ? commanded({ ...taken, data: taken.data })
    : { kind: 'valid', work: { kind: 'hint', event: taken } };
}

function commanded(taken: CommandEvent): WorkRead {
  const read = orderOfEvent(taken);
  return read.kind === 'valid' ? { kind: 'valid', work: { kind: 'order', order: read.order }, key: read.key } : read;
}

export const writeWork = (work: Work): unknown =>
  work.kind === 'hint' ? writeEvent(work.event) : writeOrder(work.order);

export const writeEvent = (taken: ActionableEvent): unknown => ({ event: taken });
